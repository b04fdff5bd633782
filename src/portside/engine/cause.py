"""Which findings follow from another: marked for presentation, and else left as they are (D13).

Nothing here compares findings with each other: an object may have tens of thousands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portside.engine.plan import Plan
    from portside.model.finding import Finding
    from portside.model.place import FieldPath

    Volume = tuple[FieldPath, str]


def covered(findings: list[Finding], plan: Plan, value: dict[str, Any]) -> list[Finding]:
    """The findings about the object `value`; those that follow from another are marked with it."""
    causes = _Causes(findings, plan, value)
    return [causes.mark(it) for it in findings] if causes.rules else findings


def follows(later: list[Finding], earlier: Sequence[Finding], plan: Plan) -> list[Finding]:
    """Those of `later` marked that follow from another finding about the same object."""
    wanted = {rule for it in later for rule in plan.rules[it.rule].covered_by}
    first = _first(it for it in (*earlier, *later) if it.rule in wanted) if wanted else {}
    marked = []
    for it in later:
        around = [
            first[place]
            for rule in plan.rules[it.rule].covered_by
            for outer in _around(it.subject)
            if (place := (rule, it.object_key, outer)) in first
        ]
        marked.append(it._replace(covered_by=min(around)[1]) if around else it)
    return marked


def _first(findings: Iterable[Finding]) -> dict[tuple[str, str, FieldPath], tuple[int, str]]:
    """The position and the rule of the first finding of each rule about each thing."""
    found: dict[tuple[str, str, FieldPath], tuple[int, str]] = {}
    for position, it in enumerate(findings):
        found.setdefault((it.rule, it.object_key, it.subject), (position, it.rule))
    return found


class _Causes:
    """What the findings about one object are about, by their rules."""

    __slots__ = ("plan", "rules", "subjects", "value", "volumes")

    def __init__(self, findings: list[Finding], plan: Plan, value: dict[str, Any]) -> None:
        self.plan = plan
        self.value = value
        wanted = {rule for it in findings for rule in plan.rules[it.rule].covered_by}
        causes = [it for it in findings if it.rule in wanted]
        self.rules = {it.rule for it in causes}
        self.subjects = {(it.rule, it.subject) for it in causes}
        self.volumes = {(it.rule, _volume(it.subject, value)) for it in causes}

    def mark(self, finding: Finding) -> Finding:
        rules = [it for it in self.plan.rules[finding.rule].covered_by if it in self.rules]
        if not rules:
            return finding
        volume = _volume(finding.subject, self.value)
        for rule in rules:
            around = any((rule, outer) in self.subjects for outer in _around(finding.subject))
            if around or (volume is not None and (rule, volume) in self.volumes):
                return finding._replace(covered_by=rule)
        return finding


def _around(subject: FieldPath) -> Iterator[FieldPath]:
    """`subject` and all that it is in."""
    return (subject[:length] for length in range(len(subject) + 1))


def _volume(path: FieldPath, value: dict[str, Any]) -> Volume | None:
    """The pod and the name of the volume that `path` is, or mounts.

    A volume and a mount of it are about the same thing.
    """
    listed = path[-2] if len(path) > 2 and type(path[-1]) is int else ""
    if listed == "volumes":
        pod = path[:-2]
    elif listed == "volumeMounts":
        pod = path[:-4]
    else:
        return None
    item: Any = value
    for step in path:
        item = item[step]
    name = item.get("name") if type(item) is dict else None
    return (pod, name) if type(name) is str else None
