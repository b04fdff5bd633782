"""Fields of what helmCharts make are led back to the chart's templates and to the values given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portside.model.place import FieldPath
from portside.render.kustomize_origins import KustomizeOrigins
from portside.render.layers import ABSENT, at
from portside.render.marks import documents
from portside.render.origins import EXACT, Origin
from portside.render.process import Program
from portside.render.wire import KustomizeRequest
from portside.syntax import Document
from tests.render.trees import write

TEMPLATE_TEXT = """\
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-web
  namespace: {{ .Release.Namespace }}
spec:
  hostNetwork: false
  containers:
    - name: main
      image: {{ .Values.image }}
      {{- with .Values.securityContext }}
      securityContext:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      workingDir: {{ .Values.mode | quote }}
"""
CHART = {
    "app/charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "app/charts/web/values.yaml": "image: web:1\nmode: slow\nsecurityContext: {}\n",
    "app/charts/web/templates/pod.yaml": TEMPLATE_TEXT,
}
ENTRY = """\
namespace: shop
helmCharts:
  - name: web
    releaseName: r
    valuesFile: given.yaml
    valuesInline:
      mode: fast
"""


class Build:
    """A kustomization in `app` that inflates the chart beside it."""

    def __init__(self, program: Program, folder: Path, text: str = ENTRY, **more: str) -> None:
        given = {"app/given.yaml": "image: web:2\nmode: slower\n"}
        write(folder, {**CHART, **given, "app/kustomization.yaml": text, **more})
        self.folder = folder
        self.program = program
        self.request = KustomizeRequest(str(folder / "app"), str(folder))
        plain = program.kustomize(self.request)
        assert plain.error is None, plain.error
        self.origins = KustomizeOrigins(self.request, plain, program, "repo")

    def value(self) -> Any:
        rendered = self.program.kustomize(self.request)
        assert rendered.error is None, rendered.error
        (found,) = documents(rendered.files[0].text)
        assert isinstance(found, Document)
        return found.value

    def of(self, *path: str | int) -> Origin:
        return self.origins.of(0, 0, path)

    def place(self, *path: str | int) -> tuple[str, int, str]:
        found = self.of(*path)
        return found.file, found.line, found.confidence

    def edited(self, path: FieldPath, before: str, after: str) -> Any:
        """The field, once the line that the origin names reads otherwise."""
        found = self.of(*path)
        file = self.folder / found.file.removeprefix("repo/")
        lines = file.read_text().split("\n")
        assert before in lines[found.line - 1], lines[found.line - 1]
        lines[found.line - 1] = lines[found.line - 1].replace(before, after)
        file.write_text("\n".join(lines))
        return at(self.value(), path)


IMAGE = ("spec", "containers", 0, "image")
MODE = ("spec", "containers", 0, "workingDir")


@pytest.fixture
def program(render_program: Path) -> Program:
    return Program(str(render_program))


def test_a_field_of_the_template_is_led_to_its_line(program: Program, tmp_path: Path) -> None:
    build = Build(program, tmp_path)
    path = ("spec", "hostNetwork")
    assert build.place(*path) == ("repo/app/charts/web/templates/pod.yaml", 7, EXACT)
    assert build.edited(path, "false", "true") is True


def test_a_value_of_the_kustomization_is_led_to_its_key(program: Program, tmp_path: Path) -> None:
    build = Build(program, tmp_path)
    assert build.place(*MODE) == ("repo/app/kustomization.yaml", 7, EXACT)
    origin = build.of(*MODE)
    assert [(it.role, it.file, it.line) for it in origin.chain] == [
        ("template", "repo/app/charts/web/templates/pod.yaml", 15),
        ("values", "repo/app/kustomization.yaml", 7),
    ]
    assert origin.way is not None
    assert origin.way.path == ("helmCharts", 0, "valuesInline", "mode")
    assert build.edited(MODE, "fast", "faster") == "faster"


def test_a_value_of_a_file_is_led_to_the_file(program: Program, tmp_path: Path) -> None:
    build = Build(program, tmp_path)
    assert build.place(*IMAGE) == ("repo/app/given.yaml", 1, EXACT)
    assert build.edited(IMAGE, "web:2", "web:3") == "web:3"


def test_values_that_are_merged_in_another_order_are_led_to_those_that_win(
    program: Program, tmp_path: Path
) -> None:
    merged = ENTRY + "    valuesMerge: merge\n"
    build = Build(program, tmp_path, merged)
    assert at(build.value(), MODE) == "slower"
    assert build.place(*MODE) == ("repo/app/given.yaml", 2, EXACT)
    assert build.edited(MODE, "slower", "slowest") == "slowest"


def test_the_last_of_additional_files_wins(program: Program, tmp_path: Path) -> None:
    more = ENTRY + "    additionalValuesFiles: [more.yaml]\n"
    build = Build(program, tmp_path, more, **{"app/more.yaml": "\nmode: fastest\n"})
    assert build.place(*MODE) == ("repo/app/more.yaml", 2, EXACT)
    assert build.edited(MODE, "fastest", "more") == "more"


def test_an_absent_field_is_put_where_the_chart_takes_it(program: Program, tmp_path: Path) -> None:
    build = Build(program, tmp_path)
    path = ("spec", "containers", 0, "securityContext", "runAsNonRoot")
    assert at(build.value(), path) is ABSENT
    origin = build.of(*path)
    assert origin.file == "repo/app/charts/web/values.yaml"
    assert origin.confidence == EXACT
    assert build.edited(path, "{}", "{runAsNonRoot: true}") is True


def test_what_the_kustomization_does_afterwards_comes_before_the_chart(
    program: Program, tmp_path: Path
) -> None:
    patched = (
        ENTRY + "namePrefix: my-\nimages: [{name: web, newTag: '9'}]\npatches: [{path: p.yaml}]\n"
    )
    patch = "apiVersion: v1\nkind: Pod\nmetadata: {name: r-web, namespace: shop}\n"
    patch += "spec: {hostNetwork: true}\n"
    build = Build(program, tmp_path, patched, **{"app/p.yaml": patch})
    assert at(build.value(), ("metadata", "name")) == "my-r-web"
    assert build.place("spec", "hostNetwork") == ("repo/app/p.yaml", 4, EXACT)
    assert build.place(*IMAGE)[:2] == ("repo/app/kustomization.yaml", 9)
    assert build.place(*MODE) == ("repo/app/kustomization.yaml", 7, EXACT)


def test_of_several_charts_each_field_is_of_its_own(program: Program, tmp_path: Path) -> None:
    two = ENTRY + "  - name: web\n    releaseName: s\n    valuesInline: {image: 'other:1'}\n"
    build = Build(program, tmp_path, two)
    assert build.origins.of(0, 0, IMAGE).file == "repo/app/given.yaml"
    second = build.origins.of(0, 1, IMAGE)
    assert (second.file, second.line) == ("repo/app/kustomization.yaml", 10)


def test_what_lies_in_a_base_is_led_there(program: Program, tmp_path: Path) -> None:
    over = {"over/kustomization.yaml": "resources: [../app]\nnameSuffix: -x\n"}
    Build(program, tmp_path, **over)
    request = KustomizeRequest(str(tmp_path / "over"), str(tmp_path))
    origins = KustomizeOrigins(request, program.kustomize(request), program, "repo")
    found = origins.of(0, 0, MODE)
    assert (found.file, found.line, found.confidence) == ("repo/app/kustomization.yaml", 7, EXACT)
