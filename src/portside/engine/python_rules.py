"""Rules in Python asked about one object, or one file that is no object (stage A)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.engine.identity import identity
from portside.model.finding import Finding, Undecided
from portside.model.place import dotted
from portside.model.violation import Doubt

if TYPE_CHECKING:
    from portside.engine.judge import Judgement
    from portside.engine.plan import BoundPython, Plan
    from portside.model.resource import Resource
    from portside.model.violation import Violation


def python_rules(resource: Resource, plan: Plan) -> tuple[BoundPython, ...]:
    """The rules in Python that are about `resource`."""
    return plan.python(resource.group, resource.kind, bool(resource.pods()), "object")


def ask_python(judgement: Judgement, rules: tuple[BoundPython, ...]) -> None:
    """Ask each of `rules` about the object; one with a field of a wrong type leaves them open."""
    resource = judgement.resource
    judgement.rules += len(rules)
    for rule in rules:
        if resource.mistyped:
            path, expected, got = resource.mistyped[0]
            _doubt(judgement, rule, f"{dotted(path)} is {got}, expected {expected}")
            continue
        try:
            for answer in rule(resource):
                if isinstance(answer, Doubt):
                    _doubt(judgement, rule, answer.missing)
                else:
                    judgement.findings.append(_finding(rule, answer, resource))
        except Exception as error:  # noqa: BLE001 - a crash is an answer, too: unread
            judgement.crash(rule, error)


def _doubt(judgement: Judgement, rule: BoundPython, missing: str) -> None:
    resource = judgement.resource
    doubt = Undecided(rule.rule, resource.ref, missing, resource.file, resource.line)
    if doubt not in judgement.undecided:
        judgement.undecided.append(doubt)


def _finding(rule: BoundPython, it: Violation, resource: Resource) -> Finding:
    if it.place is None:
        line, column = resource.place(it.path)
        width = resource.text.width(resource.prefix + it.path)
    else:
        line, column, width = it.place
    return Finding(
        rule=rule.rule,
        severity=rule.severity if it.severity is None else it.severity,
        message=it.message,
        resource=resource.ref,
        path=it.path,
        subject=it.path if it.subject is None else it.subject,
        file=resource.file,
        line=line,
        column=column,
        width=width,
        identity=identity(rule.rule, resource, it.path),
    )
