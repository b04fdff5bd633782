"""Every fix of the catalogue that may be safe, through a template of a chart."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from portside.engine.across import judge_across
from portside.fixes.rendered import RenderMender
from portside.fixes.renders import Renders
from portside.model.mending import FIXED, Outcome
from portside.model.reading import Target
from portside.policy import builtin
from portside.policy.rule import USUAL_FILE, Example, Rule
from portside.render.classes import MENDED_BY_OBJECTS
from portside.render.replaced import is_part
from portside.render.wire import HelmRequest
from portside.sources.folders import Chart
from portside.syntax import DEFAULT, Document, read
from tests.render.trees import CHART, write
from tests.rules.asking import rules
from tests.rules.fixing import plan_for

SAFE = [
    pytest.param(rule, it, id=f"{rule.id}: {it.title}")
    for rule in rules()
    for it in rule.examples
    if rule.mends in ("safe", "conditional")
    and it.fixed
    and it.file == USUAL_FILE
    and "apiVersion:" in it.manifest
    and rule.id not in MENDED_BY_OBJECTS
]


@pytest.fixture(autouse=True)
def _with_renderer(render_program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{render_program.parent}{os.pathsep}{os.environ['PATH']}")


def mended(folder: Path, rule: Rule, example: Example) -> tuple[str, list[Outcome]]:
    """The template with the example's text once it is mended, and what became of the findings."""
    plan = plan_for(rule, example)
    request = HelmRequest(str(folder), release=folder.name, namespace=folder.name)
    head = Chart(str(folder)).head(folder.name, folder.name, str(folder))
    assert head.root is not None
    renders = Renders([Target(head.root, head, request)], plan, builtin.fixes(), DEFAULT)
    whole = not example.part
    (said,) = judge_across([renders.of(0).result], plan, lambda it, _: it.place, whole=whole)
    wanted = [it for it in said.findings if it.mends and not it.covered_by]
    proposals, refused = renders.proposals(wanted)
    texts = {name: Path(path).read_bytes() for name, path in renders.paths.items()}
    assert all(is_part(it, frozenset({str(folder.resolve())})) for it in renders.paths.values())
    fix, outcomes = RenderMender(renders, texts, plan, DEFAULT).mended(proposals)
    name = next(iter(texts), "")
    return fix.after[name].decode() if name else "", [*refused, *outcomes]


def values(text: str) -> list[Any]:
    return [it.value for it in read(text.encode()) if isinstance(it, Document)]


@pytest.mark.parametrize(("rule", "example"), SAFE)
def test_a_template_becomes_what_a_manifest_becomes(
    tmp_path: Path, rule: Rule, example: Example
) -> None:
    folder = tmp_path / "shop"
    write(folder, {"Chart.yaml": CHART, "templates/a.yaml": example.manifest})
    text, outcomes = mended(folder, rule, example)
    assert [(it.state, it.reason) for it in outcomes if it.state != FIXED] == []
    assert values(text) == values(example.fixed)
