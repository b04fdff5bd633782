"""Only templates that are asked for carry markers, and all that those depend on is as it was."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from portside.render.helm_origins import HelmOrigins
from portside.render.involved import definitions, involved, without_part
from portside.render.origins import EXACT
from portside.render.process import Program
from portside.render.wire import HelmRequest, Rendered, Request
from tests.render.trees import CHART, write

HELPERS = '{{ define "shop.labels" }}\napp: shop\ntier: web\n{{- end }}\n'
MAP = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  labels: |
    {{- include "shop.labels" . | toYaml | nindent 4 }}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: shop
  annotations:
    checksum/settings: {{ include (print $.Template.BasePath "/settings.yaml") . | sha256sum }}
  labels: {{- include "shop.labels" . | nindent 4 }}
spec:
  hostNetwork: true
"""
FILES = {
    "Chart.yaml": CHART,
    "templates/_helpers.tpl": HELPERS,
    "templates/pod.yaml": POD,
    "templates/service.yaml": "apiVersion: v1\nkind: Service\nmetadata:\n  name: shop\n",
    "templates/settings.yaml": MAP,
}


class Recording:
    """A renderer that notes the templates that it was given in place of those on disk."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.begun: list[Mapping[str, str]] = []
        self.given: list[Mapping[str, str]] = []

    def begin(self, request: Request) -> None:
        assert isinstance(request, HelmRequest)
        self.begun.append(request.templates)
        self.program.begin(request)

    def helm(self, request: HelmRequest) -> Rendered:
        self.given.append(request.templates)
        return self.program.helm(request)


class Led:
    """The origins of a chart of these files, and what was rendered for them."""

    def __init__(self, program: Program, folder: Path, files: Mapping[str, str]) -> None:
        write(folder, dict(files))
        request = HelmRequest(str(folder), sources=True)
        self.plain = program.helm(request)
        assert self.plain.error is None, self.plain.error
        self.renders = Recording(program)
        self.origins = HelmOrigins(request, self.plain, self.renders)  # type: ignore[arg-type]

    def file(self, name: str) -> int:
        names = [it.name.partition("/templates/")[2] for it in self.plain.files]
        return names.index(name)

    def begin(self, *names: str) -> None:
        self.origins.begin([self.file(it) for it in names])

    def line(self, name: str, *path: str) -> tuple[int, str]:
        found = self.origins.of(self.file(name), 0, path)
        return found.chain[0].line, found.confidence


def marked(texts: Mapping[str, str]) -> set[str]:
    return {name.partition("/templates/")[2] for name, text in texts.items() if text}


@pytest.fixture
def led(rendering: Program, tmp_path: Path) -> Led:
    return Led(rendering, tmp_path, FILES)


def test_only_what_is_begun_and_what_it_includes_is_rendered_with_markers(led: Led) -> None:
    led.begin("pod.yaml")
    (texts,) = led.renders.begun
    assert marked(texts) == {"pod.yaml", "_helpers.tpl", "settings.yaml"}
    assert texts["shop/templates/service.yaml"] == ""
    assert led.line("pod.yaml", "spec", "hostNetwork") == (9, EXACT)
    assert led.renders.given == [texts]


def test_a_checksum_of_a_template_is_that_of_what_it_makes_without_markers(led: Led) -> None:
    led.begin("pod.yaml")
    assert led.line("pod.yaml", "metadata", "annotations", "checksum/settings") == (6, EXACT)
    assert len(led.renders.given) == 1


def test_what_was_not_begun_is_rendered_with_markers_when_it_is_asked(led: Led) -> None:
    led.begin("service.yaml")
    assert led.line("pod.yaml", "spec", "hostNetwork") == (9, EXACT)
    assert led.line("service.yaml", "kind") == (2, EXACT)
    assert led.line("settings.yaml", "metadata", "name") == (4, EXACT)
    assert len(led.renders.given) == 1


def test_what_is_begun_later_is_rendered_alone(led: Led) -> None:
    led.begin("service.yaml")
    assert led.line("service.yaml", "kind") == (2, EXACT)
    led.begin("service.yaml", "settings.yaml")
    assert led.line("settings.yaml", "kind") == (2, EXACT)
    assert [marked(it) for it in led.renders.given] == [
        {"service.yaml"},
        {"service.yaml", "settings.yaml", "_helpers.tpl"},
    ]
    led.begin("service.yaml")
    assert len(led.renders.begun) == 2


def test_what_a_text_of_the_values_includes_is_not_missing(
    rendering: Program, tmp_path: Path
) -> None:
    called = {
        "values.yaml": "text: '{{ include \"shop.labels\" . }}'\n"
        "path: '{{ include (print .Template.BasePath \"/service.yaml\") . | sha256sum }}'\n",
        "templates/called.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: called\n"
        "data:\n  a: {{ tpl .Values.text . | quote }}\n  b: {{ tpl .Values.path . }}\n",
    }
    led = Led(rendering, tmp_path, FILES | called)
    led.begin("called.yaml")
    assert led.line("called.yaml", "metadata", "name") == (4, EXACT)


ENGINE = '{{ define "engine" }}\nengine: %s\n{{- end }}\n'
HEAD = "apiVersion: v2\nname: {name}\nversion: 1.0.0\n"


def test_of_templates_of_one_name_the_one_is_led_to_that_helm_takes(
    rendering: Program, tmp_path: Path
) -> None:
    files = {"Chart.yaml": CHART}
    for name in ("alpha", "beta"):
        files[f"charts/{name}/Chart.yaml"] = HEAD.format(name=name)
        files[f"charts/{name}/templates/_engine.tpl"] = ENGINE % name
    files["templates/map.yaml"] = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: map\n"
        'data: {{- include "engine" . | nindent 2 }}\n'
    )
    led = Led(rendering, tmp_path, files)
    assert "engine: alpha" in led.plain.files[0].text
    found = led.origins.of(0, 0, ("data", "engine"))
    assert found.chain[0].file == "charts/alpha/templates/_engine.tpl"


@pytest.mark.parametrize(
    ("call", "part"),
    [
        ('include "a" .', {"a.tpl"}),
        ('template "a" .', {"a.tpl"}),
        ("include `a` .", {"a.tpl"}),
        ('include "none" .', set()),
        ('include (print $.Template.BasePath "/deep/c.yaml") .', {"deep/c.yaml"}),
        ('include "b" (dict "path" "/deep/c.yaml" "context" $)', {"b.tpl", "deep/c.yaml"}),
        ("include .Values.name .", {"a.tpl", "b.tpl", "deep/c.yaml", "d.yaml"}),
        ("include $name .", {"a.tpl", "b.tpl", "deep/c.yaml", "d.yaml"}),
        ('include (printf "%s" .Values.name) .', {"a.tpl", "b.tpl", "deep/c.yaml", "d.yaml"}),
        (
            'include (print .Template.BasePath "/deep" "/c.yaml") .',
            {"a.tpl", "b.tpl", "deep/c.yaml", "d.yaml"},
        ),
    ],
)
def test_what_has_a_part_is_found_by_names_and_paths(call: str, part: set[str]) -> None:
    below = {
        "a.tpl": '{{ define "a" }}{{ end }}',
        "b.tpl": '{{ define "b" }}{{ include (print .a.Template.BasePath .path) . }}{{ end }}',
        "deep/c.yaml": "c: 1",
        "d.yaml": "d: 1",
        "map.yaml": f"a: {{{{ {call} }}}}",
    }
    sources = {f"shop/templates/{name}": text for name, text in below.items()}
    found = involved(sources, {"shop/templates/map.yaml"})
    assert {it.removeprefix("shop/templates/") for it in found} == part | {"map.yaml"}
    for name in without_part(sources, found):
        assert name not in found
        assert name not in definitions(sources).values()
