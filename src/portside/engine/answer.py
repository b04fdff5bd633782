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
        mends=_mends(rule.fix, it.mends) if rule.fix else "",
    )


def _mends(fix: str, said: str) -> str:
    """How the fault can be mended, where the rule's fix is of class `fix` and it says `said`."""
    if said == "none":
        return ""
    return said or ("unsafe" if fix == "conditional" else fix)


def in_order(it: Finding) -> tuple[int, int, int, str]:
    """What findings of one file are sorted by: their place, the worst first."""
    return it.line, it.column, -it.severity, it.rule
