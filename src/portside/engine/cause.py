"""Which findings follow from another: marked for presentation, and else left as they are (D13)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portside.engine.plan import Plan
    from portside.model.finding import Finding
    from portside.model.place import FieldPath


def covered(findings: list[Finding], plan: Plan, value: dict[str, Any]) -> list[Finding]:
    """The findings about the object `value`; those that follow from another are marked with it."""
    by_rule: dict[str, list[Finding]] = {}
    for it in findings:
        by_rule.setdefault(it.rule, []).append(it)
    return [_mark(it, by_rule, plan, value) for it in findings]


def follows(later: list[Finding], earlier: Sequence[Finding], plan: Plan) -> list[Finding]:
    """Those of `later` marked that follow from another finding about the same object."""
    marked = []
    for it in later:
        causes = plan.rules[it.rule].covered_by
        around = [
            other
            for other in (*earlier, *later)
            if other.rule in causes
            and other.object_key == it.object_key
            and _is_around(other.subject, it.subject)
        ]
        marked.append(it._replace(covered_by=around[0].rule) if around else it)
    return marked


def _mark(
    finding: Finding, by_rule: dict[str, list[Finding]], plan: Plan, value: dict[str, Any]
) -> Finding:
    for rule in plan.rules[finding.rule].covered_by:
        for cause in by_rule.get(rule, ()):
            if _is_around(cause.subject, finding.subject) or _share_a_volume(
                cause.subject, finding.subject, value
            ):
                return finding._replace(covered_by=rule)
    return finding


def _is_around(outer: FieldPath, inner: FieldPath) -> bool:
    return inner[: len(outer)] == outer


def _share_a_volume(one: FieldPath, other: FieldPath, value: dict[str, Any]) -> bool:
    """Whether one is a volume and the other a mount of it: they are about the same thing."""
    first, second = _volume(one, value), _volume(other, value)
    return first is not None and first == second


def _volume(path: FieldPath, value: dict[str, Any]) -> tuple[FieldPath, str] | None:
    """The pod and the name of the volume that `path` is, or mounts."""
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
