"""Faults of the text itself, which no condition can see: what the API server would not decode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.engine.identity import identity
from portside.model.finding import Finding
from portside.model.place import dotted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from portside.engine.plan import Plan
    from portside.model.place import FieldPath
    from portside.model.resource import JudgedForm, Resource

    Said = Iterable[tuple[FieldPath, str]]

DUPLICATE_KEY = "duplicate-key"
WRONG_FIELD_TYPE = "wrong-field-type"
UNKNOWN_FIELD = "unknown-field"
MISSING_REQUIRED_FIELD = "missing-required-field"
UNKNOWN_API_VERSION = "unknown-api-version"
_DIRECTIVES = ("$patch", "$retainKeys")
"""Keys of a strategic merge patch, which is no whole object."""
MOST = 100
"""Faults of one kind that are told of one object, as the API server tells them."""


def faults_of_text(resource: Resource, plan: Plan) -> Iterator[Finding]:
    """What the API server refuses of the text of an object, or drops without a word."""
    if DUPLICATE_KEY in plan.rules:
        for path, first, last in resource.duplicates[:MOST]:
            said = f"{dotted(path)} is written twice: the value of line {last[0]} counts, and that"
            message = f"{said} of line {first[0]} is lost"
            yield finding(DUPLICATE_KEY, message, path, resource, plan)._replace(
                line=last[0], column=last[1]
            )
    form = resource.form
    if form is None:
        return
    if form.unserved:
        yield from _told(UNKNOWN_API_VERSION, _unserved, resource, plan)
        return
    if resource.mistyped:
        yield from _told(WRONG_FIELD_TYPE, _mistyped, resource, plan)
    if form.unknown or form.newer:
        yield from _told(UNKNOWN_FIELD, _unknown, resource, plan)
    if form.missing:
        yield from _told(MISSING_REQUIRED_FIELD, _missing, resource, plan)


def _told(
    rule: str, tell: Callable[[Resource, JudgedForm, int], Said], resource: Resource, plan: Plan
) -> Iterator[Finding]:
    form = resource.form
    if rule not in plan.rules or form is None:
        return
    for number, (path, message) in enumerate(tell(resource, form, plan.minor)):
        if number == MOST:
            return
        yield finding(rule, message, path, resource, plan)


def _mistyped(resource: Resource, form: JudgedForm, minor: int) -> Said:
    for path, expected, got in resource.mistyped:
        yield path, f"{dotted(path)} is {got}, expected {expected}: the API server refuses it"


def _unknown(resource: Resource, form: JudgedForm, minor: int) -> Said:
    from portside.judged.versions import near

    for path in form.unknown:
        if path[-1] in _DIRECTIVES:
            continue
        said = f"{dotted(path)} is no field that Kubernetes 1.{minor} knows"
        meant = near(resource.value, path)
        yield path, f"{said}: {f'did you mean {meant}?' if meant else 'it has no effect'}"
    for path, since in form.newer:
        said = f"{dotted(path)} is a field of Kubernetes 1.{since} and later"
        yield path, f"{said}: 1.{minor} does not know it"


def _missing(resource: Resource, form: JudgedForm, minor: int) -> Said:
    if any(path[-1] in _DIRECTIVES for path in form.unknown):
        return
    for path in form.missing:
        yield path, f"{dotted(path)} is missing: the API server refuses the object without it"


def _unserved(resource: Resource, form: JudgedForm, minor: int) -> Said:
    ref = resource.ref
    said = f"Kubernetes 1.{minor} serves no {ref.kind} of {ref.api_version}"
    yield ("apiVersion",), f"{said}: {form.unserved}"


def finding(rule: str, message: str, path: FieldPath, resource: Resource, plan: Plan) -> Finding:
    """What `rule` says of the field at `path`, or of its nearest ancestor that is written."""
    line, column, width = resource.mark(path)
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
        width=width,
        identity=identity(rule, resource, path),
    )
