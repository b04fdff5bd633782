"""A fault that a rule in Python found in an object or a fact → a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.engine.identity import identity
from portside.model.finding import Finding

if TYPE_CHECKING:
    from portside.engine.plan import BoundPython
    from portside.model.facts import Fact, Place
    from portside.model.resource import Resource
    from portside.model.violation import Violation


def finding(rule: BoundPython, it: Violation, about: Resource | Fact, place: Place) -> Finding:
    """The finding of `rule` at `place`: line, column and width."""
    line, column, width = place
    message = it.message
    if "://" in message and "@" in message:
        from portside.secrets.veil import without_formats

        message = without_formats(message)
    return Finding(
        rule=rule.rule,
        severity=rule.severity if it.severity is None else it.severity,
        message=message,
        resource=about.ref,
        path=it.path,
        subject=it.path if it.subject is None else it.subject,
        file=about.file,
        line=line,
        column=column,
        width=width,
        identity=identity(rule.rule, about, it.path),
        mends=rule.mends(about, it.path) if rule.fix else "",
    )


def in_order(it: Finding) -> tuple[int, int, int, str]:
    """What findings of one file are sorted by: their place, the worst first."""
    return it.line, it.column, -it.severity, it.rule
