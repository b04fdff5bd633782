"""Which characters of a text go when a field or an item goes: its lines, or its part of a line."""

from __future__ import annotations

from typing import Any

from portside.syntax.change import CannotEditError, existing
from portside.syntax.document import Document, Path
from portside.syntax.splice import Splice


def removal(document: Document, path: Path) -> list[Splice]:
    """What of the text goes with the field at `path`. Raises CannotEditError."""
    if not path:
        raise CannotEditError("a whole document is not removed")
    held, _ = existing(document.value, path[:-1])
    span = document.span(path)
    begin = document.begin(path)
    around = document.begin(()) if len(path) == 1 else (document.span(path[:-1]) or (None,))[0]
    if span is None or begin is None or around is None:
        raise CannotEditError("it is written nowhere")
    text = document.lines.text
    if text[around : around + 1] in ("{", "["):
        return [_of_flow(document, path, held)]
    if len(held) == 1:
        return _emptied(document, path, held)
    if type(held) is list:
        return [_item(text, begin, span[1])]
    return [_field(text, begin, span[1])]


def _field(text: str, begin: int, end: int) -> Splice:
    """The lines of a field; behind a dash, what follows moves up to it."""
    line = text.rfind("\n", 0, begin) + 1
    below = text.index("\n", end) + 1
    if not text[line:begin].strip():
        return line, below, ""
    while text[below : below + 1] in (" ", "\n"):
        below += 1
    return begin, below, ""


def _item(text: str, begin: int, end: int) -> Splice:
    """The lines of an item, whose dash stands before it."""
    dash = text.rfind("-", 0, begin)
    if text[dash + 1 : begin].strip():
        raise CannotEditError("the dash of the item cannot be told")
    return _field(text, dash, end)


def _of_flow(document: Document, path: Path, held: Any) -> Splice:
    """A part of what stands between brackets, with one of the commas around it."""
    keys = list(held) if type(held) is dict else range(len(held))
    siblings = [(*path[:-1], key) for key in keys]
    at = siblings.index(path)
    begin, end = document.begin(path) or 0, (document.span(path) or (0, 0))[1]
    text = document.lines.text
    if at + 1 < len(siblings):
        return begin, document.begin(siblings[at + 1]) or end, ""
    if at:
        return (document.span(siblings[at - 1]) or (0, begin))[1], end, ""
    while text[begin - 1] in " \n":
        begin -= 1
    while text[end] in " \n,":
        end += 1
    return begin, end, ""


def _emptied(document: Document, path: Path, held: Any) -> list[Splice]:
    """The last field of a block: brackets with nothing in them take its place."""
    above = path[:-1]
    if not above or type(above[-1]) is int:
        raise CannotEditError("nothing would be left of what holds it")
    text = document.lines.text
    begin = document.begin(above) or 0
    colon = _colon(text, begin)
    first = text.index("\n", colon) + 1
    end = text.index("\n", (document.span(path) or (0, 0))[1]) + 1
    return [(colon + 1, colon + 1, " {}" if type(held) is dict else " []"), (first, end, "")]


def _colon(text: str, begin: int) -> int:
    """Where the colon behind the key at `begin` stands."""
    quote = text[begin]
    if quote in ("'", '"'):
        begin = text.index(quote, begin + 1)
    return text.index(":", begin)
