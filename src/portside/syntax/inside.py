"""From an offset in the value of a scalar to the place in the file where that character is written.

Folding, chomping and indentation add and drop blanks and line breaks, and nothing else. So the
n-th character of a value that is no blank is the n-th one that is written and no blank; only quotes
need a look at what they escape. That holds for each of YAML's styles, and without a second reading
of its rules of folding.
"""

from __future__ import annotations

from bisect import bisect_right

from portside.syntax.document import Document, Path, Position

_BLANK = frozenset(" \t\n\r\x85\u2028\u2029")
_BREAKS = frozenset("\n\r\x85\u2028\u2029")
_BLANK_ESCAPES = frozenset(" \tnrtNLP\n\r\x85\u2028\u2029")
"""Behind a backslash: what stands for a blank, or for nothing."""
_WIDE_ESCAPES = {"x": 2, "u": 4, "U": 8}


class Written:
    """One scalar as it is written. Made once for a value, asked for any number of offsets."""

    __slots__ = ("_begin", "_document", "_offsets", "_places")

    def __init__(self, document: Document, path: Path, value: str) -> None:
        """`value` is what stands at `path`, in which offsets are counted."""
        span = document.span(path)
        self._document = document
        self._begin, self._places = 0, list[int]()
        if span is not None:
            self._begin, self._places = _written(document.lines.text, *span)
        self._offsets = [at for at, it in enumerate(value) if it not in _BLANK]

    def position(self, offset: int) -> Position:
        """Line and column of the character at `offset` of the value.

        Of a blank: the place behind the character before it. Where what is written cannot be told
        apart (an alias, a value that is not written here), the place where the scalar begins.
        """
        return self._document.lines(self.index(offset))

    def index(self, offset: int) -> int:
        """As `position`, as an index into the document's text."""
        if len(self._places) < len(self._offsets):
            return self._begin
        count = bisect_right(self._offsets, offset)
        if count and self._offsets[count - 1] == offset:
            return self._places[count - 1]
        return self._places[count - 1] + 1 if count else self._begin


def written_text(document: Document, path: Path) -> str:
    """The plain scalar at `path` as it is written: `on`, `1.10`, `yes`; empty for any other."""
    span = document.span(path)
    if span is None:
        return ""
    text = document.lines.text[slice(*span)].strip()
    return text if text[:1] not in ("'", '"', "|", ">", "&", "!", "*", "[", "{") else ""


def _written(text: str, begin: int, end: int) -> tuple[int, list[int]]:
    """Where the scalar from `begin` to `end` begins, and the indices of its non-blanks."""
    at = _behind_properties(text, begin, end)
    style = text[at : at + 1]
    if style == "'":
        return at, _single_quoted(text, at + 1, end)
    if style == '"':
        return at, _double_quoted(text, at + 1, end)
    if style in ("|", ">"):
        at = _next_line(text, at, end)
    elif style == "*":
        return at, []
    return at, [it for it in range(at, end) if text[it] not in _BLANK]


def _behind_properties(text: str, at: int, end: int) -> int:
    """Behind an anchor, a tag and the blanks and comments that follow them."""
    while at < end and text[at] in "&!":
        while at < end and text[at] not in _BLANK:
            at += 1
        while at < end and (text[at] in _BLANK or text[at] == "#"):
            at = _next_line(text, at, end) if text[at] == "#" else at + 1
    return at


def _next_line(text: str, at: int, end: int) -> int:
    while at < end and text[at] not in _BREAKS:
        at += 1
    return at


def _single_quoted(text: str, at: int, end: int) -> list[int]:
    found = []
    while at < end:
        if text[at] == "'":
            if text[at + 1 : at + 2] != "'":
                break
            found.append(at)
            at += 1
        elif text[at] not in _BLANK:
            found.append(at)
        at += 1
    return found


def _double_quoted(text: str, at: int, end: int) -> list[int]:
    found = []
    while at < end and text[at] != '"':
        if text[at] != "\\":
            if text[at] not in _BLANK:
                found.append(at)
            at += 1
            continue
        width, is_blank = _escape(text, at)
        if not is_blank:
            found.append(at)
        at += width
    return found


def _escape(text: str, at: int) -> tuple[int, bool]:
    """How many characters the escape at `at` takes, and whether it stands for a blank."""
    letter = text[at + 1 : at + 2]
    digits = _WIDE_ESCAPES.get(letter, 0)
    if not digits:
        return 2, letter in _BLANK_ESCAPES
    try:
        code = int(text[at + 2 : at + 2 + digits], 16)
    except ValueError:
        return 2, False
    width = 2 + digits
    if 0xD800 <= code < 0xDC00 and text[at + width : at + width + 2] == "\\u":
        # JSON: two halves of one character.
        width += 6
    return width, code < 0x110000 and chr(code) in _BLANK
