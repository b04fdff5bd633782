"""The lines of a template: their actions, the text around these, and which are part of texts."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from portside.records import NamedTuple
from portside.syntax.gotemplate.lex import NUMBER, Raw

_OPENS = re.compile(r"(?:^|[:\-]) *(?:&\S{1,99} +)?[|>][-+0-9]{0,2}[ \t]*(?:#.*)?$")
_QUOTE = re.compile(r"[ \t]*(?:-[ \t]+)*(?:[\w./-]+:[ \t]+)?([\"'])")
_ESCAPED = {"'": re.compile("''"), '"': re.compile(r"\\.")}
_MOST_QUOTED = 100
"""Lines of a quoted text."""
_DASHES = re.compile(r"[ \t]*(?:-[ \t]+)*")
_INDENTS = ("nindent", "indent")


class Line(NamedTuple):
    """A line of a template, from `start` to before its line break."""

    number: int
    start: int
    end: int
    actions: tuple[Raw, ...]
    """Those that end on it."""
    written: str
    """Its text without its actions."""
    indent: int
    """The column of the first of that text; -1 where there is none."""
    ends_outside: bool
    """Whether its line break stands in no action."""


def lines_of(text: str, raws: Sequence[Raw]) -> list[Line]:
    """Every line of `text`, of which `raws` are the actions."""
    found: list[Line] = []
    start = at = 0
    begins = [it.start for it in raws]
    for number, rest in enumerate(text.split("\n"), 1):
        end = start + len(rest)
        has_break = end < len(text)
        if start == len(text):
            break
        ended: tuple[Raw, ...] = ()
        outside = True
        if at == len(raws) or begins[at] > end:
            written = rest.rstrip(" \t\r")
        else:
            first = at
            while at < len(raws) and raws[at].end <= end:
                at += 1
            outside = at == len(raws) or begins[at] > end
            written = _written(text, start, end, raws[first : at + (not outside)])
            ended = tuple(raws[first:at])
        stripped = written.lstrip(" \t")
        indent = -1 if not stripped or stripped.isspace() else len(written) - len(stripped)
        found.append(Line(number, start, end, ended, written, indent, outside and has_break))
        start = end + 1
    return found


def _written(text: str, start: int, end: int, raws: Sequence[Raw]) -> str:
    """The line with blanks for its actions, so that columns stay."""
    parts: list[str] = []
    at = start
    for raw in raws:
        begin, stop = max(raw.start, start), min(raw.end, end)
        parts += (text[at:begin], " " * (stop - begin))
        at = stop
    return "".join((*parts, text[at:end])).rstrip(" \t\r")


def in_texts(text: str, lines: Sequence[Line]) -> set[int]:
    """The numbers of the lines that stand in a block scalar, or on which a quoted text goes on."""
    found: set[int] = set()
    block = -1
    for line in lines:
        if block >= 0:
            if _goes_on(line, block):
                found.add(line.number)
                continue
            block = -1
        if line.indent < 0:
            continue
        written = text[line.start : line.end]
        if ("|" in written or ">" in written) and _OPENS.search(written.rstrip()):
            block = _indent(written)
        elif ("'" in written or '"' in written) and line.number not in found:
            found.update(_quoted(lines, line))
    return found


def _quoted(lines: Sequence[Line], first: Line) -> range:
    """The numbers of the lines from `first` on whose ends stand in the quoted text it begins."""
    opened = _QUOTE.match(first.written)
    if opened is None or _closes(first.written[opened.end() :], opened[1]):
        return range(0)
    column = _indent(first.written)
    for line in lines[first.number : first.number + _MOST_QUOTED]:
        if 0 <= line.indent <= column:
            break
        if _closes(line.written, opened[1]):
            return range(first.number, line.number)
    return range(0)


def _closes(written: str, quote: str) -> bool:
    """Whether a quoted text ends in what is written of it."""
    return quote in _ESCAPED[quote].sub("", written)


def _indent(text: str) -> int:
    """The column of the key whose value a block scalar is, or of the dash before it."""
    found = _DASHES.match(text)
    head = found[0] if found else ""
    behind = text[len(head) :]
    return len(head.rstrip()) - 1 if behind[:1] in ("|", ">") else len(head)


def _goes_on(line: Line, block: int) -> bool:
    if line.indent >= 0:
        return line.indent > block
    for raw in line.actions:
        tokens = raw.tokens
        if len(tokens) > 2 and tokens[-2].text in _INDENTS and tokens[-1].kind == NUMBER:
            return _number(tokens[-1].text) > block
    return True


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def line_at(lines: Sequence[Line], index: int) -> Line:
    """The line that the character at `index` stands in."""
    return lines[min(bisect_left(lines, index, key=lambda it: it.end), len(lines) - 1)]
