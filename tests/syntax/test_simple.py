"""The reader of simple documents says what libyaml says, or nothing."""

# ruff: noqa: E501 - tables of fragments

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from portside.syntax import DEFAULT, Broken, Document, simple
from portside.syntax.document import Lines
from portside.syntax.general import document_of
from portside.syntax.read import decode, read
from portside.syntax.simple_line import says_nothing
from portside.syntax.split import in_lines, split
from tests.shared import shared
from tests.syntax.lines import changed
from tests.syntax.texts import Texts, pieces, scalars

COUNT = 20_000 * int(os.environ.get("PORTSIDE_FUZZ", "1"))
SEEDS = [int(it) for it in os.environ.get("PORTSIDE_SEED", "1").split(",")]

SIMPLE = """\
---
# a comment: with a colon
apiVersion: v1   # and one behind
kind: "Pod"
metadata:
  labels: {}
  'app.kubernetes.io/name': x-y
  annotations:
    text: |
      one: two

        three
    other: |-
      {"a": "\\/"}
  folded: >-
    one
    two #
  last: >
    one

spec:
  list:
  - a
  - name: b
    verbs: [get, "list", '*', 1]

  -
    c: ~
  -
  nothing:
  args:
    - --flag=a:b
    - -1
    - "a # b"
    - http://x/y#z
  - late
"""


def _documents(data: bytes) -> Iterator[str]:
    for chunk in split(in_lines(decode(data)[0])):
        if chunk.text:
            yield chunk.text.removeprefix("\ufeff")


def _real() -> list[str]:
    files = sorted(shared("corpora").rglob("*.y*ml"))
    data = [it.read_bytes() for it in files if it.is_file()]
    return [text for it in data if len(it) < DEFAULT.size for text in _documents(it)]


def _same(one: Any, other: Any) -> bool:
    """Equal in values, their types and the order of keys."""
    if type(one) is not type(other):
        return False
    if type(one) is dict:
        return list(one) == list(other) and all(_same(one[key], other[key]) for key in one)
    if type(one) in (list, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _is_simple(text: str) -> bool:
    """Whether the reader takes `text`, which must then be what it is to libyaml, place for place."""
    built = simple.build(text, DEFAULT)
    if built is None:
        return False
    lines = Lines(text, 0)
    ours, theirs = Document(*built, lines), document_of(lines, DEFAULT)
    assert isinstance(theirs, Document), (text, theirs)
    assert _same(ours.value, theirs.value), text
    assert _same(list(ours.keys()), list(theirs.keys())), text
    paths = [path for path, _, _ in theirs.keys()]  # noqa: SIM118 - a document is no dict
    assert list(map(ours.width, paths)) == list(map(theirs.width, paths)), text
    assert ours.line == theirs.line, text
    assert not theirs.duplicates, text
    assert not theirs.remarks, text
    assert not theirs.has_alias, text
    return True


def test_a_document_of_words_blocks_and_lists_is_simple() -> None:
    # The last line has another indentation than its list.
    assert _is_simple(SIMPLE.removesuffix("  - late\n"))
    assert not _is_simple(SIMPLE)


@pytest.mark.parametrize(
    "text",
    [
        *("a: &x 1\n", "a: *x\n", "a: !!str 1\n", "<<: {a: 1}\n", "? a\n: b\n", "a:\n  {b: c}\n", "a:\n  [b]\n"),
        *("a:\n  {}\n  b\n", "a:\nb\n", "a:\n  b\n  # c\n  d\n", "a:\n  *b\n", "a:\n  'b\n  c'\n", "a:\n  |\n   b\n"),
        *("a: b\n  c: d\n", "a: b: c\n", "a: b:\n", "a: 1\na: 2\n", "1: a\n", "true: a\n", "a: .nan\n"),
        *('a: "b\nc"\n', 'a: "\\x41"\n', 'a: "b\\/"\n', "a: 'it's'\n", "a: 'b\n  c' d\n", "a: >\n  b\n\n  c\n", "a: >\n  b\n   c\n", "a: |+\n  b\n", "a: |2\n  b\n"),
        *("a:\tb\n", "a: b\t\n", "a: b\n\tc: d\n", "a: b\r", "a: b\u2028c\n", "a: b\x85", "a: b\n...\n"),
        *("%YAML 1.1\n---\na: b\n", "---# c\na: b\n", "--- a\n", "- - a\n", "a: {b: c}\n", "a: [b: c]\n"),
        *("a: [b,\n  c]\n", "a: [b c]\n", "a: {{ x }}\n", "a\n", '"a"\n', "# nothing\n", "a: %b\n"),
        *("a: |\n\tb\n", "a: |\n", "a: |\n  b\n c\n", "a: @b\n", "  a: b\nc: d\n"),
        *("a: b\n  c: d\n  e\n", "a: b # c\n  d\n", "a: b\n  # c\n  d\n", "a: b\n  c #d\n", "a: b\n  c:\n", "a: b\n  c\td\n", "a: 'b\n"),
        *('a: "b\n  c\\q"\n', 'a: "b\\ \n  c"\n', 'a: "b\\\n\n  c"\n', "a: '\n", "a: 'b\n  c': d\n", "- 'b\n- c'\n", "a: [b\n", "a: {}\n  b\n"),
    ],
)  # fmt: skip
def test_anything_else_is_left_to_libyaml(text: str) -> None:
    assert simple.build(text, DEFAULT) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: b\n  c\n", {"a": "b c"}),
        ("a: 1\n  2\n\n\n  c  \n# d\ne: f\n", {"a": "1 2\n\nc", "e": "f"}),
        ("a: b\xa0\n  \xa0 c\nb: '\xa0'\n", {"a": "b\xa0 \xa0 c", "b": "\xa0"}),
        ("\u2026: \u2026\n  b\nc: [\u2026]\n", {"\u2026": "\u2026 b", "c": ["\u2026"]}),
        ("a:\n- b\n c\n- null\n  d\n", {"a": ["b c", "null d"]}),
        ("a:\n - b\n  - c\n", {"a": ["b - c"]}),
        ("a:\n  b\n  c\n", {"a": "b c"}),
        ("a:\n  {}\nb:\n\n    # c\n  [] # d\nc:\n   null\n", {"a": {}, "b": [], "c": None}),
        ("-\n  {}\n- a:\n    'b'\n  c:\n    1\n", [{}, {"a": "b", "c": 1}]),
        ("a:\n-\n  b\n  - c\n", {"a": ["b - c"]}),
        ("a: it's\n  'so'\n", {"a": "it's 'so'"}),
        ("a: 'it''s'\nb: ''''\n", {"a": "it's", "b": "'"}),
        ("a: 'b  \n\n\n    c ' # d\ne: f\n", {"a": "b\n\nc ", "e": "f"}),
        ("- 'b\n  it''s\n  '\n", ["b it's "]),
        ('a: "\\tb\\n\\"c\\"\\\\n"\n', {"a": '\tb\n"c"\\n'}),
        ('a: "b\n  c\\n\n\n  d"\n', {"a": "b c\n\nd"}),
        ('a: "b\\\n  \\  c \\\n  d"\n', {"a": "b  c d"}),
    ],
)
def test_a_text_that_goes_on_below_is_simple(text: str, value: Any) -> None:
    assert _is_simple(text)
    assert simple.build(text, DEFAULT).value == value  # type: ignore[union-attr]


def test_a_definition_of_half_a_megabyte_is_simple() -> None:
    fields = "".join(
        f"  - name: field{at}\n    description: {'word ' * 200}\n" for at in range(600)
    )

    assert simple.build(f"spec:\n{fields}", DEFAULT) is not None


def test_what_goes_beyond_a_limit_is_left_to_libyaml() -> None:
    deep = "".join(f"{' ' * depth}a:\n" for depth in range(12))

    assert simple.build(deep, DEFAULT._replace(depth=12)) is not None
    assert simple.build(deep, DEFAULT._replace(depth=11)) is None
    keys = "".join(f"key{at}: b\n" for at in range(9))
    assert simple.build(keys, DEFAULT._replace(events=80)) is not None
    assert simple.build(keys, DEFAULT._replace(events=79)) is None


def test_a_text_of_very_many_escapes_is_left_to_libyaml() -> None:
    assert simple.build('a: "' + "\\n" * 10_000 + '"\n', DEFAULT) is not None
    assert simple.build('a: "' + "\\n" * 10_001 + '"\n', DEFAULT) is None


def test_real_documents_are_mostly_simple() -> None:
    texts = _real()
    found = sum(map(_is_simple, texts))

    assert found > len(texts) * 0.8


@pytest.mark.parametrize("seed", SEEDS)
def test_changed_documents_are_what_they_are_to_libyaml(seed: int) -> None:
    random = Random(seed)
    real = [text for text in _real() if len(text) < 3_000]
    found = sum(
        _is_simple(text)
        for _ in range(COUNT)
        for text in _documents(changed(random, random.choice(real)).encode())
    )

    assert found > COUNT * 0.2


@pytest.mark.parametrize("seed", SEEDS)
def test_random_texts_are_what_they_are_to_libyaml(seed: int) -> None:
    random = Random(seed)
    texts = Texts(seed)
    for _ in range(COUNT // 4):
        for data in (texts(), pieces(random), scalars(random)):
            for text in filter(None, _documents(data)):
                _is_simple(text)


def test_what_libyaml_refuses_is_broken_all_the_same() -> None:
    assert isinstance(document_of(Lines("a: b: c\n", 0), DEFAULT), Broken)


@pytest.mark.parametrize("text", ["# a\n", "\n\n# a\n  # b\n \n", "#\n"])
def test_a_text_of_comments_is_no_document_and_libyaml_says_so(text: str) -> None:
    assert says_nothing(text)
    assert document_of(Lines(text, 0), DEFAULT) is None
    assert list(read(text.encode())) == []


@pytest.mark.parametrize("text", ["# a\nb\n", "# a\x07\n", "%YAML 1.2\n", "\t# a\n"])
def test_a_text_of_more_than_comments_is_read(text: str) -> None:
    assert not says_nothing(text)
