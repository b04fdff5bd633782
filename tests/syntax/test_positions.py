"""Every field has the line and the column of its key and of its value, as an editor counts them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from portside.syntax import Document, read
from portside.syntax.document import Path
from tests.syntax.cases import texts as cases
from tests.syntax.texts import Texts

COUNT = 1_000 * int(os.environ.get("PORTSIDE_FUZZ", "1"))


def only(text: str | bytes) -> Document:
    found = list(read(text.encode() if isinstance(text, str) else text))
    assert len(found) == 1
    assert isinstance(found[0], Document), found
    return found[0]


def places(text: str | bytes, *path: str | int) -> tuple[Any, Any]:
    document = only(text)
    return document.key_position(path), document.value_position(path)


def test_a_key_and_its_value() -> None:
    text = "a: 1\nbb:\n  c:   'x'\n"

    assert places(text, "a") == ((1, 1), (1, 4))
    assert places(text, "bb") == ((2, 1), (3, 3))
    assert places(text, "bb", "c") == ((3, 3), (3, 8))


def test_the_items_of_a_list_are_where_their_value_begins() -> None:
    text = "a:\n- x\n-   y\n- b: 1\n  c: 2\n-\n  - z\n"

    assert places(text, "a", 0) == ((2, 3), (2, 3))
    assert places(text, "a", 1) == ((3, 5), (3, 5))
    assert places(text, "a", 2) == ((4, 3), (4, 3))
    assert places(text, "a", 2, "c") == ((5, 3), (5, 6))
    assert places(text, "a", 3, 0) == ((7, 5), (7, 5))


def test_flow_style() -> None:
    text = "a: {b: [1, {c: 2}], 'd e': 3}\n"

    assert places(text, "a") == ((1, 1), (1, 4))
    assert places(text, "a", "b", 0) == ((1, 9), (1, 9))
    assert places(text, "a", "b", 1, "c") == ((1, 13), (1, 16))
    assert places(text, "a", "d e") == ((1, 21), (1, 28))


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_line_ending_ends_a_line(ending: str) -> None:
    text = "a: 1\n# b\nc: |\n  x\n\n  y\nd:\n  e: 2\n".replace("\n", ending)

    assert places(text, "c") == ((3, 1), (3, 4))
    assert places(text, "d", "e") == ((8, 3), (8, 6))


@pytest.mark.parametrize("mark", ["\u0085", "\u2028", "\u2029"])
def test_what_only_yaml_takes_for_a_line_break_ends_no_line(mark: str) -> None:
    text = f"a: 1{mark}b: 2\nc: 3\n"

    assert places(text, "b") == ((1, 6), (1, 9))
    assert places(text, "c") == ((2, 1), (2, 4))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_columns_count_characters_in_every_encoding(encoding: str) -> None:
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    text = f"{mark}é: 1\n'😀': {{ü😀: 2, b: 3}}\nc: 4\n".encode(encoding)

    assert places(text, "é") == ((1, 1), (1, 4))
    assert places(text, "😀", "ü😀") == ((2, 7), (2, 11))
    assert places(text, "😀", "b") == ((2, 14), (2, 17))
    assert places(text, "c") == ((3, 1), (3, 4))


def test_a_tab_is_one_character() -> None:
    assert places("a:\tb\nc:\t\t{d:\te}\n", "c", "d") == ((2, 6), (2, 9))


def test_documents_know_their_lines_in_the_file() -> None:
    text = b"# a\n---\na: 1\n--- # b\n\n\nb: 2\n---\r\nc: 3\r\n---\n---\n\nd:\n- 4"
    found = [it for it in read(text) if isinstance(it, Document)]

    assert [(it.line, it.key_position(tuple(it.value))) for it in found] == [
        (3, (3, 1)),
        (7, (7, 1)),
        (9, (9, 1)),
        (13, (13, 1)),
    ]
    assert found[3].key_position(("d", 0)) == (14, 3)


def test_an_alias_has_its_own_place_and_its_fields_those_of_the_anchor() -> None:
    text = "a: &x\n  b: 1\nc: *x\n"

    assert places(text, "c") == ((3, 1), (3, 4))
    assert places(text, "c", "b") == ((2, 3), (2, 6))


def test_merged_fields_stand_where_they_were_written() -> None:
    text = "a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n"
    document = only(text)

    assert document.value["d"] == {"b": 1, "c": 3}
    assert document.key_position(("d", "b")) == (1, 8)
    assert document.key_position(("d", "c")) == (4, 3)
    assert document.duplicates == []


def test_keys_that_are_no_text_are_found_by_their_text() -> None:
    text = "8080: a\nyes: b\n? x\n: c\n"

    assert places(text, "8080") == ((1, 1), (1, 7))
    assert places(text, "true") == ((2, 1), (2, 6))
    assert places(text, "x") == ((3, 3), (4, 3))


def test_what_is_not_written_has_the_place_of_its_nearest_ancestor() -> None:
    document = only("a:\n  b:\n  - c: 1\n")

    assert document.nearest(("a", "b", 0, "x", "y")) == (3, 5)
    assert document.nearest(("a", "b", 7)) == (2, 3)
    assert document.nearest(("x",)) == (1, 1)
    assert document.nearest(()) == (1, 1)
    assert document.key_position(("a", "x")) is None
    assert document.value_position(("a", "b", 0, "c", "d")) is None
    assert document.key_position(()) is None


def test_places_stay_when_the_value_is_changed() -> None:
    document = only("a: null\nb: {c: 1, d: 2}\ne: [1, 2]\n")
    del document.value["a"]
    document.value["b"] = {"d": 2, "x": 1}
    document.value["e"].clear()

    assert document.key_position(("b", "d")) == (2, 11)
    assert document.nearest(("b", "x")) == (2, 1)
    assert document.key_position(("e", 1)) == (3, 8)


def test_duplicate_keys_have_both_their_places() -> None:
    document = only("a: 1\nb:\n- c: 1\n  d: 2\n  c: 3\na: 2\n'a': 4\n")

    assert document.value == {"a": 4, "b": [{"c": 3, "d": 2}]}
    assert document.duplicates == [
        (("b", 0, "c"), (3, 3), (5, 3)),
        (("a",), (1, 1), (6, 1)),
        (("a",), (6, 1), (7, 1)),
    ]


@pytest.mark.parametrize("text", ["1: a\n'1': b\n", "1: a\n1.0: b\n", ".nan: a\n.NaN: b\n"])
def test_keys_of_which_kubernetes_keeps_one_at_random_are_refused(text: str) -> None:
    (found,) = read(text.encode())

    assert not isinstance(found, Document)
    assert "keeps either one at random" in found.message


def test_duplicate_keys_of_a_value_that_is_itself_replaced_have_the_right_path() -> None:
    document = only("a: {x: 1, x: 2}\na: {y: 1}\nb: {z: 1, z: 2}\n")

    assert [path for path, _, _ in document.duplicates] == [("a", "x"), ("a",), ("b", "z")]


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("a: 1\n", 4),
        ("a: 1  # b\n", 4),
        ("a: 'b c'\n", 8),
        ("a:\n", 2),
        ("a:   \n", 2),
        ("a: [1, 2]\n", 9),
        ("a: [1,\n  2]\n", 3),
        ("a:\n  b: 1\n", 1),
        ("a: {b: 1}  # c\n", 9),
        ("a: |\n  b\n", 3),
        ("a: b\n  c\n", 3),
        ("{a: b, c: d}", 4),
        ("a: 😀😀\n", 5),
        ("a: &x 1\n", 7),
        ("a: *b\n", 0),
        ("b: 1\n", 0),
    ],
)
def test_the_width_of_a_field_is_what_it_spans_on_its_first_line(text: str, width: int) -> None:
    found = next(read(text.encode()))

    assert (found.width(("a",)) if isinstance(found, Document) else 0) == width


def test_every_key_says_on_which_line_its_value_ends() -> None:
    document = only(
        "a:\n  b: 1\n\n# x\nc: |\n  d\n\n  e\n\nf: [1,\n 2]\ng:\n- h\n\n- i: j\n    k\n"
    )

    ends = {path: last for path, _, last in document.keys()}  # noqa: SIM118 - a method, no map
    assert ends[("a",)] == 2
    assert ends[("c",)] == 8
    assert ends[("f",)] == 11
    assert ends[("g",)] == 16
    assert ends[("g", 1, "i")] == 16


def test_json_has_places_too() -> None:
    text = '{\n  "a": [1, {"b c": "x"}],\r\n\t"\\u0064": 2}\n{"e": 3} {"f": "😀", "g": 4}'
    found = [it for it in read(text.encode()) if isinstance(it, Document)]

    assert [it.value for it in found] == [
        {"a": [1, {"b c": "x"}], "d": 2},
        {"e": 3},
        {"f": "😀", "g": 4},
    ]
    assert found[0].key_position(("a", 1, "b c")) == (2, 13)
    assert found[0].value_position(("a", 1, "b c")) == (2, 20)
    assert found[0].key_position(("d",)) == (3, 2)
    assert found[1].key_position(("e",)) == (4, 2)
    assert found[2].key_position(("g",)) == (4, 21)
    assert found[2].width(("f",)) == 8
    assert [it.line for it in found] == [1, 4, 4]


def test_duplicate_keys_of_json_have_both_their_places() -> None:
    document = only('{"a": {"b": 1,\n "b": 2}, "a": {"c": [{"d": 1, "d": 2}]}}')

    assert document.value == {"a": {"c": [{"d": 2}]}}
    assert document.duplicates == [
        (("a", "b"), (1, 8), (2, 2)),
        (("a",), (1, 2), (2, 11)),
        (("a", "c", 0, "d"), (2, 24), (2, 32)),
    ]


def test_at_the_place_of_every_key_of_random_documents_that_key_is_written() -> None:
    texts = Texts(7)
    checked = sum(_check(texts()) for _ in range(COUNT))
    checked += sum(_check(text) for text in cases().values())

    assert checked > COUNT


def test_at_the_place_of_every_key_of_random_trees_that_key_is_written() -> None:
    random = Random(int(os.environ.get("PORTSIDE_SEED", "3")))
    for _ in range(200):
        value = {"r": _tree(random, 4)}
        for text in (json.dumps(value), json.dumps(value, indent=2), _block(value)):
            document = only(text)
            assert document.value == value
            assert _check(text.encode()) == sum(1 for _ in _paths(value))


def _check(text: bytes) -> int:
    """How many keys of the documents in `text` are written where they are said to be."""
    lines = _lines(text)
    checked = 0
    for document in read(text):
        if isinstance(document, Document):
            for path in _paths(document.value):
                place = document.key_position(path)
                assert place is not None, (text, path)
                line, column = place
                written = lines[line - 1][column - 1 :]
                assert _is_written(path[-1], written), (text, path, place, written)
                checked += 1
    return checked


def _lines(text: bytes) -> list[str]:
    """The lines of a file as an editor shows them."""
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        decoded = text.decode("utf-16", "replace")
    else:
        decoded = text.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    # A mark in the middle of a file begins the text of its document, and has no width.
    return [it.removeprefix("\ufeff") for it in re.split("\r\n|\n|\r", decoded)]


def _is_written(step: str | int, written: str) -> bool:
    if isinstance(step, int) or re.match(r"[&*!|>]|['\"].*$|\?", written):
        # An item, or what needs a parser to be read: an anchor, a tag, a quoted text with escapes.
        return not _plainly_quoted(step, written) or written[1:].startswith(str(step))
    first = re.split(r"[\u0085\u2028\u2029]|:(\s|$)|[,\[\]{}]", written)[0] if step else ""
    return step.startswith(first.strip()) or _same_scalar(step, first.strip())


def _plainly_quoted(step: str | int, written: str) -> Any:
    return isinstance(step, str) and re.match(r"(['\"])[\w -]+\1", written)


def _same_scalar(step: str, written: str) -> bool:
    """Whether `written` is another spelling of the key: a number, a boolean, infinity."""
    found = list(read(f"{written}: 1\n".encode()))
    return bool(found) and isinstance(found[0], Document) and step in (found[0].value or {})


def _paths(value: Any, above: Path = ()) -> Iterator[Path]:
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value if isinstance(value, list) else ())
    )
    for step, item in items:
        yield (*above, step)
        yield from _paths(item, (*above, step))


def _tree(random: Random, depth: int) -> Any:
    if not depth or random.random() < 0.3:
        return random.choice((1, True, None, "x", "a b", "é😀", "", 1.5, [], {}))
    if random.random() < 0.5:
        return [_tree(random, depth - 1) for _ in range(random.randint(1, 3))]
    keys = random.sample(("a", "bb", "c d", "é", "😀x", "f-g", "h.i/j"), random.randint(1, 4))
    return {key: _tree(random, depth - 1) for key in keys}


def _block(value: Any, indent: int = 0) -> str:
    """A tree in block style."""
    lead = " " * indent
    if isinstance(value, dict) and value:
        return "".join(f"\n{lead}{key}: {_block(item, indent + 2)}" for key, item in value.items())
    if isinstance(value, list) and value:
        return "".join(f"\n{lead}- {_block(item, indent + 2)}" for item in value)
    return json.dumps(value, ensure_ascii=False)
