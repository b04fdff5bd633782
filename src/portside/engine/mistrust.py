"""Which checks need a field whose type the API server refuses: undecided, never passed nor failed.

Such a field is left out of the judged form, so that a check which needs it would take it for
absent, find no list to go through, or not be asked at all. Loaded only for objects that hold one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from portside.model.place import dotted
from portside.model.workload import BUILT_IN, CONTAINER_LISTS, bears_pods

if TYPE_CHECKING:
    from portside.engine.plan import Bound, Group, KindPlan
    from portside.model.place import FieldPath
    from portside.model.resource import Resource
    from portside.model.workload import Pod

Mistyped = Iterable[tuple["FieldPath", str, str]]
WHOLE = "*"
"""Behind a name in `reads`: the field is read with all that is in it."""


def missing(check: Bound, bases: tuple[FieldPath, ...], mistyped: Mistyped) -> list[str]:
    """What `check` lacks, in words. `bases` are where its variables stand, its own root first."""
    return [_said(it) for it in mistyped if _needs(check, bases, it[0])]


def unasked(
    checks: KindPlan, resource: Resource, pods: tuple[Pod, ...], *, everything: bool
) -> Iterator[tuple[Bound, str]]:
    """The checks of pods and containers that are lost with the field that holds them.

    With `everything`, all of them, wherever in an object that bears a pod the wrong type is.
    """
    if everything and bears_pods(resource.group, resource.kind):
        for group in (checks.pods, *checks.containers.values()):
            yield from ((check, _said(resource.mistyped[0])) for check in group.all())
        return
    shapes = BUILT_IN.get((resource.group, resource.kind), ())
    for path in [it.path for it in pods] or [it.pod for it in shapes]:
        for role in CONTAINER_LISTS:
            yield from _lost(checks.containers[role], (*path, role), resource.mistyped)
        if not pods:
            yield from _lost(checks.pods, path, resource.mistyped)


def _lost(group: Group, path: FieldPath, mistyped: Mistyped) -> Iterator[tuple[Bound, str]]:
    for it in mistyped:
        if path[: len(it[0])] == it[0]:
            for check in group.all():
                yield check, _said(it)


def _needs(check: Bound, bases: tuple[FieldPath, ...], path: FieldPath) -> bool:
    root = bases[0]
    if root[: len(path)] == path:
        return True
    return any(
        path[: len(base)] == base and _reads(check.reads, path[len(base) :]) for base in bases
    )


def _reads(reads: frozenset[str], steps: FieldPath) -> bool:
    """Whether a condition that reads these names reads what stands at `steps`, or around it."""
    for step in steps:
        if type(step) is not str:
            continue
        if step not in reads:
            return False
        if step + WHOLE in reads:
            return True
    return True


def _said(mistyped: tuple[FieldPath, str, str]) -> str:
    path, expected, got = mistyped
    return f"{dotted(path)} is {got}, expected {expected}"
