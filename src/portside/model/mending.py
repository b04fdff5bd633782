"""Edits that end findings: what rules in Python answer, and what became of them."""

from __future__ import annotations

from typing import Any

from portside.model.finding import Finding
from portside.model.place import FieldPath
from portside.records import NamedTuple

FIXED, REFUSED, ROLLED_BACK, DECLINED = STATES = ("fixed", "refused", "rolled-back", "declined")


class Outcome(NamedTuple):
    """What became of a finding that was to be mended; its place is that before the edits."""

    finding: Finding
    state: str
    reason: str = ""
    """Why it was not mended; empty where it was."""


class FieldEdit(NamedTuple):
    """`set`, `add` or `remove` at `path`, which leads from the object (or the file's map)."""

    what: str
    path: FieldPath
    value: Any = None


class LineEdit(NamedTuple):
    """In line `line` of the file, `old` becomes `new`: at `column`, or where it stands once.

    Where `old` is empty, `new` becomes a line of its own below. In YAML, nothing but the field at
    `path` may change by it.
    """

    line: int
    old: str
    new: str
    path: FieldPath = ()
    column: int = 0


class NewObject(NamedTuple):
    """A document of its own behind the last of the file."""

    value: dict[str, Any]


Edit = FieldEdit | LineEdit | NewObject


class UnmendableError(Exception):
    """The rule knows no edit for this fault; the reason is for people."""
