"""What stage A does while something is rendered: files first, then what objects will take."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from portside.cli import rendering
from portside.cli.stage_a import StageA, judge_all
from portside.engine.plan import Plan
from portside.model.finding import JUDGED, RENDERED, FileFate, FileResult
from portside.model.reading import ReadFile, Root, Target
from portside.policy import builtin
from portside.render.wire import HelmRequest
from portside.sources.walk import Found
from portside.syntax import DEFAULT


class Busy:
    """A renderer that is at work for as long as it is asked so many times."""

    def __init__(self, times: int) -> None:
        self.times = times

    def is_busy(self) -> bool:
        self.times -= 1
        return self.times >= 0


def plan() -> Plan:
    return Plan(builtin.rules(), builtin.checks, 37)


@pytest.mark.parametrize("times", [0, 1, 2, 100])
def test_files_are_judged_while_a_target_is_rendered_and_each_once(
    times: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = FileResult(FileFate("chart", RENDERED, 1, ""), (), (), (), (), ())

    def judge_target(target: Target, stage: StageA) -> Generator[Any, None, Any]:
        yield Busy(times)
        return b"", made

    monkeypatch.setattr(rendering, "judge_target", judge_target)
    files = [tmp_path / f"{it}.yaml" for it in "ab"]
    for it in files:
        it.write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    root = Root("helm", str(tmp_path), "chart", "chart", str(tmp_path))
    head = ReadFile(made.fate, root=root)
    target = Target(root, head, HelmRequest(str(tmp_path)))
    found = [Found(str(it), it.name, given=False) for it in files]
    results = judge_all([found[0], target, found[1]], plan(), DEFAULT)
    assert [it.fate.fate for it in results] == [JUDGED, RENDERED, JUDGED]
    assert results[1] is made


def test_the_commonest_kinds_are_prepared_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = StageA(plan(), DEFAULT)
    asked: list[tuple[str, str, bool]] = []
    of = Plan.of

    def noted(plan: Plan, group: str, kind: str, bears_pods: bool) -> Any:
        asked.append((group, kind, bears_pods))
        return of(plan, group, kind, bears_pods)

    monkeypatch.setattr(Plan, "of", noted)
    assert stage.prepared()
    assert asked == [("apps", "Deployment", True)]
    while stage.prepared():
        pass
    assert ("", "Service", False) in asked
    assert len(asked) == len(set(asked))
    assert not stage.prepared()
