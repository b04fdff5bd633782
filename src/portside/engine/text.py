"""Faults of the text itself, which no condition can see: keys written twice, wrong types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from portside.engine.identity import identity
from portside.model.finding import Finding
from portside.model.place import dotted

if TYPE_CHECKING:
    from portside.engine.plan import Plan
    from portside.model.place import FieldPath
    from portside.model.resource import Resource

DUPLICATE_KEY = "duplicate-key"
WRONG_FIELD_TYPE = "wrong-field-type"


def faults_of_text(resource: Resource, plan: Plan) -> Iterator[Finding]:
    """A finding for each key written twice and each field whose type the API server refuses."""
    if DUPLICATE_KEY in plan.rules:
        for path, first, last in resource.duplicates:
            said = f"{dotted(path)} is written twice: the value of line {last[0]} counts, and that"
            message = f"{said} of line {first[0]} is lost"
            yield _finding(DUPLICATE_KEY, message, path, resource, plan)._replace(
                line=last[0], column=last[1]
            )
    if WRONG_FIELD_TYPE in plan.rules:
        for path, expected, got in resource.mistyped:
            message = f"{dotted(path)} is {got}, expected {expected}: the API server refuses it"
            yield _finding(WRONG_FIELD_TYPE, message, path, resource, plan)


def _finding(rule: str, message: str, path: FieldPath, resource: Resource, plan: Plan) -> Finding:
    line, column = resource.place(path)
    return Finding(
        rule=rule,
        severity=plan.severity(rule),
        message=message,
        resource=resource.ref,
        path=path,
        subject=path,
        file=resource.file,
        line=line,
        column=column,
        width=resource.text.width(resource.prefix + path),
        identity=identity(rule, resource, path),
    )
