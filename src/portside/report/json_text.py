"""JSON as every parser reads it: ASCII only, and no half of a surrogate pair."""

from __future__ import annotations

from json import JSONEncoder
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from re import Match

_ENCODE = JSONEncoder(ensure_ascii=True, separators=(", ", ": ")).encode


def encoded(value: object) -> str:
    """`value` as JSON on one line. A byte of a file's name that is not UTF-8 is written `\\xNN`."""
    text = _ENCODE(value)
    return whole(text) if "\\ud" in text else text


def quoted(text: str) -> str:
    """`text` as a JSON string; it may still hold half of a surrogate pair: see `whole`."""
    made: str = encode_basestring_ascii(text)
    return made


def whole(text: str) -> str:
    """The JSON `text` with each half of a surrogate pair spelt out as text.

    RFC 8259 section 8.2 leaves open what such a half means: parsers refuse it or replace it. They
    stand for bytes that are not UTF-8 in names of files.
    """
    from re import sub

    pair = r"\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}"
    return sub(rf"{pair}|\\u(d[89a-f][0-9a-f]{{2}})|\\.", _spelt, text)


def _spelt(match: Match[str]) -> str:
    half = match.group(1)
    if half is None:
        return match.group()
    code = int(half, 16)
    return f"\\\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\\\u{half}"
