"""Rules in Python asked about one object, or one file that is no object (stage A)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.engine.answer import finding
from portside.model.place import dotted
from portside.model.violation import Doubt

if TYPE_CHECKING:
    from portside.engine.judge import Judgement
    from portside.engine.plan import BoundPython, Plan
    from portside.model.facts import Place
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
            judgement.doubt(rule, f"{dotted(path)} is {got}, expected {expected}")
            continue
        try:
            for answer in rule(resource):
                if isinstance(answer, Doubt):
                    judgement.doubt(rule, answer.missing)
                else:
                    place = _place(answer, resource)
                    judgement.findings.append(finding(rule, answer, resource, place))
        except Exception as error:  # noqa: BLE001 - a crash is an answer, too: unread
            judgement.crash(rule, error)


def _place(it: Violation, resource: Resource) -> Place:
    if it.place is not None:
        return it.place
    return resource.mark(it.path)
