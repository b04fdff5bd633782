"""What we render is what helm and kustomize rendered, on charts and overlays of others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from portside.render.process import Program
from portside.render.wire import HelmRequest, KustomizeRequest, ValuesFile
from tests.shared import SHARED, shared

_CORPORA = SHARED / "corpora"


def _cases(name: str) -> list[dict[str, Any]]:
    path = _CORPORA / name
    if not path.exists():
        return []
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _documents(text: str) -> list[str]:
    found = yaml.load_all(text, Loader=yaml.CSafeLoader)
    return sorted(json.dumps(one, sort_keys=True, default=str) for one in found if one)


_CHARTS = _cases("helm-golden/index.json")


@pytest.mark.parametrize("case", _CHARTS, ids=lambda case: f"{case['name']}-{case['values']}")
def test_charts_are_rendered_as_helm_rendered_them(
    rendering: Program, case: dict[str, Any]
) -> None:
    folder = shared("corpora/helm-golden") / case["chart"]
    values = tuple(ValuesFile(str(folder / name)) for name in case["values_file"])
    request = HelmRequest(str(folder / "chart"), "rel", "demo", "1.34.0", values=values)
    rendered = rendering.helm(request)
    assert rendered.error is None
    assert rendering.helm(request) == rendered
    expected = (folder / f"expected.{case['values']}.yaml").read_text(encoding="utf-8")
    made = _documents("\n---\n".join(file.text for file in rendered.files))
    if case["deterministic"]:
        assert made == _documents(expected)
    else:
        assert len(made) == len(_documents(expected))
        assert rendered.generated


def _overlays() -> list[Path]:
    return sorted((_CORPORA / "kustomize-golden").glob("*.yaml"))


@pytest.mark.parametrize("expected", _overlays(), ids=lambda path: path.stem)
def test_overlays_are_built_as_kustomize_built_them(rendering: Program, expected: Path) -> None:
    repository, _, rest = expected.stem.partition("__")
    root = expected.parent / "inputs"
    folder = root / repository.replace("GoogleCloudPlatform-", "GoogleCloudPlatform+")
    rendered = rendering.kustomize(
        KustomizeRequest(str(folder / rest.replace("__", "/")), str(root))
    )
    assert rendered.error is None
    assert rendered.files[0].text == expected.read_text(encoding="utf-8")


_KRUSTY = _cases("kustomize-krusty/cases.json")


@pytest.mark.parametrize("case", _KRUSTY, ids=lambda case: case["test"])
def test_cases_of_kustomize_itself_are_built_or_refused_as_there(
    rendering: Program, tmp_path: Path, case: dict[str, Any]
) -> None:
    for name, text in case["files"].items():
        path = tmp_path / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    target = tmp_path / case["target"].lstrip("/")
    rendered = rendering.kustomize(KustomizeRequest(str(target), str(tmp_path)))
    if case.get("expect_error"):
        assert rendered.error
        assert (case["error_substring"] or "") in rendered.error.message
        assert not rendered.files
        return
    assert rendered.error is None
    assert _documents(rendered.files[0].text) == _documents(case["expected"])


def test_the_shared_goldens_are_all_there() -> None:
    if not _CORPORA.exists():
        pytest.skip("the shared inputs are not beside the project")
    assert (len(_CHARTS), len(_overlays()), len(_KRUSTY)) == (12, 7, 59)
