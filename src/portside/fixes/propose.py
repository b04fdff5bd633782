"""A finding and its object → the edits that its rule's fix says, as changes of a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any

from portside.cel.runtime import ERRORS
from portside.fixes.outcome import Placed, Proposal
from portside.fixes.text import FileText
from portside.model.finding import Finding
from portside.model.mending import Edit, FieldEdit, LineEdit, NewObject, UnmendableError
from portside.model.place import FieldPath
from portside.model.resource import Resource
from portside.policy.fix import Fix, Step
from portside.records import NamedTuple
from portside.syntax import Document
from portside.syntax.change import REMOVE, CannotEditError, Change, existing

PRUNED = frozenset(
    (
        *("securityContext", "capabilities", "add", "drop", "seLinuxOptions", "windowsOptions"),
        *("env", "annotations", "sysctls", "tolerations", "supplementalGroups", "externalIPs"),
        *("syncOptions", "nodeSelector", "ephemeralContainers", "labels", "with", "variables"),
    )
)
"""Maps and lists that say nothing when they are empty, so that they go with their last field."""
_NO_MAP: dict[str, Any] = {}


class Variables(NamedTuple):
    """What a fix's expressions are called with, and where each of them stands in the object."""

    values: tuple[Any, ...]
    paths: Mapping[str, FieldPath]


def proposal(
    finding: Finding, resource: Resource, fix: Fix, text: FileText, given: tuple[Any, Any]
) -> Proposal:
    """The edits that should end `finding`, which is about `resource` in its judged form.

    `given` are the rule's parameters and the target. Raises CannotEditError with the reason where
    there are none.
    """
    edits = edits_of(finding, resource, fix, given)
    fields = [it for it in edits if isinstance(it, FieldEdit)]
    lines = tuple(it for it in edits if isinstance(it, LineEdit))
    objects = tuple(it for it in edits if isinstance(it, NewObject))
    if not fields:
        return Proposal(finding, (), lines, objects)
    number = text.number_of(_document_line(resource))
    document = text.documents[number]
    held = document.value if document is not None else None
    placed = [Placed(number, it) for it in changes(fields, resource.prefix, held)]
    placed.sort(key=lambda it: _late(it.change))
    return Proposal(finding, tuple(placed), lines, objects)


def edits_of(finding: Finding, resource: Resource, fix: Fix, given: tuple[Any, Any]) -> list[Edit]:
    """The edits of the object. Raises CannotEditError where its rule knows none."""
    if fix.module:
        edits = _mended(fix.module, finding, resource, given[0])
    else:
        edits = list(_edits(fix.steps, variables(finding, resource, given)))
    if not edits:
        raise CannotEditError("its rule knows no edit for this case")
    return edits


def variables(finding: Finding, resource: Resource, given: tuple[Any, Any]) -> Variables:
    """The variables of the rule's expressions, for what `finding` is about."""
    value = resource.value
    at = finding.subject or finding.path
    pod, spec, metadata = None, _NO_MAP, _NO_MAP
    paths: dict[str, FieldPath] = {
        "object": (),
        "it": finding.subject,
        "finding": finding.path,
    }
    for one in resource.pods():
        if _within(at, one.path) or _within(at, one.metadata_path):
            pod, spec, metadata = one, one.spec, one.metadata
            paths |= {"pod": one.path, "podMetadata": one.metadata_path}
    within = _NO_MAP
    for container in pod.containers if pod is not None else ():
        if _within(at, container.path) or _within(finding.path, container.path):
            within = container.body
            paths["container"] = container.path
    it, _ = existing(value, finding.subject)
    return Variables((value, spec, metadata, within, it, *given), paths)


def _within(path: FieldPath, around: FieldPath) -> bool:
    return path[: len(around)] == around


def _edits(steps: tuple[Step, ...], known: Variables) -> Iterator[Edit]:
    for step in steps:
        if step.when is not None and not _holds(step.when, known):
            continue
        if step.root not in known.paths:
            raise CannotEditError(f"it is about no {step.root}")
        value = step.value
        if step.expression is not None:
            try:
                value = step.expression(*known.values)
            except ERRORS as error:
                raise CannotEditError("the value to write cannot be worked out") from error
        yield FieldEdit(step.what, (*known.paths[step.root], *step.path), value)


def _holds(condition: Any, known: Variables) -> bool:
    try:
        return condition(*known.values) is True
    except ERRORS as error:
        raise CannotEditError("whether the fix fits cannot be worked out") from error


def _mended(module: str, finding: Finding, resource: Resource, params: Any) -> list[Edit]:
    """What the Python rule's own function answers."""
    try:
        return list(import_module(module).mend(resource, finding, params))
    except UnmendableError as error:
        raise CannotEditError(str(error)) from error


def _document_line(resource: Resource) -> int:
    if not isinstance(resource.text, Document):
        raise CannotEditError("it is no YAML")
    return resource.text.line


def changes(fields: Iterable[FieldEdit], prefix: FieldPath, value: Any) -> Iterator[Change]:
    """The edits as changes of the document that the object stands in at `prefix`.

    `value` is the document's, as written.
    """
    for what, path, wanted in fields:
        if what != REMOVE:
            yield Change(what, prefix + path, wanted)
        elif existing(value, prefix + path)[1]:
            yield Change(REMOVE, prefix + path, least=len(prefix) + _least(path))


def _least(path: FieldPath) -> int:
    """How much of `path` stays in any case: what is left empty and says nothing goes with it."""
    depth = len(path)
    while depth > 1 and path[depth - 2] in PRUNED:
        depth -= 1
    return depth


def _late(change: Change) -> tuple[bool, tuple[tuple[int, int, str], ...]]:
    """What changes are sorted by: items go last, from the last to the first."""
    goes = change.what == REMOVE and type(change.path[-1]) is int
    return goes, tuple(_backwards(it) for it in change.path) if goes else ()


def _backwards(step: str | int) -> tuple[int, int, str]:
    return (0, -step, "") if type(step) is int else (1, 0, str(step))


def order(it: Proposal) -> tuple[bool, int, tuple[tuple[int, int, str], ...]]:
    """What proposals of one file are sorted by, so that none moves what another is about."""
    if not it.fields:
        return False, 0, ()
    number, last = it.fields[-1]
    goes, path = _late(last)
    return goes, number if goes else 0, path
