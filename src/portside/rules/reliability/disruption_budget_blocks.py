"""A disruption budget that never lets a pod go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.autoscalers import by_target
from portside.model.facts import Fact, Facts
from portside.model.fields import at
from portside.model.violation import Doubt, Violation

RULE = """
id: disruption-budget-blocks
controls: [R010]
title: Disruption budget blocks every eviction
severity: medium
severity-reason: nodes cannot be drained, so upgrades that close holes get stuck
why: >-
  A budget that allows no pod to be missing stops each drain of a node that runs one. Upgrades of
  the cluster wait for it until somebody deletes pods by force, with no budget at all.
fix: "Allow one: `maxUnavailable: 1`, and run at least two replicas."
profile: recommended
form: facts
kinds: [policy/PodDisruptionBudget]
fix-class: unsafe
patch:
  - {remove: spec.minAvailable}
  - {set: spec.maxUnavailable, value: 1}
frameworks:
  - NIST-800-190:4.4.3
  - SOC2-TSC:A1.2
  - ISO27001-2022:A.8.14
  - PCI-DSS-4.0.1:6.3.3
aliases:
  - kube-linter:pdb-max-unavailable
  - kube-linter:pdb-min-available
  - polaris:pdbDisruptionsIsZero
  - kyverno:pdb-maxunavailable
  - kyverno:pdb-minavailable
  - kube-score:poddisruptionbudget-has-policy
examples:
  - bad: both, of which Kubernetes takes one, and one lets none go
    api: refused
    lines: [5]
    manifest: |
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: shop}
      spec:
        minAvailable: 100%
        maxUnavailable: 5
        selector: {matchLabels: {app: shop}}
    fixed: |
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: shop}
      spec:
        maxUnavailable: 1
        selector: {matchLabels: {app: shop}}
  - bad: fewer than none may be missing
    api: refused
    lines: [5]
    manifest: |
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: shop}
      spec:
        maxUnavailable: -1
        selector: {matchLabels: {app: shop}}
  - bad: none may be missing, by number and by share
    lines: [5, 12, 19, 25]
    manifest: |
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: shop}
      spec:
        maxUnavailable: 0
        selector: {matchLabels: {app: shop}}
      ---
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: store}
      spec:
        maxUnavailable: 0%
        selector: {matchLabels: {app: store}}
      ---
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: queue}
      spec:
        minAvailable: 100%
        selector: {matchLabels: {app: queue}}
      ---
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: index}
      spec:
        selector: {matchLabels: {app: index}}
  - bad: as many must stay as there are, rounded up as Kubernetes does
    lines: [5, 23]
    manifest: |
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: shop}
      spec:
        minAvailable: 2
        selector: {matchLabels: {app: shop}}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop}
      spec:
        replicas: 2
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: store}
      spec:
        minAvailable: 50%
        selector: {matchLabels: {app: store}}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: store}
      spec:
        selector: {matchLabels: {app: store}}
        template:
          metadata: {labels: {app: store}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - bad: as many must stay as the autoscaler may leave
    lines: [5]
    manifest: |
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: shop}
      spec:
        minAvailable: 2
        selector: {matchLabels: {app: shop}}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop}
      spec:
        replicas: 5
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: shop}
      spec:
        minReplicas: 2
        maxReplicas: 10
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  - good: one may be missing
    manifest: |
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: shop}
      spec:
        minAvailable: 2
        selector: {matchLabels: {app: shop}}
      ---
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
      ---
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: store}
      spec:
        maxUnavailable: 1%
        selector: {matchLabels: {app: store}}
  - good: how many replicas there are may stand elsewhere
    part: true
    undecided: true
    manifest: |
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: shop}
      spec:
        minAvailable: 1
        selector: {matchLabels: {app: shop}}
"""

_WORKLOADS = ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "Rollout")


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation | Doubt]:
    least, most = at(it.value, "spec", "minAvailable"), at(it.value, "spec", "maxUnavailable")
    if most is not None and _is_none(most):
        yield Violation("allows no pod to be missing", ("spec", "maxUnavailable"))
    elif least == "100%":
        yield Violation("wants all pods to stay", ("spec", "minAvailable"))
    elif least is None:
        if most is None:
            message = "says neither how many must stay nor how many may go: none may"
            yield Violation(message, ("spec",))
    elif most is None and least not in (0, "0%"):
        yield from _compared(it, least, facts)


def _is_none(most: Any) -> bool:
    """Whether it lets no pod go: also a number below zero, which Kubernetes refuses."""
    return most <= 0 if type(most) is int else _share(most, 100) == 0


def _compared(it: Fact, least: Any, facts: Facts) -> Iterator[Violation | Doubt]:
    if not facts.whole:
        yield Doubt("the workloads and autoscalers of its namespace")
        return
    asked = facts.once(_asked)
    key = (it.namespace, it.folder, repr(at(it.value, "spec", "selector")))
    if key not in asked:
        asked[key] = _running(it, facts)
    replicas = asked[key]
    if 0 < replicas <= _share(least, replicas):
        yield Violation(f"wants {least} to stay of {replicas}", ("spec", "minAvailable"))


def _asked(facts: Facts) -> dict[tuple[str, str, str], int]:
    """What was asked already: many budgets may have one selector."""
    return {}


def _running(it: Fact, facts: Facts) -> int:
    """How many pods run of those that the budget selects."""
    selected = [
        workload
        for workload in facts.selected(at(it.value, "spec", "selector"), it.namespace)
        if workload.ref.kind in _WORKLOADS and facts.together(it, workload)
    ]
    return sum(_replicas(workload, facts) for workload in selected)


def _share(value: Any, whole: int) -> int:
    """How many pods a number or a percentage of `whole` means; Kubernetes rounds up."""
    if type(value) is int:
        return value
    number = str(value).removesuffix("%")
    return -(-int(number) * whole // 100) if number.isascii() and number.isdigit() else -1


def _replicas(workload: Fact, facts: Facts) -> int:
    key = (workload.namespace, workload.ref.kind, workload.name)
    for scaler in facts.once(by_target).get(key, ()):
        facts.spend(1)
        if facts.together(scaler, workload):
            return int(at(scaler.value, "spec", "minReplicas") or 1)
    replicas = at(workload.value, "spec", "replicas")
    return 1 if replicas is None else int(replicas)
