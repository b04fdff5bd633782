"""Texts in place of files: rendered, named and led back to as if they were saved."""

from __future__ import annotations

from pathlib import Path

from portside.render.by_line import origins_of
from portside.render.process import Program
from portside.render.wire import HelmRequest, KustomizeRequest, Rendered, ValuesFile
from tests.render.trees import CHART, write

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: shop
spec:
  hostNetwork: {{ .Values.host }}
"""
WRITTEN = POD.replace("{{ .Values.host }}", "true")
HOST = ("spec", "hostNetwork")


def _chart(folder: Path) -> Path:
    files = {"Chart.yaml": CHART, "templates/pod.yaml": POD, "prod.yaml": "host: false\n"}
    write(folder, files)
    return folder


def _rendered(rendering: Program, request: HelmRequest) -> Rendered:
    return rendering.helm(request._replace(sources=True))


def test_a_file_of_values_holds_the_given_text_and_keeps_its_name(
    rendering: Program, tmp_path: Path
) -> None:
    file = _chart(tmp_path) / "prod.yaml"
    values = ValuesFile(str(file), "# not saved\nhost: true\n")
    request = HelmRequest(str(tmp_path), values=(values,))
    answer = _rendered(rendering, request)
    assert "hostNetwork: true" in answer.files[0].text
    names = {str(file): "shop/prod.yaml"}
    found = origins_of(request, answer, rendering, "shop", names).of(0, 0, HOST)
    assert (found.file, found.line, found.confidence) == ("shop/prod.yaml", 2, "exact")


def test_an_error_in_that_text_is_one_of_the_file(rendering: Program, tmp_path: Path) -> None:
    file = _chart(tmp_path) / "prod.yaml"
    answer = _rendered(
        rendering, HelmRequest(str(tmp_path), values=(ValuesFile(str(file), "a: [\n"),))
    )
    assert answer.error is not None
    assert answer.error.file == str(file)


def test_fields_of_a_build_are_led_back_to_the_given_text(
    rendering: Program, tmp_path: Path
) -> None:
    write(tmp_path, {"kustomization.yaml": "resources: [pod.yaml]\n", "pod.yaml": WRITTEN})
    moved = "# one\n# two\n" + WRITTEN
    request = KustomizeRequest(str(tmp_path), str(tmp_path), files={"pod.yaml": moved})
    answer = rendering.kustomize(request)
    found = origins_of(request, answer, rendering).of(0, 0, HOST)
    assert (found.file, found.line, found.confidence) == ("pod.yaml", 8, "exact")
