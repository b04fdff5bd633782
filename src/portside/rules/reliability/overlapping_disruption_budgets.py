"""Two disruption budgets for one pod."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.fields import at
from portside.model.violation import Violation

RULE = """
id: overlapping-disruption-budgets
controls: [R010]
title: Two disruption budgets select the same pods
severity: medium
severity-reason: nothing can be evicted, and the error names neither budget
why: >-
  Kubernetes refuses to evict a pod that two budgets select, whatever they allow: the drain of its
  node never ends.
fix: Remove one of the budgets, or narrow its selector.
profile: recommended
form: facts
kinds: [policy/PodDisruptionBudget]
fix-class: none
frameworks:
  - NIST-800-190:4.4.3
  - SOC2-TSC:A1.2
  - ISO27001-2022:A.8.14
  - PCI-DSS-4.0.1:6.3.3
examples:
  - bad: one for the application, one for a part of it
    lines: [13]
    manifest: |
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: shop}
      spec:
        maxUnavailable: 1
        selector: {matchLabels: {part: shop}}
      ---
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: web}
      spec:
        maxUnavailable: 1
        selector: {matchLabels: {app: web}}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec:
        replicas: 2
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web, part: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - good: each has its own pods
    manifest: |
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: store}
      spec:
        maxUnavailable: 1
        selector: {matchLabels: {app: store}}
      ---
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: web}
      spec:
        maxUnavailable: 1
        selector: {matchLabels: {app: web}}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec:
        replicas: 2
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    own = _selected(it, facts)
    if not own:
        return
    for other in facts.once(_budgets).get(it.namespace, ()):
        facts.spend(1)
        if (other.folder, other.name) == (it.folder, it.name):
            return
        if other.name == it.name or not facts.together(it, other):
            continue
        both = own & _selected(other, facts)
        if both:
            message = f"selects pods that the budget {other.name} selects, too: {min(both)}"
            yield Violation(message, ("spec", "selector"))
            return


def _selected(budget: Fact, facts: Facts) -> frozenset[str]:
    """The workloads beside the budget, by name."""
    selector = at(budget.value, "spec", "selector")
    if not selector:
        return frozenset()
    known = facts.once(_known)
    key = (budget.namespace, budget.folder, repr(selector))
    if key not in known:
        known[key] = frozenset(
            f"{it.ref.kind} {it.name}"
            for it in facts.selected(selector, budget.namespace)
            if facts.together(it, budget)
        )
    facts.spend(len(known[key]))
    return known[key]


def _known(facts: Facts) -> dict[tuple[str, str, str], frozenset[str]]:
    """What was asked already: many budgets may have one selector."""
    return {}


def _budgets(facts: Facts) -> dict[str, list[Fact]]:
    """The budgets by their namespaces; of those with one name in one folder, the first."""
    found: dict[tuple[str, ...], Fact] = {}
    for it in facts.of("policy/PodDisruptionBudget"):
        selector = repr(at(it.value, "spec", "selector"))
        found.setdefault((it.namespace, it.folder, it.name, selector), it)
    known: dict[str, list[Fact]] = {}
    for it in found.values():
        known.setdefault(it.namespace, []).append(it)
    return known
