"""Replicas that a drain may take all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from portside.model.facts import Fact, Facts, labels_of
from portside.model.fields import at
from portside.model.resource import Resource
from portside.model.selector import matches
from portside.model.violation import Doubt, Violation

if TYPE_CHECKING:
    from portside.model.finding import Finding
    from portside.model.mending import NewObject

RULE = """
id: disruption-budget-missing
controls: [R009]
title: Disruption budget missing
severity: low
severity-reason: it takes two drains at a time to end all replicas
why: >-
  When several nodes are drained at once, for an upgrade say, nothing keeps the drains from ending
  all replicas in the same minute.
fix: "Add a PodDisruptionBudget that selects the pods, with `maxUnavailable: 1`."
profile: strict
form: facts
kinds: [apps/Deployment, apps/StatefulSet, argoproj.io/Rollout]
fix-class: safe
frameworks:
  - NIST-800-190:4.4.3
  - SOC2-TSC:A1.2
  - ISO27001-2022:A.8.14
aliases:
  - kics:Deployment Without PodDisruptionBudget
  - kics:StatefulSet Without PodDisruptionBudget
  - kyverno:require-pdb
  - kyverno:create-default-pdb
examples:
  - bad: none that selects these pods
    lines: [4]
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop, namespace: shop}
      spec:
        replicas: 3
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: shop, namespace: store}
      spec:
        maxUnavailable: 1
        selector: {matchLabels: {app: shop}}
      ---
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: store, namespace: shop}
      spec:
        maxUnavailable: 1
        selector: {matchLabels: {app: store}}
    fixed: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop, namespace: shop}
      spec:
        replicas: 3
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: shop, namespace: store}
      spec:
        maxUnavailable: 1
        selector: {matchLabels: {app: shop}}
      ---
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: store, namespace: shop}
      spec:
        maxUnavailable: 1
        selector: {matchLabels: {app: store}}
      ---
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata:
        name: shop
        namespace: shop
      spec:
        maxUnavailable: 1
        selector:
          matchLabels:
            app: shop
  - good: one for all pods of the namespace, and a single replica
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop, namespace: shop}
      spec:
        replicas: 3
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: all, namespace: shop}
      spec:
        maxUnavailable: 1
        selector: {}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: store, namespace: store}
      spec:
        selector: {matchLabels: {app: store}}
        template:
          metadata: {labels: {app: store}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - good: it may stand in another file
    part: true
    undecided: true
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop}
      spec:
        replicas: 3
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation | Doubt]:
    replicas = at(it.value, "spec", "replicas") or 0
    if replicas < 2 or _is_guarded(it, facts):
        return
    if facts.whole:
        yield Violation(f"has {replicas} replicas and no disruption budget", ("spec",))
    else:
        yield Doubt("the disruption budgets of its namespace")


def _is_guarded(it: Fact, facts: Facts) -> bool:
    for budget in facts.once(_budgets).get(it.namespace, ()):
        facts.spend(1)
        if _guards(budget, it):
            return True
    return False


def _budgets(facts: Facts) -> dict[str, list[Fact]]:
    """The budgets by their namespaces, one of each selector."""
    found: dict[tuple[str, str, str], Fact] = {}
    for it in facts.of("PodDisruptionBudget"):
        selector = repr(at(it.value, "spec", "selector"))
        found.setdefault((it.namespace, it.ref.api_version, selector), it)
    known: dict[str, list[Fact]] = {}
    for it in found.values():
        known.setdefault(it.namespace, []).append(it)
    return known


def _guards(budget: Fact, it: Fact) -> bool:
    """An empty selector of policy/v1beta1 selects no pod, one of policy/v1 all."""
    selector = at(budget.value, "spec", "selector")
    if not selector and budget.ref.api_version == "policy/v1beta1":
        return False
    return budget.namespace == it.namespace and any(
        matches(selector, labels_of(pod)) for pod in it.pods()
    )


def mend(it: Resource, found: Finding, params: Mapping[str, Any]) -> Iterator[NewObject]:
    from portside.model.mending import NewObject

    labels = at(it.value, "spec", "selector") or {"matchLabels": labels_of(it.pods()[0])}
    metadata = {"name": it.ref.name}
    if it.ref.namespace:
        metadata["namespace"] = it.ref.namespace
    yield NewObject(
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": metadata,
            "spec": {"maxUnavailable": 1, "selector": labels},
        }
    )
