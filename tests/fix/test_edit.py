"""Edits of YAML and JSON: exactly one change of the value, and not a byte more of the text."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from typing import Any

import pytest

from portside.fixes.text import FileText
from portside.syntax import DEFAULT, Document, read
from portside.syntax.change import ADD, REMOVE, SET, CannotEditError, Change, existing
from portside.syntax.edit import edited
from tests.shared import shared

CASES = [
    pytest.param(
        "a:\n  b: 1 # why\n# end\nc: 2\n",
        Change(SET, ("a", "d"), True),
        "a:\n  b: 1 # why\n  d: true\n# end\nc: 2\n",
        id="a new field stands behind the last, at its indentation",
    ),
    pytest.param(
        "a:\n    b: 1\n",
        Change(SET, ("a", "d", "e"), 1),
        "a:\n    b: 1\n    d:\n        e: 1\n",
        id="a level is as deep as the text has it",
    ),
    pytest.param(
        "l:\n- a: 1\nk: 1\n",
        Change(SET, ("m",), [{"x": [1]}]),
        "l:\n- a: 1\nk: 1\nm:\n- x:\n  - 1\n",
        id="a dash stands where the text has its dashes",
    ),
    pytest.param(
        'a: "1" # why\n', Change(SET, ("a",), "2"), 'a: "2" # why\n', id="double quotes stay"
    ),
    pytest.param("a: 'it'\n", Change(SET, ("a",), "it's"), "a: 'it''s'\n", id="single quotes stay"),
    pytest.param("a: x\n", Change(SET, ("a",), "yes"), 'a: "yes"\n', id="text stays text"),
    pytest.param("a: {b: 1}\n", Change(SET, ("a", "c"), 2), "a: {b: 1, c: 2}\n", id="in brackets"),
    pytest.param(
        "a: {} # none\nb: 1\n",
        Change(SET, ("a", "c"), 2),
        "a: # none\n  c: 2\nb: 1\n",
        id="an empty map opens",
    ),
    pytest.param("a:\nb: 1\n", Change(SET, ("a", "c"), 2), "a:\n  c: 2\nb: 1\n", id="null opens"),
    pytest.param(
        "a: [X]\n", Change(ADD, ("a",), "Z"), "a: [X, Z]\n", id="an item more, in brackets"
    ),
    pytest.param(
        "a:\n  - X # why\nb: 1\n",
        Change(ADD, ("a",), "Z"),
        "a:\n  - X # why\n  - Z\nb: 1\n",
        id="an item more, with its dash",
    ),
    pytest.param(
        "a:\n  # about b\n  b: 1\n  c: 2\n",
        Change(REMOVE, ("a", "b")),
        "a:\n  # about b\n  c: 2\n",
        id="a removed field takes its line",
    ),
    pytest.param(
        "l:\n  - a: 1\n    b: 2\n",
        Change(REMOVE, ("l", 0, "a")),
        "l:\n  - b: 2\n",
        id="the next field moves up to the dash",
    ),
    pytest.param(
        "l:\n  - a\n  - b\n",
        Change(REMOVE, ("l", 0)),
        "l:\n  - b\n",
        id="an item goes with its line",
    ),
    pytest.param(
        "a: {b: 1, c: 2}\n", Change(REMOVE, ("a", "b")), "a: {c: 2}\n", id="and its comma"
    ),
    pytest.param("a:\n  b: 1\n", Change(REMOVE, ("a", "b")), "a: {}\n", id="nothing is left of it"),
    pytest.param(
        "a:\n  b:\n    c: 1\nd: 1\n",
        Change(REMOVE, ("a", "b", "c"), least=1),
        "d: 1\n",
        id="what is left empty goes too",
    ),
    pytest.param(
        '{\n  "a": {\n    "b": 1\n  }\n}\n',
        Change(SET, ("a", "c"), {"d": [True]}),
        '{\n  "a": {\n    "b": 1,\n    "c": {\n      "d": [\n        true\n      ]\n    }\n  }\n'
        "}\n",
        id="JSON on several lines",
    ),
    pytest.param(
        '{"a":{"b":1}}\n', Change(SET, ("a", "c"), "x"), '{"a":{"b":1, "c": "x"}}\n', id="JSON"
    ),
    pytest.param(
        "a: |\n  text\n\nb: 1\n",
        Change(SET, ("c",), "x"),
        "a: |\n  text\n\nb: 1\nc: x\n",
        id="a block of text is left alone",
    ),
]


@pytest.mark.parametrize(("before", "change", "after"), CASES)
def test_an_edit_writes_as_its_surroundings_are_written(
    before: str, change: Change, after: str
) -> None:
    (document,) = read(before.encode())
    assert isinstance(document, Document)
    assert edited(document, change).text == after


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("a: &x {b: 1}\nc: *x\n", Change(SET, ("c", "d"), 1)),
        ("a: &x {b: 1}\nc: *x\n", Change(SET, ("a", "d"), 1)),
        ("a: &x\n  b: 1\nc:\n  <<: *x\n", Change(SET, ("c", "b"), 2)),
        ("a: &x 1\nb: *x\n", Change(SET, ("a",), 2)),
        ("a: |\n  text\n", Change(SET, ("a",), "x")),
        ("a: 1\na: 2\nb: 3\n", Change(REMOVE, ("a",))),
        ("- 1\n- 2\n", Change(SET, (2,), 3)),
        ("a: 1\n", Change(SET, ("a", "b"), 3)),
    ],
)
def test_what_is_shared_or_of_another_type_is_refused(text: str, change: Change) -> None:
    (document,) = read(text.encode())
    assert isinstance(document, Document)
    with pytest.raises(CannotEditError):
        edited(document, change)


FILES = [
    pytest.param(b"a: 1\r\nb:\r\n  c: 1\r\n", b"a: 1\r\nb:\r\n  c: 1\r\n  d: 2\r\n", id="CRLF"),
    pytest.param(b"b:\n  c: 1", b"b:\n  c: 1\n  d: 2", id="no line end at the end"),
    pytest.param(b"\xef\xbb\xbfb:\n  c: 1\n", b"\xef\xbb\xbfb:\n  c: 1\n  d: 2\n", id="a mark"),
    pytest.param(
        "b:\r\n  c: ä\r\n".encode("utf-16"),
        "b:\r\n  c: ä\r\n  d: 2\r\n".encode("utf-16"),
        id="UTF-16",
    ),
    pytest.param(b"# head\n---\nb: {c: 1}\n", b"# head\n---\nb: {c: 1, d: 2}\n", id="a head"),
]


@pytest.mark.parametrize(("before", "after"), FILES)
def test_line_ends_and_marks_of_a_file_stay(before: bytes, after: bytes) -> None:
    text = FileText(before, DEFAULT)
    text.change(0, Change(SET, ("b", "d"), 2))
    assert text.encoded() == after


def test_one_document_changes_and_no_other() -> None:
    text = FileText(b"a: 1\n---\n# two\nb: 1\n---\nbroken: [\n---\nc: 1\n", DEFAULT)
    text.change(1, Change(SET, ("d",), 2))
    assert text.encoded() == b"a: 1\n---\n# two\nb: 1\nd: 2\n---\nbroken: [\n---\nc: 1\n"


@pytest.mark.parametrize("data", [b"a: 1\r\nb: 2\n", b"a: \xff\n", b"a: 1\rb: 2\n"])
def test_a_file_that_could_not_be_written_back_is_refused(data: bytes) -> None:
    with pytest.raises(CannotEditError):
        FileText(data, DEFAULT)


def _documents(corpus: str, most: int) -> Iterator[tuple[int, Document]]:
    found = []
    for folder, _, names in os.walk(shared(f"corpora/{corpus}")):
        found += [os.path.join(folder, it) for it in names if it.endswith((".yaml", ".json"))]
    for path in random.Random(5).sample(sorted(found), min(most, len(found))):
        with open(path, "rb") as file:
            data = file.read()
        for number, document in enumerate(read(data) if len(data) < 100_000 else ()):
            if isinstance(document, Document) and type(document.value) is dict:
                yield number, document


def _nodes(value: Any) -> list[tuple[tuple[Any, ...], Any]]:
    found: list[tuple[tuple[Any, ...], Any]] = [((), value)]
    for path, node in found:
        items = (
            node.items() if type(node) is dict else enumerate(node) if type(node) is list else ()
        )
        found += [((*path, key), item) for key, item in items]
    return found


def _change(node: tuple[tuple[Any, ...], Any], chance: random.Random) -> Change | None:
    path, value = node
    new = chance.choice([True, "yes", 1, {"b": {"c": [1, {"d": 2}]}}, ["x"], [], "a: b"])
    if type(value) is dict:
        return Change(SET, (*path, "zzz", *chance.choice([(), ("yyy",)])), new)
    if type(value) is list and path:
        return Change(ADD, path, new)
    return Change(chance.choice([SET, REMOVE]), path, "new") if path else None


@pytest.mark.parametrize(
    "corpus", ["realworld", "kustomize-golden", "helm-golden", "kyverno-policies"]
)
def test_real_documents_change_in_one_place(corpus: str) -> None:
    chance = random.Random(17)
    tried = made = 0
    for number, document in _documents(corpus, 120):
        for node in chance.sample(nodes := _nodes(document.value), min(4, len(nodes))):
            change = _change(node, chance)
            if change is None:
                continue
            tried += 1
            try:
                result = edited(document, change, number)
            except CannotEditError:
                continue
            made += 1
            _holds_the_change(document, change, result.document)
            _is_one_place(document, change, result.text)
    assert tried > 40
    assert made >= tried * 0.9


def _holds_the_change(before: Document, change: Change, after: Document) -> None:
    found, there = existing(after.value, change.path)
    if change.what == SET:
        assert found == change.value
    elif change.what == ADD:
        assert change.value in found
    else:
        gone = type(change.path[-1]) is str
        parent, _ = existing(before.value, change.path[:-1])
        assert not there if gone else len(existing(after.value, change.path[:-1])[0]) < len(parent)


def _alike(one: str, other: str) -> int:
    """How many characters the two begin with alike."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _is_one_place(before: Document, change: Change, text: str) -> None:
    """All but the value that gives way is there still, in front of the change and behind it."""
    old = before.lines.text
    same = _alike(old, text)
    rest = _alike(old[same:][::-1], text[same:][::-1])
    span = before.span(change.path)
    if change.what == REMOVE:
        assert same + rest >= len(text) - 3  # an empty map takes the place of its last field
        return
    found, there = existing(before.value, change.path[:-1])
    replaced = span[1] - span[0] if span is not None else 4 if not found else 0
    blank = 4 if not there or not found or not existing(before.value, change.path)[0] else 0
    assert same + rest >= len(old) - replaced - blank
