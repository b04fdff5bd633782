"""What a rule in Python answers: what is wrong and where, or which fact it lacks.

Plain classes: every start may load them, and making one costs nothing.
"""

from __future__ import annotations

from portside.model.place import FieldPath


class Violation:
    """A fault. The engine adds rule, severity, object, file, line, column and identity.

    `message` says what is wrong, without its subject and in lower case; `path` is the field at
    fault, or the field that is missing (its nearest written ancestor is shown); `severity` is given
    where this fault weighs more or less than its rule's usual one; `subject` is what it is about,
    for causes that cover consequences, `path` where it is left out; `place` is line, column and
    width where the fault is a part of what stands at `path`; `mends` is `safe`, `unsafe` or `none`
    where the fix of the rule is of class `conditional`, or does not fit this fault.
    """

    __slots__ = ("mends", "message", "path", "place", "severity", "subject")

    def __init__(
        self,
        message: str,
        path: FieldPath = (),
        severity: int | None = None,
        subject: FieldPath | None = None,
        place: tuple[int, int, int] | None = None,
        mends: str = "",
    ) -> None:
        self.mends = mends
        self.message = message
        self.path = path
        self.severity = severity
        self.subject = subject
        self.place = place

    def but(self, *, message: str = "", severity: int | None = None) -> Violation:
        """The same fault with another message, or of another severity."""
        weight = self.severity if severity is None else severity
        about = self.path, weight, self.subject, self.place, self.mends
        return Violation(message or self.message, *about)


class Doubt:
    """The rule lacks a fact about this object, and so has no verdict. Never a pass.

    `missing` is the fact, as words: `the network policies of its namespace`.
    """

    __slots__ = ("missing",)

    def __init__(self, missing: str) -> None:
        self.missing = missing


Answer = Violation | Doubt
