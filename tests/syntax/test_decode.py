"""Bytes become text as Python's own decoders have it, and what is no text costs next to nothing."""

from __future__ import annotations

import codecs
import random

import pytest

from portside.syntax import Broken, read
from portside.syntax.read import decode
from tests.patience import within

MARKS = {
    "utf-8": (b"", codecs.BOM_UTF8),
    "utf-16-le": (codecs.BOM_UTF16_LE,),
    "utf-16-be": (codecs.BOM_UTF16_BE,),
}
PIECE = 1 << 16
CUT_OFF = (
    *(b"\xf0\x9f\x98\x80", b"\xf0\x9f\x98", b"\xe2\x82", b"\xc3", b"\xed\xa0\x80", b"\xff"),
    *(b"\x3d\xd8\x00\xde", b"\x00\xd8", b"\x00\xdc", b"\xd8\x00", b"\x00", b"a\n"),
)


@pytest.mark.parametrize("encoding", MARKS)
def test_bytes_are_decoded_as_if_at_once_wherever_they_are_cut(encoding: str) -> None:
    chance = random.Random(5)
    for mark in MARKS[encoding]:
        for before in range(PIECE - 6, PIECE + 3):
            ends = b"".join(chance.choice(CUT_OFF) for _ in range(8))
            raw = b"a" * before + ends + b"\n" * PIECE
            assert decode(mark + raw)[0] == raw.decode(encoding, "replace")


def test_the_line_is_that_of_the_first_byte_that_is_no_characters() -> None:
    assert decode(b"a: b\nc: \xff\n\xff") == ("a: b\nc: \ufffd\n\ufffd", 2)
    assert decode(b"\xff\xfe" + "a\n".encode("utf-16-le") + b"\x00\xd8") == ("a\n\ufffd", 2)
    assert decode("a: \ufffd\n".encode()) == ("a: \ufffd\n", 0)


@pytest.mark.parametrize(
    ("before", "raw", "line"),
    [
        (b"a: b\n", b"\xff\xff", 2),
        (codecs.BOM_UTF16_LE, b"\x00\xd8", 1),
        (codecs.BOM_UTF16_BE, b"\xd8\x00", 1),
    ],
)
def test_what_is_no_text_is_told_from_its_beginning(before: bytes, raw: bytes, line: int) -> None:
    with within(0.2):
        (broken,) = read(before + raw * 4_000_000)

    said = "no text: it is neither UTF-8 nor, by a mark, UTF-16"
    assert broken == Broken(line, 1, said)


def test_a_few_bytes_in_another_encoding_are_no_end_of_a_text() -> None:
    data = b"a: " + b"\xe9" * 10_000 + b"\nb: " + b"x" * (1 << 20)

    (document,) = read(data)

    assert not isinstance(document, Broken)
    assert document.value == {"a": "\ufffd" * 10_000, "b": "x" * (1 << 20)}
