"""Custom resources held against the definitions of their kinds, once those are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.engine.text import (
    MISSING_REQUIRED_FIELD,
    MOST,
    UNKNOWN_API_VERSION,
    UNKNOWN_FIELD,
    WRONG_FIELD_TYPE,
    finding,
)
from portside.judged.custom.faults import INVALID, MISSING, MISTYPED, UNKNOWN, TooMuchError
from portside.judged.spelling import nearest
from portside.model.finding import Undecided
from portside.model.place import dotted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from portside.engine.plan import Plan
    from portside.judged.custom.definitions import Definitions
    from portside.judged.custom.faults import Fault
    from portside.model.finding import FileResult, Finding
    from portside.model.resource import Resource

INVALID_FIELD_VALUE = "invalid-field-value"
_RULES = {
    UNKNOWN: UNKNOWN_FIELD,
    MISTYPED: WRONG_FIELD_TYPE,
    MISSING: MISSING_REQUIRED_FIELD,
    INVALID: INVALID_FIELD_VALUE,
}
_ALL = frozenset((*_RULES.values(), UNKNOWN_API_VERSION))


def with_definitions(
    result: FileResult, resources: Iterable[Resource], definitions: Definitions, plan: Plan
) -> FileResult:
    """`result` of a file with what the definitions say of the custom resources in it.

    `resources` are those of the file; a custom one is as it was written. What was said of them by
    other definitions is said no more.
    """
    custom = [it for it in resources if definitions.declares(it.group, it.kind) and is_custom(it)]
    if not custom:
        return result
    refs = {it.ref for it in custom}
    findings = [it for it in result.findings if it.resource not in refs or it.rule not in _ALL]
    undecided = list(result.undecided)
    for resource in custom:
        try:
            findings += _findings(resource, definitions, plan)
        except TooMuchError:
            missing = "an answer: it takes too long to hold it against its definition"
            undecided.append(
                Undecided(UNKNOWN_FIELD, resource.ref, missing, resource.file, resource.line)
            )
    findings.sort(key=lambda it: (it.line, it.column, -it.severity, it.rule))
    return result._replace(findings=tuple(findings), undecided=tuple(undecided))


def is_custom(resource: Resource) -> bool:
    """Whether Kubernetes has no kind of its own of this name and version."""
    if resource.form is not None:
        return not resource.form.known
    from portside.judged.admit import struct_of

    return struct_of(resource.ref.api_version, resource.kind) is None


def _findings(resource: Resource, definitions: Definitions, plan: Plan) -> Iterator[Finding]:
    ref = resource.ref
    answer = definitions.answer(ref.api_version, ref.kind, resource.value)
    if answer.unserved and UNKNOWN_API_VERSION in plan.rules:
        message = f"{ref.kind} is not served as {ref.api_version}: {answer.unserved}"
        yield finding(UNKNOWN_API_VERSION, message, ("apiVersion",), resource, plan)
    for fault in answer.faults[:MOST]:
        rule = _RULES[fault.what]
        if rule in plan.rules:
            yield finding(rule, _message(fault, resource), fault.path, resource, plan)


def _message(fault: Fault, resource: Resource) -> str:
    named = dotted(fault.path) or "the object"
    if fault.what == UNKNOWN:
        said = f"{named} is no field that the definition of {resource.kind} has"
        meant = nearest(str(fault.path[-1]), fault.meant)
        return f"{said}: {f'did you mean {meant}?' if meant else 'it is dropped'}"
    if fault.what == MISSING:
        return f"{named} is missing: the definition of {resource.kind} requires it"
    if fault.what == MISTYPED:
        return f"{named} is {fault.said}: the API server refuses it"
    return f"{named} {fault.said}: the API server refuses it"
