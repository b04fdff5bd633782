"""Which rules a plan asks of an object of a kind: what makes "was looked at" a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.policy.rule import FILES, TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portside.engine.plan import KindPlan, Plan


def asked(plan: Plan, group: str, kind: str, bears_pods: bool) -> frozenset[str]:
    """The ids of the rules that `plan` asks of objects of this kind, in all forms and stages."""
    is_file = kind in FILES and not group
    forms = ("written",) if is_file else ("written", "judged")
    found: set[str] = set()
    for form in forms:
        found.update(_checks(plan.of(group, kind, bears_pods, form), bears_pods))
    for form in ("object",) if is_file else ("object", "facts"):
        found.update(it.rule for it in plan.python(group, kind, bears_pods, form))
    if not is_file:
        found.update(it.id for it in plan.rules.values() if it.form == TEXT)
    return frozenset(found)


def _checks(checks: KindPlan, bears_pods: bool) -> Iterable[str]:
    groups = [checks.objects]
    if bears_pods:
        groups += [checks.pods, *checks.containers.values()]
    return (it.rule for group in groups for it in group.all())
