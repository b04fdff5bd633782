"""Findings of a scan carry the place to edit, by the line of rendered text they were made on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from portside.render.by_line import ByLine, origins_of
from portside.render.process import Program
from portside.render.wire import HelmRequest, KustomizeRequest
from tests.render.trees import CHART, write
from tests.scanning import portside

LIST = """\
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: a}
    data:
      key: {{ .Values.a }}
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: b}
    data:
      key: {{ .Values.b }}
"""


def test_items_of_lists_are_found_by_their_lines(rendering: Program, tmp_path: Path) -> None:
    files = {"Chart.yaml": CHART, "values.yaml": "a: x\nb: y\n", "templates/list.yaml": LIST}
    write(tmp_path, files)
    request = HelmRequest(str(tmp_path))
    answer = rendering.helm(request)
    assert answer.error is None
    by_line = ByLine(origins_of(request, answer, rendering, "chart"), answer, [1])
    shift = answer.files[0].text.split("\n").index("kind: List") - 1
    for line, place in ((7, 1), (12, 2)):
        found = by_line.of(1 + shift + line, ("data", "key"))
        assert (found.file, found.line) == ("chart/values.yaml", place)


def test_the_second_file_begins_where_the_first_ends(rendering: Program, tmp_path: Path) -> None:
    map_ = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: X}\ndata:\n  key: X\n"
    write(tmp_path, {
        "Chart.yaml": CHART,
        "templates/a.yaml": map_.replace("X", "a"),
        "templates/b.yaml": map_.replace("X", "b"),
    })  # fmt: skip
    request = HelmRequest(str(tmp_path))
    answer = rendering.helm(request)
    lengths = [it.text.rstrip("\n").count("\n") + 2 for it in answer.files]
    by_line = ByLine(origins_of(request, answer, rendering), answer, [1, 1 + lengths[0]])
    assert by_line.of(2, ("data", "key")).file == "templates/a.yaml"
    assert by_line.of(lengths[0], ("data", "key")).file == "templates/a.yaml"
    assert by_line.of(2 + lengths[0], ("data", "key")).file == "templates/b.yaml"


def test_a_build_is_asked_the_same_way(rendering: Program, tmp_path: Path) -> None:
    write(tmp_path, {
        "base/kustomization.yaml": "resources: [map.yaml]\n",
        "base/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata: {key: x}\n",
        "prod/kustomization.yaml": "resources: [../base]\n",
    })  # fmt: skip
    request = KustomizeRequest(str(tmp_path / "prod"), str(tmp_path))
    answer = rendering.kustomize(request)
    by_line = ByLine(origins_of(request, answer, rendering, "k8s"), answer, [1])
    found = by_line.of(3, ("data", "key"))
    assert (found.file, found.line, found.column) == ("k8s/base/map.yaml", 5, 8)


POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: shop
spec:
  containers:
    - name: web
      image: registry.example.org/web:2.1
      securityContext:
        {{- toYaml .Values.context | nindent 8 }}
"""


def test_a_scan_names_the_value_to_edit(
    render_program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "portside-render").symlink_to(render_program)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    folder = tmp_path / "tree"
    folder.mkdir()
    values = "# of the web\ncontext:\n  privileged: true\n"
    write(folder, {
        "shop/Chart.yaml": CHART, "shop/values.yaml": values, "shop/templates/pod.yaml": POD,
    })  # fmt: skip
    found = portside(folder, "scan", "shop", "-o", "json").of("privileged-container")
    assert [(it["file"], it["line"]) for it in found] == [("shop/values.yaml", 3)]
    assert found[0]["confidence"] == "exact"
    assert [it["role"] for it in found[0]["chain"]] == ["template", "default"]
