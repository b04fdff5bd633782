"""Templates are read as Go's own parser reads them: the same refused, the same functions called."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from portside.syntax.gotemplate.lex import TemplateError
from portside.syntax.gotemplate.parse import calls, parse
from tests.shared import shared

SOUND = [
    "a",
    "{{ a }}",
    "{{- a -}}",
    "{{ .Values.a.b }}",
    '{{ include "a" . | nindent 4 }}',
    "{{ if and .a (not .b) }}x{{ else if .c }}y{{ else }}z{{ end }}",
    "{{ range $k, $v := .a }}{{ $k }}{{ end }}",
    "{{ $x := lookup \"v1\" `Pod` 'a' }}",
    "{{ with .a }}{{ . }}{{ else with .b }}{{ end }}",
    '{{ define "a" }}{{ tpl .b . }}{{ end }}{{ template "a" . }}',
    '{{ block "b" . }}{{ now }}{{ end }}',
    "{{/* lookup */}}",
    "{{- /* now */ -}}",
    '{{ "{{ now }}" }}',
    "{{ `}}` }}",
    "{{ default now .x }}",
    "{{ (index .a 0).b }}",
    "{{\n  now\n  | quote\n}}",
    "{{ -1 }}{{ 0x1F }}{{ 1.5e3 }}",
    "{{ true }}",
    "{{ a | }}",
    "{{ (a | ) }}",
    "{{ $ }}{{ $.a }}",
    "{{ range .a }}{{ break }}{{ end }}",
    '{{ printf "%s\\"" .a }}',
    "{{ .a.b | c.d }}",
]
BROKEN = [
    "{{",
    "{{ a",
    "{{ }}",
    "{{ if }}{{ end }}",
    "{{ if .a }}",
    "{{ end }}",
    "{{ else }}",
    "{{ a | | b }}",
    "{{ | a }}",
    "{{ (a }}",
    "{{ a) }}",
    '{{ "a }}',
    "{{ /* a */ }}",
    "{{/* a }}",
    "{{ a ; b }}",
    "{{ end x }}",
    "{{ if .a }}{{ else foo }}{{ end }}",
    "{{ `a }}",
    "{{ a }",
]


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Go's own parser, as a program."""
    if shutil.which("go") is None:
        pytest.skip("Go is not installed")
    made = tmp_path_factory.mktemp("go") / "parser"
    source = Path(__file__).with_name("main.go")
    subprocess.run(["go", "build", "-o", str(made), str(source)], check=True, cwd=made.parent)
    return made


def asked(go: Path, texts: list[str]) -> list[dict[str, Any]]:
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    done = subprocess.run([str(go)], input=lines, text=True, capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def told(text: str) -> dict[str, list[int]] | str:
    """The functions that we find, with where each stands in bytes; or why the text is refused."""
    try:
        template = parse(text)
    except TemplateError as error:
        return error.message
    found: dict[str, set[int]] = {}
    for action in template.actions:
        for call in calls(action.pipe):
            found.setdefault(call.name, set()).add(len(text[: call.at].encode()))
    return {name: sorted(places) for name, places in found.items()}


@pytest.mark.parametrize("text", SOUND)
def test_a_sound_template_is_read(text: str) -> None:
    assert isinstance(told(text), dict)


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_template_is_refused_with_a_reason(text: str) -> None:
    assert isinstance(told(text), str)


def test_go_says_the_same_of_them(go: Path) -> None:
    for text, answer in zip([*SOUND, *BROKEN], asked(go, [*SOUND, *BROKEN]), strict=True):
        ours = told(text)
        assert bool(answer["error"]) == isinstance(ours, str), (text, answer, ours)
        if not answer["error"]:
            assert ours == answer["calls"], text


def test_go_says_the_same_of_every_template_of_the_shared_charts(go: Path) -> None:
    files = sorted(
        it for it in shared("corpora/helm-golden").glob("*/chart/**/templates/**/*") if it.is_file()
    )
    texts = [it.read_text() for it in files]
    assert len(texts) > 150
    for file, text, answer in zip(files, texts, asked(go, texts), strict=True):
        assert told(text) == answer["calls"], file


def test_go_refuses_a_template_with_a_piece_cut_out_where_we_do(go: Path) -> None:
    files = sorted(shared("corpora/helm-golden").glob("*/chart/templates/*.yaml"))
    chance = random.Random(1)
    texts = []
    for file in files:
        text = file.read_text()
        for _ in range(20):
            at = chance.randrange(len(text))
            texts.append(text[:at] + text[at + chance.randint(1, 3) :])
    differ = [
        (text, answer["error"], ours)
        for text, answer, ours in zip(texts, asked(go, texts), map(told, texts), strict=True)
        # What Go knows of variables, of empty commands and of numbers is not asked here.
        if not answer["error"] and isinstance(ours, str)
    ]
    assert differ == []


def test_brackets_and_blocks_are_bounded() -> None:
    assert "nested too deep" in str(told("{{ " + "(" * 5_000 + "a" + ")" * 5_000 + " }}"))
    assert "nested too deep" in str(told("{{ if a }}" * 5_000 + "{{ end }}" * 5_000))


def test_a_long_text_is_read_in_time_in_proportion() -> None:
    assert told('{{ "' + "\\\\" * 500_000 + '" }}' + "{{ a }}" * 50_000) != ""


PIECES = (
    *("if", "else", "end", "with", "define", "template", "break", '"a"', "`b`", "1", "'c'", "now"),
    *(".a", ".", "$", "$x", "|", "(", ")", ":=", "=", ",", " ", " "),
)


def test_of_what_is_taken_the_pipelines_can_be_made() -> None:
    chance = random.Random(7)
    taken = 0
    for _ in range(20_000):
        pieces = chance.choices(PIECES, k=chance.randint(1, 9))
        try:
            template = parse(f"{{{{ if a }}}}{{{{ {''.join(pieces)} }}}}{{{{ end }}}}")
        except TemplateError:
            continue
        taken += 1
        for action in template.actions:
            assert action.pipe is action.pipe
    assert taken > 1_000


def test_the_words_of_a_template_are_those_of_its_actions() -> None:
    words = parse('now {{ if (a | b "c" .d $e) }}{{/* f */}}{{ else with g }}{{ end }}').words
    assert words == {"if", "a", "b", "else", "with", "g", "end"}
