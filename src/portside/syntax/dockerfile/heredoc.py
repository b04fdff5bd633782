"""Which here-documents an instruction opens.

Source: moby/buildkit, frontend/dockerfile/parser/parser.go, heredocsFromLine.
"""

from __future__ import annotations

import re

from portside.records import NamedTuple
from portside.syntax.dockerfile.expand import ExpansionError, split_raw, unquoted
from portside.syntax.dockerfile.instruction import EXEC, Instruction

_OPENS = re.compile(r"(?a:([0-9]*)<<(-?)[\t\n\f\r ]*([^<]*))\Z")
_HOLDERS = frozenset({"ADD", "COPY", "RUN"})


class Opened(NamedTuple):
    """What stands behind `<<`."""

    name: str
    expand: bool
    chomp: bool


def may_hold(instruction: Instruction) -> bool:
    """Whether here-documents may follow the instruction."""
    asked = instruction.trigger or instruction
    return asked.keyword in _HOLDERS and asked.form != EXEC


def opened(line: str) -> list[Opened]:
    """The here-documents that a line opens, in order. Raises ValueError."""
    return [it for it in map(opens, split_raw(line)) if it is not None]


def opens(word: str) -> Opened | None:
    """The here-document that one word opens. Raises ValueError."""
    found = _OPENS.match(word)
    rest = found[3] if found else ""
    if found is None or not rest:
        return None
    try:
        names, raw = unquoted(rest), unquoted(rest, raw=True)
    except ExpansionError as error:
        raise ValueError(f"the name of a here-document cannot be read: {error}") from error
    if len(names) != 1:
        return None
    if len(raw) != 1:
        raise ValueError("the name of a here-document cannot be read")
    return Opened(names[0], _quotes(names[0]) == _quotes(raw[0]), found[2] == "-")


def _quotes(text: str) -> int:
    return text.count("'") + text.count('"')
