"""What a rule in Python answers: what is wrong and where, or which fact it lacks."""

from __future__ import annotations

from typing import NamedTuple

from portside.model.place import FieldPath


class Violation(NamedTuple):
    """A fault. The engine adds rule, severity, object, file, line, column and identity.

    `message` says what is wrong, without its subject and in lower case; `path` is the field at
    fault, or the field that is missing (its nearest written ancestor is shown).
    """

    message: str
    path: FieldPath = ()
    severity: int | None = None
    """Where this fault weighs more or less than its rule's usual one."""
    subject: FieldPath | None = None
    """What it is about, for causes that cover consequences; `path` where it is left out."""
    place: tuple[int, int, int] | None = None
    """Line, column and width, where the fault is a part of what stands at `path`."""


class Doubt(NamedTuple):
    """The rule lacks a fact about this object, and so has no verdict. Never a pass."""

    missing: str
    """The fact, as words: `the network policies of its namespace`."""


Answer = Violation | Doubt
