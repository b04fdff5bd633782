"""Fields of rendered charts are led back to templates and values, and the places are true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.provenance_cases import ChartCase
from portside.model.place import FieldPath, dotted
from portside.render.layers import ABSENT, at
from portside.render.marks import documents
from portside.render.origins import EXACT, GUESS, TEMPLATE, Origin
from portside.render.process import Program
from portside.render.wire import HelmRequest, Rendered, ValuesFile
from portside.syntax import Document
from tests.render.trees import CHART, write

HEAD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: shop\nspec:\n"
SPEC_LINE = HEAD.count("\n")


class Charts:
    """A chart whose one template is a Pod with the given lines of its spec."""

    def __init__(
        self, program: Program, folder: Path, spec: str, values: str = "", **more: str
    ) -> None:
        files = {"Chart.yaml": CHART, "values.yaml": values, "templates/pod.yaml": HEAD + spec}
        names = {it: it.replace("__", "/").replace("_yaml", ".yaml") for it in more}
        files |= {names[it]: text for it, text in more.items() if it != "helpers"}
        if "helpers" in more:
            files["templates/_helpers.tpl"] = more["helpers"]
        write(folder, files)
        given = (ValuesFile(str(folder / "prod.yaml")),) if "prod_yaml" in more else ()
        self.case = ChartCase("shop", HelmRequest(str(folder), values=given), program)
        assert self.case.plain.error is None, self.case.plain.error

    def of(self, path: FieldPath) -> Origin:
        return self.case.origins.of(0, 0, ("spec", *path))

    def value(self, path: FieldPath, rendered: Rendered | None = None) -> Any:
        rendered = rendered or self.case.plain
        assert rendered.error is None, rendered.error
        first = documents(rendered.files[0].text)[0]
        assert isinstance(first, Document)
        return at(first.value, ("spec", *path))

    def led(self, path: FieldPath, other: Any = "other") -> tuple[str, int, str]:
        """File, line and key of an exact origin, after an edit there has changed the field."""
        origin = self.of(path)
        assert origin.confidence == EXACT, origin
        assert origin.way is not None
        for step in reversed(origin.way.missing[1:] if origin.way.how != "set" else ()):
            other = {step: other}
        before = self.value(path)
        after = self.value(path, self.case.edited(origin.way, other))
        assert after != before
        assert after is not ABSENT
        key = origin.chain[-1].what if origin.way.how == "set" else ""
        return origin.file, origin.line, key


POD = "templates/pod.yaml"


@pytest.mark.parametrize(
    ("spec", "values", "path", "line", "key"),
    [
        ("  host: {{ .Values.a.b }}\n", "a:\n  b: x\n", "host", 2, "a.b"),
        ("  host: {{ $.Values.a.b | quote }}\n", "a:\n  b: x\n", "host", 2, "a.b"),
        ("  host: x-{{ .Values.name }}-y\n", "a: 1\nname: shop\n", "host", 2, "name"),
        (
            "  {{- with .Values.a }}\n  host: {{ .b }}\n  {{- end }}\n",
            "a:\n  b: x\n", "host", 2, "a.b",
        ),
        (
            "  {{- with .Values.a }}\n  {{- with .b }}\n  host: {{ .c }}\n  {{- end }}\n"
            "  {{- end }}\n",
            "a:\n  b:\n    c: x\n", "host", 3, "a.b.c",
        ),
        (
            "  {{- if .Values.no }}\n  {{- else with .Values.a }}\n  host: {{ .b }}\n"
            "  {{- end }}\n".replace("else with", "else }}{{ with") .replace(
                "  {{- end }}\n", "  {{- end }}\n  {{- end }}\n"),
            "a:\n  b: x\n", "host", 2, "a.b",
        ),
        ("  {{- $x := .Values.a }}\n  host: {{ $x.b }}\n", "a:\n  b: x\n", "host", 2, "a.b"),
        ("  host: {{ default \"y\" .Values.a }}\n", "b: 1\na: x\n", "host", 2, "a"),
        ("  host: {{ .Values.none | default .Values.a }}\n", "b: 1\na: x\n", "host", 2, "a"),
        ("  host: {{ coalesce .Values.none .Values.a }}\n", "b: 1\na: x\n", "host", 2, "a"),
        ("  host: {{ index .Values.a \"b\" }}\n", "a:\n  b: x\n", "host", 2, "a.b"),
        ("  host: {{ get .Values.a \"b\" }}\n", "a:\n  b: x\n", "host", 2, "a.b"),
        ("  host: {{ dig \"b\" \"y\" .Values.a }}\n", "a:\n  b: x\n", "host", 2, "a.b"),
        ("  host: {{ tpl .Values.a . }}\n", "b: 1\na: x\n", "host", 2, "a"),
        ("  host: {{ required \"no a\" .Values.a }}\n", "b: 1\na: x\n", "host", 2, "a"),
        ("  host: {{ (.Values.a).b | upper }}\n", "a:\n  b: X1\n", "host", 2, "a.b"),
        ("  host:\n    {{- toYaml .Values.a | nindent 4 }}\n", "a:\n  b: x\n", "host.b", 2, "a.b"),
        ("  host: {{- toYaml .Values.a | nindent 4 }}\n", "a:\n  b: x\n", "host.b", 2, "a.b"),
        ("  host:\n{{ toYaml .Values.a | indent 4 }}\n", "a:\n  b: x\n", "host.b", 2, "a.b"),
        (
            "  {{- with .Values.a }}\n  host:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}\n",
            "a:\n  b:\n    c: x\n", "host.b.c", 3, "a.b.c",
        ),
        (
            "  {{- range $k, $v := .Values.a }}\n  {{ $k }}: {{ $v }}\n  {{- end }}\n",
            "a:\n  b: x\n  c: y\n", "c", 3, "a.c",
        ),
    ],
)  # fmt: skip
def test_a_field_is_led_back_to_the_key_that_fed_it(  # noqa: PLR0913, PLR0917 - a table
    rendering: Program, tmp_path: Path, spec: str, values: str, path: str, line: int, key: str
) -> None:
    chart = Charts(rendering, tmp_path, spec, values)
    assert chart.led(tuple(path.split("."))) == ("values.yaml", line, key)


def test_items_of_lists_are_led_back_by_their_values(rendering: Program, tmp_path: Path) -> None:
    chart = Charts(
        rendering, tmp_path,
        "  env:\n    - own\n    {{- toYaml .Values.env | nindent 4 }}\n"
        "  hosts:\n    {{- range .Values.hosts }}\n    - name: {{ .name }}\n    {{- end }}\n",
        "env:\n  - a\n  - b\nhosts:\n  - name: x\n  - name: y\n",
    )  # fmt: skip
    assert chart.led(("env", 2)) == ("values.yaml", 3, "env[1]")
    assert chart.led(("hosts", 1, "name")) == ("values.yaml", 6, "hosts[1].name")
    assert chart.led(("env", 0)) == (POD, SPEC_LINE + 2, "")


def test_what_a_template_is_given_leads_through_it(rendering: Program, tmp_path: Path) -> None:
    helpers = (
        '{{- define "image" -}}\n{{- $tag := .image.tag | default .chart.AppVersion -}}\n'
        "image: {{ .image.name }}:{{ $tag }}\n{{- end }}\n"
        '{{- define "render" -}}\n{{- $v := ternary .value (.value | toYaml) (kindIs "string" '
        '.value) }}\n{{- if contains "{{" (toJson .value) }}\n{{- tpl $v .context }}\n'
        "{{- else }}\n{{- $v }}\n{{- end }}\n{{- end }}\n"
        '{{- define "name" }}{{ .Values.name }}{{ end }}\n'
    )
    chart = Charts(
        rendering, tmp_path,
        '  {{- include "image" (dict "image" .Values.web "chart" .Chart) | nindent 2 }}\n'
        '  labels:\n    {{- include "render" (dict "value" .Values.labels "context" $) '
        "| nindent 4 }}"
        '\n  host: {{ include "name" . }}\n',
        "web:\n  name: shop\n  tag: v1\nlabels:\n  a: b\nname: who\n",
        helpers=helpers,
    )  # fmt: skip
    assert chart.led(("image",)) == ("values.yaml", 3, "web.tag")
    assert chart.led(("labels", "a")) == ("values.yaml", 5, "labels.a")
    assert chart.led(("host",)) == ("values.yaml", 6, "name")
    chain = chart.of(("image",)).chain
    assert [(it.role, it.file, it.line) for it in chain] == [
        ("helper", "templates/_helpers.tpl", 3),
        ("template", POD, SPEC_LINE + 1),
        ("default", "values.yaml", 2),
        ("default", "values.yaml", 3),
    ]


def test_the_strongest_file_of_values_is_named(rendering: Program, tmp_path: Path) -> None:
    chart = Charts(
        rendering, tmp_path, "  a: {{ .Values.a }}\n  b: {{ .Values.b }}\n",
        "a: x\nb: y\n", prod_yaml="# of production\na: z\n",
    )  # fmt: skip
    assert chart.led(("a",))[1:] == (2, "a")
    assert chart.of(("a",)).file.endswith("prod.yaml")
    assert [it.role for it in chart.of(("a",)).chain] == ["template", "values"]
    assert chart.led(("b",)) == ("values.yaml", 2, "b")


def test_sub_charts_have_their_values_under_their_key_and_global(
    rendering: Program, tmp_path: Path
) -> None:
    sub = HEAD.replace("shop", "db") + "  a: {{ .Values.a }}\n  b: {{ .Values.b }}\n"
    sub += "  c: {{ .Values.global.c }}\n"
    write(tmp_path, {
        "Chart.yaml": CHART + "dependencies: [{name: base, alias: db, version: 1.0.0}]\n",
        "values.yaml": "db:\n  a: x\nglobal:\n  c: z\n",
        "charts/base/Chart.yaml": CHART.replace("shop", "base"),
        "charts/base/values.yaml": "a: weak\nb: y\n",
        "charts/base/templates/pod.yaml": sub,
    })  # fmt: skip
    case = ChartCase("shop", HelmRequest(str(tmp_path)), rendering)
    assert case.plain.error is None
    led = {}
    for key in "abc":
        origin = case.origins.of(0, 0, ("spec", key))
        assert origin.confidence == EXACT
        assert origin.way is not None
        after = documents(case.edited(origin.way, "other").files[0].text)[0]
        assert isinstance(after, Document)
        assert at(after.value, ("spec", key)) == "other"
        led[key] = (origin.file, origin.line, origin.chain[-1].what)
    assert led == {
        "a": ("values.yaml", 2, "db.a"),
        "b": ("charts/base/values.yaml", 2, "db.b"),
        "c": ("values.yaml", 4, "global.c"),
    }


def test_what_is_set_by_hand_is_named_and_the_template_is_the_place(
    rendering: Program, tmp_path: Path
) -> None:
    files = {"Chart.yaml": CHART, "templates/pod.yaml": HEAD + "  a: {{ .Values.a.b }}\n"}
    write(tmp_path, files)
    case = ChartCase("shop", HelmRequest(str(tmp_path), sets=("a.b=x",)), rendering)
    origin = case.origins.of(0, 0, ("spec", "a"))
    assert (origin.file, origin.line, origin.confidence) == (POD, SPEC_LINE + 1, TEMPLATE)
    assert (origin.chain[-1].role, origin.chain[-1].what) == ("set", "a.b")


@pytest.mark.parametrize(
    ("spec", "values", "path", "wanted", "where"),
    [
        (  # a map that the values fill
            "  context:\n    {{- toYaml .Values.context | nindent 4 }}\n",
            "context:\n  a: b\n", "context.new", "x", ("values.yaml", 1, "context.new"),
        ),
        (  # an empty one
            "  context:\n    {{- toYaml .Values.context | nindent 4 }}\n",
            "b: 1\ncontext: {}\n", "context.new", "x", ("values.yaml", 2, "context.new"),
        ),
        (  # a key that is not there, and shown as null
            "  context:\n{{ toYaml .Values.web.context | indent 4 }}\n  a: b\n",
            "web:\n  c: d\n", "context.new", "x", ("values.yaml", 1, "web.context.new"),
        ),
        (  # one that `with` would bring
            "  a: b\n  {{- with .Values.context }}\n  context:\n"
            "    {{- toYaml . | nindent 4 }}\n  {{- end }}\n",
            "context: {}\n", "context.new", "x", ("values.yaml", 1, "context.new"),
        ),
        (  # one that `if` would bring
            "  {{- if .Values.host }}\n  host: {{ .Values.host }}\n  {{- end }}\n  a: b\n",
            "host: \"\"\n", "host", "x", ("values.yaml", 1, "host"),
        ),
        (
            "  {{- if gt (int .Values.seconds) 0 }}\n  seconds: {{ .Values.seconds }}\n"
            "  {{- end }}\n  a: b\n",
            "seconds: 0\n", "seconds", 5, ("values.yaml", 1, "seconds"),
        ),
        ("  a: b\n", "", "new", "x", (POD, SPEC_LINE + 1, "")),
        ("  a:\n    b: c\n", "", "new.inner", "x", (POD, SPEC_LINE + 1, "")),
        ("  a: {}\n", "", "a.new", "x", (POD, SPEC_LINE + 1, "")),
        ("  a:\n  b: c\n", "", "a.new", "x", (POD, SPEC_LINE + 1, "")),
        (
            "  a:\n    - b: |\n        many\n        lines\n      c: d\n", "",
            "a.0.new", "x", (POD, SPEC_LINE + 5, ""),
        ),
        (
            "  a:\n    {{- range .Values.list }}\n    - b: {{ . }}\n    {{- end }}\n",
            "list: [p]\n", "a.0.new", "x", (POD, SPEC_LINE + 3, ""),
        ),
    ],
)  # fmt: skip
def test_an_absent_field_is_led_to_where_it_would_be_made(  # noqa: PLR0913, PLR0917 - a table
    rendering: Program,
    tmp_path: Path,
    spec: str,
    values: str,
    path: str,
    wanted: Any,
    where: tuple[str, int, str],
) -> None:
    chart = Charts(rendering, tmp_path, spec, values)
    steps = tuple(int(it) if it.isdigit() else it for it in path.split("."))
    assert chart.value(steps) is ABSENT
    assert chart.led(steps, wanted) == where
    assert chart.of(steps).width == 0


def test_a_switch_of_another_key_is_not_exact(rendering: Program, tmp_path: Path) -> None:
    spec = "  a: b\n  {{- if .Values.on }}\n  host: {{ .Values.host }}\n  {{- end }}\n"
    chart = Charts(rendering, tmp_path, spec, "on: false\nhost: x\n")
    origin = chart.of(("host",))
    assert (origin.file, origin.line) == (POD, SPEC_LINE + 3)
    assert origin.confidence == TEMPLATE


def test_a_value_that_nothing_explains_names_its_line(rendering: Program, tmp_path: Path) -> None:
    spec = '  a:\n    {{- dict "b" (.Values.x | upper) | toYaml | nindent 4 }}\n'
    chart = Charts(rendering, tmp_path, spec, "x: shop\n")
    origin = chart.of(("a", "b"))
    assert (origin.file, origin.line) == (POD, SPEC_LINE + 2)
    assert origin.confidence == TEMPLATE


def test_without_markers_the_file_is_a_guess(rendering: Program, tmp_path: Path) -> None:
    chart = Charts(rendering, tmp_path, "  a: b\n")
    origin = chart.case.origins.of(0, 7, ("spec", "a"))
    assert (origin.file, origin.line, origin.confidence) == (POD, 1, GUESS)


def test_nothing_is_rendered_again_before_the_first_question(tmp_path: Path) -> None:
    from portside.render.helm_origins import HelmOrigins

    HelmOrigins(HelmRequest(str(tmp_path)), Rendered(), object())  # type: ignore[arg-type]


def test_people_call_files_by_the_chart_s_folder(rendering: Program, tmp_path: Path) -> None:
    from portside.render.helm_origins import HelmOrigins

    chart = Charts(rendering, tmp_path, "  a: {{ .Values.a }}\n  b: c\n", "a: x\n")
    request = HelmRequest(str(tmp_path))
    origins = HelmOrigins(request, rendering.helm(request), rendering, "charts/shop")
    assert origins.of(0, 0, ("spec", "a")).file == "charts/shop/values.yaml"
    assert origins.of(0, 0, ("spec", "b")).file == "charts/shop/templates/pod.yaml"
    assert dotted(("spec", "b")) == "spec.b"
    assert chart.case.name == "shop"


SUB = {
    "charts__sub__Chart_yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
    "charts__sub__values_yaml": "a:\n  port: 1\nexports:\n  data:\n    host: x\n    user: y\n",
}
IMPORTS = (
    CHART + "dependencies:\n  - name: sub\n    version: 1.0.0\n    repository: ''\n"
    "    import-values: [data, {child: a, parent: b.c}]\n"
)


def test_values_that_a_sub_chart_exports_are_led_to_its_own(
    rendering: Program, tmp_path: Path
) -> None:
    spec = "  host: {{ .Values.host }}\n  port: {{ .Values.b.c.port }}\n"
    spec += "  user: {{ .Values.user }}\n"
    charts = Charts(rendering, tmp_path, spec, "user: z\n", Chart_yaml=IMPORTS, **SUB)
    assert charts.led(("host",)) == ("charts/sub/values.yaml", 5, "host")
    assert charts.led(("port",), 2) == ("charts/sub/values.yaml", 2, "b.c.port")
    # What the chart says itself is stronger.
    assert charts.led(("user",)) == ("values.yaml", 1, "user")


def test_values_that_are_set_from_outside_are_not_exported(
    rendering: Program, tmp_path: Path
) -> None:
    prod = "sub:\n  exports:\n    data: {host: w}\n"
    spec = "  host: {{ .Values.host }}\n"
    charts = Charts(rendering, tmp_path, spec, "", Chart_yaml=IMPORTS, prod_yaml=prod, **SUB)
    assert charts.value(("host",)) == "x"
    assert charts.led(("host",))[:2] == ("charts/sub/values.yaml", 5)


def test_a_chart_that_sets_what_its_sub_chart_exports_is_where_it_is_set(
    rendering: Program, tmp_path: Path
) -> None:
    values = "sub:\n  exports:\n    data: {host: w}\n"
    spec = "  host: {{ .Values.host }}\n"
    charts = Charts(rendering, tmp_path, spec, values, Chart_yaml=IMPORTS, **SUB)
    assert charts.value(("host",)) == "w"
    assert charts.led(("host",))[:2] == ("values.yaml", 3)


def test_values_are_exported_through_several_charts(rendering: Program, tmp_path: Path) -> None:
    more = {
        "charts__sub__charts__deep__Chart_yaml": "apiVersion: v2\nname: deep\nversion: 1.0.0\n",
        "charts__sub__charts__deep__values_yaml": "exports: {up: {a: {b: x}}}\n",
        "charts__sub__charts__deep__templates__a_yaml": "",
        **SUB,
        "charts__sub__Chart_yaml": SUB["charts__sub__Chart_yaml"]
        + "dependencies:\n  - {name: deep, version: 1.0.0, import-values: [{child: exports.up, "
        "parent: exports.data}]}\n",
    }
    spec = "  host: {{ .Values.a.b }}\n"
    charts = Charts(rendering, tmp_path, spec, "", Chart_yaml=IMPORTS, **more)
    assert charts.value(("host",)) == "x"
    assert charts.led(("host",))[:2] == ("charts/sub/charts/deep/values.yaml", 1)
