"""The fields that the authors of a case name for a failure, beside the fields that we name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from portside.model.finding import Finding
from portside.model.place import FieldPath, dotted

RELATIONS = ("same", "inside", "around", "other")
"""Ours is their field, a field inside it, a field around it, or none of these."""
_KEYS = ("failedPaths", "reviewPaths", "deletePaths", "fixPaths")
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


class Place(NamedTuple):
    """A field that the authors name, and the nearest that we do."""

    theirs: str
    ours: str
    """Empty where no finding of ours is at, in or around it."""
    relation: str
    """One of RELATIONS."""


def places(alerts: Iterable[Mapping[str, Any]], findings: Sequence[Finding]) -> Iterator[Place]:
    """Each field of `alerts` (regolibrary's expected.json) beside `findings` on the same object."""
    for alert in alerts:
        ours = [it.path for it in findings if _same_object(alert, it)]
        for path in sorted({path for key in _KEYS for path in _named(alert.get(key))}):
            yield nearest(path, ours)


def nearest(theirs: str, ours: Iterable[FieldPath]) -> Place:
    """Their field beside the nearest of ours."""
    steps = tuple(int(index) if index else key for index, key in _STEP.findall(theirs))
    found = {_relation(path, steps): path for path in ours}
    best = min(found, key=RELATIONS.index, default="other")
    return Place(theirs, dotted(found[best]) if best != "other" else "", best)


def _named(paths: Any) -> Iterator[str]:
    for it in paths or ():
        yield it["path"] if isinstance(it, dict) else it


def _same_object(alert: Mapping[str, Any], finding: Finding) -> bool:
    """Whether it is about the finding's object; its kind and name tell the documents apart."""
    objects = alert["alertObject"].get("k8sApiObjects") or ()
    names = [(it["kind"], it["metadata"].get("name", "")) for it in objects]
    return not names or (finding.resource.kind, finding.resource.name) in names


def _relation(ours: FieldPath, theirs: FieldPath) -> str:
    if ours == theirs:
        return "same"
    if ours[: len(theirs)] == theirs:
        return "inside"
    return "around" if theirs[: len(ours)] == ours else "other"
