"""A text that was read before gives the same document once more, at its own lines."""

from __future__ import annotations

from portside.syntax import DEFAULT, Document, read
from portside.syntax.kept import Kept

TEXT = "a: {b: [1, 2.5, x]}\nc: |\n  d\n"


def one(text: str, kept: Kept) -> Document:
    (found,) = read(text.encode(), DEFAULT, kept)
    assert isinstance(found, Document)
    return found


def test_the_second_reading_is_equal_and_shares_nothing() -> None:
    kept = Kept()
    first, second = one(TEXT, kept), one(TEXT, kept)
    second.value["a"]["b"].append("y")
    third = one(TEXT, kept)
    assert first.value == third.value == {"a": {"b": [1, 2.5, "x"]}, "c": "d\n"}
    assert list(first.keys()) == list(third.keys())


def test_a_document_that_stands_elsewhere_has_its_own_lines() -> None:
    kept = Kept()
    one(TEXT, kept)
    _, again = read(f"x: y\n---\n{TEXT}".encode(), DEFAULT, kept)
    assert isinstance(again, Document)
    assert again.key_position(("c",)) == (4, 1)


def test_what_there_is_more_to_say_of_is_read_anew() -> None:
    kept = Kept()
    text = "a: 1\na: 2\n"
    assert [one(text, kept).duplicates for _ in range(2)] == [[(("a",), (1, 1), (2, 1))]] * 2
