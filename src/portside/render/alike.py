"""Whether the markers in a rendered text are comments: found out without parsing it.

The text without markers has been read, so it is known where its texts of several lines stand. A
marker behind any other line is a comment, and changes nothing. What is not that plain is parsed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from portside.render.marking import MARK
from portside.syntax import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portside.syntax import Broken

_FIRST = " #pv:"
_BEHIND = re.compile(rf"(?:{MARK.format('[0-9]{1,9}')}|[ \t])*\Z")
_MARKER = re.compile(MARK.format("[0-9]{1,9}"))
_ODD = ("\r", "\x85", "\u2028", "\u2029", "<<", "? ", "\n%")
"""Other line breaks; merged keys, whose places are elsewhere; keys of several lines; directives."""


def comments_only(documents: Sequence[Document | Broken], plain: str, marked: str) -> bool:
    """Whether `marked` is `plain`, of which `documents` were read, with comments behind lines.

    False where that cannot be told so easily.
    """
    if plain.lstrip()[:1] == "{" or any(it in plain for it in _ODD):
        return False
    lines = _marked_lines(plain, marked)
    if not lines:
        return lines is not None
    return all(_outside(lines, it) for it in documents if isinstance(it, Document))


def _marked_lines(plain: str, marked: str) -> set[int] | None:
    """The lines, counted from 1, that carry markers; None where more than markers differs."""
    before, after = plain.split("\n"), marked.split("\n")
    if len(before) != len(after):
        return None
    found: set[int] = set()
    for number, (one, other) in enumerate(zip(before, after, strict=True), 1):
        if one == other:
            continue
        at = other.find(_FIRST)
        if at < 0 or not one.strip() or not _BEHIND.match(other, at):
            return None
        if _MARKER.sub("", other) != one:
            return None
        found.add(number)
    return found


def _outside(lines: set[int], document: Document) -> bool:
    """Whether no end of one of `lines` stands in a text of several lines."""
    if document.duplicates:
        # What is replaced has no place any more.
        return False
    text = document.lines.text
    for key, begin, end in document.long_texts():
        first, last = document.lines(key)[0], document.lines(end)[0]
        if text.startswith(("|", ">"), begin):
            # The line that a block begins on is none of its own, and its last one is.
            first, last = document.lines(begin)[0] + 1, last + 1
        if not lines.isdisjoint(range(first, last)):
            return False
    return True
