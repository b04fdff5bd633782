"""Autoscalers among the facts, by what they scale."""

from __future__ import annotations

from collections.abc import Iterable

from portside.model.facts import Fact, Facts
from portside.model.fields import at, text

HORIZONTAL = "autoscaling/HorizontalPodAutoscaler"
Targets = dict[tuple[str, str, str], list[Fact]]
"""Autoscalers by namespace, kind and name of what they scale."""


def by_target(facts: Facts) -> Targets:
    """Every HorizontalPodAutoscaler; made by `Facts.once`."""
    return indexed(facts.of(HORIZONTAL), "scaleTargetRef")


def indexed(scalers: Iterable[Fact], field: str) -> Targets:
    """The autoscalers by what their `spec` names in `field`."""
    found: Targets = {}
    for it in scalers:
        found.setdefault((it.namespace, *target(it, field)), []).append(it)
    return found


def target(it: Fact, field: str) -> tuple[str, str]:
    """Kind and name of what the autoscaler scales."""
    named = at(it.value, "spec", field)
    return text(named, "kind"), text(named, "name")
