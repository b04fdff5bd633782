"""What we render is, byte for byte, what `helm template` of the same version writes."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from portside.render.process import Program
from portside.render.wire import MISSING, HelmRequest, Rendered, RenderError, Setting, ValuesFile
from tests.render import write
from tests.render.charts import FILES, SETS
from tests.shared import shared

_SEED = int(os.environ.get("PORTSIDE_SEED", "5"))
_ROUNDS = 6 * int(os.environ.get("PORTSIDE_FUZZ", "1"))


def _output(rendered: Rendered) -> str:
    """What `helm template` would print."""
    manifests = [file for file in rendered.files if file.kind in ("template", "crd")]
    hooks = [file for file in rendered.files if file.kind in ("hook", "test")]
    assert [*manifests, *hooks] == list(rendered.files)
    return "".join(f"---\n# Source: {file.name}\n{file.text}" for file in rendered.files)


def _helm(helm: Path, request: HelmRequest, home: Path) -> tuple[int, str, str]:
    command = [str(helm), "template", request.release, request.chart, "-n", request.namespace]
    command += ["--kube-version", request.kubernetes_version] if request.kubernetes_version else []
    for number, values in enumerate(request.values):
        if not isinstance(values, ValuesFile):
            text = values if isinstance(values, str) else values.text
            (home / f"{number}.yaml").write_text(text)
            values = ValuesFile(str(home / f"{number}.yaml"))
        command += ["-f", values.path]
    for one in request.sets:
        setting = Setting(one) if isinstance(one, str) else one
        command += [f"--{setting.how}", setting.text]
    command += ["--include-crds"] if request.include_crds else []
    command += ["--skip-tests"] if request.skip_tests else []
    environment = {"HOME": str(home), "PATH": ""}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    return done.returncode, done.stdout, done.stderr


def _same(program: Program, helm: Path, request: HelmRequest, home: Path) -> Rendered:
    ours = program.helm(request)
    code, out, err = _helm(helm, request, home)
    if ours.error:
        assert code, f"helm renders, and we say {ours.error}"
        assert _shares_words(ours.error, err)
        return ours
    assert code == 0, f"we render, and helm says {err}"
    if not ours.generated:
        assert _output(ours) == out
    return ours


def _bare(text: str) -> str:
    return " ".join(text.split())


def _shares_words(error: RenderError, err: str) -> bool:
    """Whether a clause of ours is one of helm's; who finds no Chart.yaml has words of its own."""
    clauses = (_bare(clause)[:60] for clause in error.message.split(": "))
    return error.kind == MISSING or any(len(one) > 9 and one in _bare(err) for one in clauses)


@pytest.fixture(scope="session")
def whole_chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "main"
    write(folder, FILES)
    return folder


_REFUSED = (
    "sub=1",
    "template={{ .Values.ports }",
    'template={{ fail "asked for" }}',
    "list[70000]=1",
    "table.a=text table.a.b=2",
    "nothing.at=3",
)


@pytest.mark.parametrize("sets", SETS, ids=lambda sets: " ".join(sets) or "default")
def test_a_chart_that_uses_everything_is_rendered_as_by_helm(
    rendering: Program, real_helm: Path, whole_chart: Path, tmp_path: Path, sets: tuple[str, ...]
) -> None:
    request = HelmRequest(str(whole_chart), "rel", "ns", sets=sets)
    ours = _same(rendering, real_helm, request, tmp_path)
    assert (ours.error is None) == (" ".join(sets) not in _REFUSED)
    assert ours.error or ours.lookups
    assert ours.error or "skipping unknown hooks hookTypes=crd-install" in ours.warnings


@pytest.mark.parametrize(
    "changed",
    [
        {"include_crds": True},
        {"skip_tests": True},
        {"kubernetes_version": "1.31.4"},
        {"kubernetes_version": "v1.33.4-gke.1245000"},
        {"kubernetes_version": "1.19.0"},
        {"kubernetes_version": "nonsense"},
        {"release": "Not_A_Name"},
        {"values": ("ports: 3\nglobal: {deep: {c: 1}}\n", "ports: 1\ntable: null\n")},
        {"values": ("ports: 3\n---\nports: 4\n",)},
        {"values": ("ports: [",)},
        {"values": ("- a list\n",)},
        {"sets": (Setting("ports=1", "set-string"), Setting('table={"z": [1]}', "set-json"))},
        {"sets": (Setting('{"ports": 1, "table": {"q": 2}}', "set-json"), "ports=2")},
        {"sets": (Setting("template=a,b=c", "set-literal"),)},
        {"sets": (Setting("table={", "set-json"),)},
    ],
    ids=repr,
)
def test_every_option_means_what_it_means_to_helm(
    rendering: Program,
    real_helm: Path,
    whole_chart: Path,
    tmp_path: Path,
    changed: Mapping[str, Any],
) -> None:
    request = HelmRequest(str(whole_chart), "rel", "ns")._replace(**changed)
    _same(rendering, real_helm, request, tmp_path)


def test_warnings_are_those_of_helm(
    rendering: Program, real_helm: Path, whole_chart: Path, tmp_path: Path
) -> None:
    request = HelmRequest(str(whole_chart), sets=("table=1", "global=2", "off.enabled=perhaps"))
    ours = rendering.helm(request)
    _, _, said = _helm(real_helm, request, tmp_path)
    for warning in ours.warnings:
        if "unknown hooks" not in warning:
            assert _bare(warning).split("=")[0].rsplit(" ", 1)[0] in _bare(said)
    assert any("is not a table" in warning for warning in ours.warnings)
    assert any("non-bool value" in warning for warning in ours.warnings)


_SCHEMA = '{"type": "object", "properties": {"ports": {"type": "integer", "minimum": 1}}}'
_BROKEN: dict[str, tuple[dict[str, str | None], str, str]] = {
    "a schema that refuses": ({"values.schema.json": _SCHEMA}, "schema", "values.schema.json"),
    "a missing dependency": ({"charts/lib/Chart.yaml": None}, "dependency", "Chart.yaml"),
    "no Chart.yaml": ({"Chart.yaml": None}, "missing", "Chart.yaml"),
    "a broken Chart.yaml": ({"Chart.yaml": "name: ["}, "syntax", "Chart.yaml"),
    "a chart without a version": (
        {"Chart.yaml": "apiVersion: v2\nname: x\n"},
        "syntax",
        "Chart.yaml",
    ),
    "broken values": ({"values.yaml": "a: 1\nb: [\n"}, "syntax", "values.yaml"),
    "broken values of a sub-chart": (
        {"charts/sub/values.yaml": "a: {"},
        "syntax",
        "charts/sub/values.yaml",
    ),
    "an unclosed action": (
        {"templates/main.yaml": "a: {{ .Values"},
        "template",
        "templates/main.yaml",
    ),
    "no YAML": ({"templates/service.yaml": "a: b: c"}, "template", "templates/service.yaml"),
    "a function that is none": (
        {"charts/sub/templates/config.yaml": "\na: {{ nope }}"},
        "template",
        "charts/sub/templates/config.yaml",
    ),
    "a chart of a version to come": (
        {"Chart.yaml": "apiVersion: v3\nname: x\nversion: 1.0.0\n"},
        "refused",
        "Chart.yaml",
    ),
    "a library chart": (
        {"Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\ntype: library\n"},
        "refused",
        "Chart.yaml",
    ),
}


@pytest.mark.parametrize("name", _BROKEN)
def test_what_helm_refuses_is_refused_with_its_file(
    rendering: Program, real_helm: Path, tmp_path: Path, name: str
) -> None:
    changes, kind, file = _BROKEN[name]
    files: dict[str, str | None] = {**FILES, **changes}
    if changes.get("charts/lib/Chart.yaml", "") is None:
        files = {path: text for path, text in files.items() if not path.startswith("charts/lib")}
    if name == "a chart of a version to come":  # Its sub-charts would be refused before it.
        files = {path: text for path, text in files.items() if not path.startswith("charts/")}
    write(tmp_path / "main", {path: text for path, text in files.items() if text is not None})
    request = HelmRequest(str(tmp_path / "main"), sets=("ports=0",))
    error = _same(rendering, real_helm, request, tmp_path).error
    assert error
    assert (error.kind, error.file) == (kind, file)
    if kind == "dependency":
        assert error.names == ("lib",)
    assert str(tmp_path) not in error.message


_CHARTS = (
    "GoogleCloudPlatform-microservices-demo__helm-chart",
    "bitnami-charts__bitnami__cert-manager",
    "bitnami-charts__bitnami__nginx",
    "kubernetes-ingress-nginx__charts__ingress-nginx",
)
_VALUES: tuple[Any, ...] = (
    True,
    False,
    None,
    0,
    3,
    "",
    "text",
    [],
    ["a"],
    {},
    {"a": "b"},
    "1",
    1.5,
)


def _paths(values: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if path:
        yield path
    if isinstance(values, dict):
        for key, value in values.items():
            yield from _paths(value, (*path, str(key)))


def _random_values(chance: random.Random, values: Any) -> str:
    changed: dict[str, Any] = {}
    paths = list(_paths(values))
    for path in chance.sample(paths, min(len(paths), chance.randint(1, 5))):
        inner: Any = changed
        for key in path[:-1]:
            inner = inner.setdefault(key, {})
            if not isinstance(inner, dict):
                break
        else:
            inner[path[-1]] = chance.choice(_VALUES)
    return yaml.safe_dump(changed)


@pytest.mark.parametrize("name", _CHARTS)
def test_random_values_are_rendered_as_by_helm(
    rendering: Program, real_helm: Path, tmp_path: Path, name: str
) -> None:
    chart = shared("corpora/helm-golden") / name / "chart"
    values = yaml.safe_load((chart / "values.yaml").read_text(encoding="utf-8"))
    for number in range(_ROUNDS):
        text = _random_values(random.Random(f"{_SEED} {name} {number}"), values)
        request = HelmRequest(str(chart), "rel", "demo", "1.34.0", values=(text,))
        _same(rendering, real_helm, request, tmp_path)
