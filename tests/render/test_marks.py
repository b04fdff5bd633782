"""Markers say which template line made a line, and never change what is rendered."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portside.model.place import FieldPath
from portside.render.marks import MarkedDocument, documents, marked
from portside.render.process import Program
from portside.render.wire import HelmRequest, Rendered
from portside.syntax import Document
from tests.render.trees import CHART, write
from tests.shared import shared

HELPERS = """\
{{- define "shop.name" -}}
{{- default .Chart.Name .Values.name | trunc 63 }}
{{- end }}
{{- define "shop.labels" -}}
app: {{ include "shop.name" . }}
tier: {{ .Values.tier }}
{{- end }}
"""
HEAD = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ include "shop.name" . }}\n'


class Renders:
    """A chart with one template, and how often it was rendered with markers."""

    def __init__(self, program: Program, folder: Path, template: str, values: str = "") -> None:
        files = {"Chart.yaml": CHART, "values.yaml": f"name: shop\ntier: web\n{values}"}
        files["templates/_helpers.tpl"] = HELPERS
        files["templates/map.yaml"] = template
        write(folder, files)
        self._program = program
        self._request = HelmRequest(str(folder))
        self.plain = program.helm(self._request._replace(sources=True))
        assert self.plain.error is None, self.plain.error
        self.times = 0

    def again(self, texts: Mapping[str, str]) -> Rendered:
        self.times += 1
        return self._program.helm(self._request._replace(templates=texts))

    def marked(self) -> list[MarkedDocument | None]:
        made = marked(self.plain.sources, self.plain.files, self.again)
        return [it for file in made for it in file]

    def lines(self, path: FieldPath) -> list[tuple[str, int]]:
        """The template lines of a field of the first document, the innermost first."""
        first = self.marked()[0]
        assert first is not None
        return list(
            dict.fromkeys((it.template.removeprefix("shop/templates/"), it.line)
                          for it in first.at(path))
        )  # fmt: skip


def test_a_line_is_made_by_the_line_that_it_stands_on(rendering: Program, tmp_path: Path) -> None:
    chart = Renders(rendering, tmp_path, f"{HEAD}data:\n  color: {{{{ .Values.tier }}}}\n")
    assert chart.lines(("data",)) == [("map.yaml", 5)]
    assert chart.lines(("data", "color")) == [("map.yaml", 6)]
    assert chart.times == 2  # once for each question of the test


def test_lines_of_a_helper_name_the_line_that_includes_it_too(
    rendering: Program, tmp_path: Path
) -> None:
    template = HEAD + '  labels:\n    {{- include "shop.labels" . | nindent 4 }}\n'
    chart = Renders(rendering, tmp_path, template)
    for number, key in ((5, "app"), (6, "tier")):
        found = chart.lines(("metadata", "labels", key))
        assert found == [("_helpers.tpl", number), ("map.yaml", 6)]


def test_the_key_before_an_action_that_makes_lines_is_of_its_own_line(
    rendering: Program, tmp_path: Path
) -> None:
    template = HEAD + '  labels: {{- include "shop.labels" . | nindent 4 }}\n'
    chart = Renders(rendering, tmp_path, template)
    assert chart.lines(("metadata", "labels")) == [("map.yaml", 5)]


def test_each_line_of_a_value_of_many_lines_names_the_action(
    rendering: Program, tmp_path: Path
) -> None:
    template = HEAD + "data:\n{{ toYaml .Values.data | indent 2 }}\n"
    chart = Renders(rendering, tmp_path, template, 'data: {a: "1", b: "2", c: "3"}\n')
    assert [chart.lines(("data", key)) for key in "abc"] == [[("map.yaml", 6)]] * 3


def test_lines_behind_one_that_takes_its_line_break_away_keep_their_places(
    rendering: Program, tmp_path: Path
) -> None:
    template = HEAD + 'data:\n  a: {{ .Values.tier -}}\n  {{ printf "-x" }}\n  b: c\n'
    chart = Renders(rendering, tmp_path, template)
    assert chart.lines(("data", "b")) == [("map.yaml", 8)]


def test_texts_in_quotes_that_go_on_below_are_rendered_with_markers_once(
    rendering: Program, tmp_path: Path
) -> None:
    template = HEAD + (
        "data:\n  a: 'it''s {{ .Values.tier }}\n\n    {{ `}}` }} of many'\n  b: \"one\n    two\"\n"
        "  c: 'd' # it's\n  e: f\n"
    )
    chart = Renders(rendering, tmp_path, template)
    assert chart.lines(("data", "e")) == [("map.yaml", 12)]
    assert chart.times == 1


UNCHANGED = {
    "a block scalar": "data:\n  a: |\n    one # two\n    {{ .Values.tier }}\n  b: c\n",
    "a block scalar of YAML": "data:\n  a: |\n    {{- toYaml .Values | nindent 4 }}\n  b: c\n",
    "a text of many lines in quotes": 'data:\n  a: "one\n    two"\n  b: c\n',
    "a plain text of many lines": "data:\n  a: one\n    two\n  b: c\n",
    "a hash of what is included":
        'data:\n  a: {{ include "shop.labels" . | sha256sum }}\n  b: c\n',
    "a hash of another template":
        'data:\n  a: {{ include (print $.Template.BasePath "/_helpers.tpl") . | sha256sum }}\n'
        "  b: c\n",
    "an include within a text": 'data:\n  a: x-{{ include "shop.name" . }}-y\n  b: c\n',
    "a template within a text": 'data:\n  a: x-{{ template "shop.name" . }}-y\n  b: c\n',
    "an include that is compared":
        'data:\n  {{- if eq (include "shop.name" .) "shop" }}\n  b: c\n  {{- end }}\n',
    "an include that is parsed":
        'data:\n  a: {{ (include "shop.labels" . | fromYaml).tier }}\n  b: c\n',
    "an include in base64": 'data:\n  a: {{ include "shop.labels" . | b64enc }}\n  b: c\n',
    "an include of a variable": '{{- $n := include "shop.name" . }}\ndata:\n  b: c{{ $n }}\n',
    "an include in a block scalar":
        'data:\n  a: |\n    {{- include "shop.labels" . | nindent 4 }}\n  b: c\n',
    "comments": "data:\n  # {{ .Values.tier }}\n  b: c # d\n",
    "two documents": "---\n" + HEAD.replace("shop.name\" . }}", "shop.name\" . }}-2"),
    "an action over several lines":
        'data:\n  a: {{ dict\n    "x" 1\n    | toJson | quote }}\n  b: c\n',
    "a range over keys":
        "data:\n  {{- range $k, $v := .Values.map }}\n  {{ $k }}: {{ $v | quote }}\n"
        "  {{- end }}\n",
    "a text block within a value": "data:\n  {{- toYaml .Values.texts | nindent 2 }}\n  b: c\n",
    "markers that the chart itself has": "data:\n  a: c # #pv:1:vp\n",
    "windows' line ends": "data:\r\n  a: b\r\n  b: c\r\n",
}  # fmt: skip
VALUES = "map: {x: 1, y: 2}\ntexts:\n  t: |\n    one\n    two\n  u: v\n"


@pytest.mark.parametrize("template", UNCHANGED.values(), ids=UNCHANGED)
def test_markers_change_nothing(rendering: Program, tmp_path: Path, template: str) -> None:
    chart = Renders(rendering, tmp_path, HEAD + template, VALUES)
    plain = [it for file in chart.plain.files for it in documents(file.text)]
    made = chart.marked()
    assert [it and it.document.value for it in made] == [
        it.value for it in plain if isinstance(it, Document)
    ]
    assert chart.times <= 3


def test_a_value_with_a_text_of_many_lines_costs_only_its_own_markers(
    rendering: Program, tmp_path: Path
) -> None:
    chart = Renders(rendering, tmp_path, HEAD + UNCHANGED["a text block within a value"], VALUES)
    assert chart.lines(("data", "b")) == [("map.yaml", 7)]


def test_a_chart_that_fails_with_markers_is_accepted_without(
    rendering: Program, tmp_path: Path
) -> None:
    # The text of the template itself is taken for a value.
    template = HEAD + 'data:\n  a: {{ len (tpl (include "shop.labels" .) .) | quote }}\n'
    chart = Renders(rendering, tmp_path, template)
    failing = Rendered(error=rendering.helm(HelmRequest(str(tmp_path / "none"))).error)
    made = marked(chart.plain.sources, chart.plain.files, lambda _: failing)
    assert made == ((None,),)


PARTS = st.sampled_from(
    [
        "  {key}: {{{{ .Values.tier }}}}\n",
        '  {key}: "{{{{ .Values.tier }}}}-x"\n',
        "  {{{{- if .Values.tier }}}}\n  {key}: b\n  {{{{- end }}}}\n",
        "  {{{{- with .Values.none }}}}\n  {key}: b\n  {{{{- else }}}}\n  {key}: c\n"
        "  {{{{- end }}}}\n",
        "  {key}: |\n    one\n    {{{{ .Values.tier }}}}\n\n    three\n",
        "  {key}: >-\n    {{{{- .Values.tier | nindent 4 }}}}\n",
        '  {key}:\n    {{{{- include "shop.labels" . | nindent 4 }}}}\n',
        '  {key}: {{{{- include "shop.labels" . | nindent 4 }}}}\n',
        '  {key}: {{{{ include "shop.labels" . | quote }}}}\n',
        "  {key}: {{{{- toYaml .Values.texts | nindent 4 }}}}\n",
        '  {key}: {{{{ include "shop.labels" . | sha256sum | trunc 8 }}}}\n',
        "  {{{{ `{key}` }}}}: {{{{ .Values.map.x -}}}}{{{{ print 1 }}}}\n",
        "  # {{{{ .Values.tier }}}}\n  {key}: [a, b] # c\n",
        "  {{{{- /* {key} */}}}}\n",
        "\n",
        "  {{{{- range .Values.list }}}}\n  {key}-{{{{ . }}}}: {{{{ . }}}}\n  {{{{- end }}}}\n",
        '  {key}: {{{{ template "shop.name" . }}}}\n',
        "  {key}: 'a\n    b'\n",
    ]
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(parts=st.lists(PARTS, min_size=1, max_size=8))
def test_markers_never_change_what_is_rendered(
    rendering: Program, tmp_path: Path, parts: list[str]
) -> None:
    body = "".join(part.format(key=f"k{number}") for number, part in enumerate(parts))
    template = f"{HEAD}data:\n{body}"
    chart = Renders(rendering, tmp_path, template, f"{VALUES}list: [p, q]\n")
    plain = [it for file in chart.plain.files for it in documents(file.text)]
    for a, b in zip(plain, chart.marked(), strict=True):
        assert isinstance(a, Document)
        assert b is not None
        assert b.document.value == a.value
    assert chart.times <= 3


CHARTS = "corpora/helm-golden"


@pytest.mark.parametrize("name", ["ingress-nginx", "nginx", "cert-manager", "redis", "helm-chart"])
def test_every_line_of_shared_charts_is_known(rendering: Program, name: str) -> None:
    folder = next(it for it in shared(CHARTS).iterdir() if it.name.endswith(f"__{name}"))
    request = HelmRequest(str(folder / "chart"), sources=True)
    plain = rendering.helm(request)
    made = marked(
        plain.sources,
        plain.files,
        lambda texts: rendering.helm(request._replace(templates=texts, sources=False)),
    )
    for file in made:
        for document in file:
            assert document is not None
            for path, _, _ in document.document.keys():  # noqa: SIM118 - no dict
                assert document.at(path)
