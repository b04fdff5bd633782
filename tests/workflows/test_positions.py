"""From an offset in a scalar's value to its line and column, in each of YAML's styles."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portside.syntax import Document, read
from portside.syntax.inside import Written, written_text


def one(text: str) -> Document:
    (document,) = read(text.encode())
    assert isinstance(document, Document), document
    return document


def differing(text: str, path: tuple[str | int, ...] = ("a",)) -> list[tuple[str, str]]:
    """Where the character at an offset is another than the one written at its place."""
    document = one(text)
    value: Any = document.value
    for step in path:
        value = value[step]
    written = Written(document, path, value)
    lines = text.split("\n")
    found = []
    for offset, character in enumerate(value):
        line, column = written.position(offset)
        if not character.isspace() and lines[line - 1][column - 1] != character:
            found.append((character, lines[line - 1][column - 1]))
    return found


@pytest.mark.parametrize(
    "text",
    [
        "a: plain ${{ b }} text\n",
        "a: plain\n  over ${{ b }}\n\n  lines\n",
        "a: 'it ${{ b }}\n  goes on'\n",
        'a: "it ${{ b }}\n  goes \\\n  on"\n',
        "a: |\n  one\n    two ${{ b }}\n\n  three\n",
        "a: |2-  # a comment\n    one\n   ${{ b }}\nb: c\n",
        "a: >+\n  one\n  two ${{ b }}\n\n    more\n  three\n\n",
        "a: &x !!str |\n  ${{ b }}\n",
        "a: !!str # a comment\n  ${{ b }}\n",
        "{a: 'x ${{ b }}', c: d}\n",
        '{"a": "x ${{ b }}"}\n',
        "a: ünïcode ${{ b }} 💥 end\n",
    ],
)
def test_every_character_is_where_it_is_written(text: str) -> None:
    assert differing(text) == []


def test_an_escaped_character_stands_where_its_escape_begins() -> None:
    assert differing("a: 'it''s ${{ ''x'' }}'\n") == []
    assert differing('a: "\\"x\\" \\u0041\\tB\\x20C"\n') == [
        *(('"', "\\"), ('"', "\\"), ("A", "\\")),
    ]


def test_what_an_alias_repeats_stands_at_the_alias() -> None:
    document = one("a: &x ${{ b }}\nc: *x\n")
    assert Written(document, ("c",), document.value["c"]).position(4) == (2, 4)


def test_windows_line_ends_change_no_column() -> None:
    document = one("a: |\r\n  x\r\n  ${{ b }}\r\n")
    value = document.value["a"]
    assert Written(document, ("a",), value).position(value.index("$")) == (3, 3)


def test_a_plain_scalar_is_told_as_it_is_written() -> None:
    document = one("a: yes\nb: 1.10\nc: 'on'\nd: {e: off}\n")
    written = [written_text(document, path) for path in (("a",), ("b",), ("c",), ("d", "e"))]
    assert written == ["yes", "1.10", "", "off"]


_WORDS = st.lists(st.text("ab${}'\"\\é", min_size=1, max_size=6), min_size=1, max_size=5)


@given(st.lists(_WORDS, min_size=1, max_size=5), st.sampled_from(["|", ">", "|-", ">+"]))
def test_offsets_in_any_block_agree_with_the_text(lines: list[list[str]], style: str) -> None:
    text = f"x: 1\na: {style}\n" + "".join(f"   {' '.join(line)}\n" for line in lines) + "b: 2\n"
    assert differing(text) == []


@given(st.lists(_WORDS, min_size=1, max_size=4))
def test_offsets_in_single_quotes_agree_with_the_text(lines: list[list[str]]) -> None:
    body = "\n  ".join(" ".join(line).replace("'", "''") for line in lines)
    assert differing(f"a: '{body}'\n") == []
