"""Two autoscalers of one workload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.autoscalers import HORIZONTAL, Targets, indexed, target
from portside.model.facts import Fact, Facts
from portside.model.fields import text
from portside.model.violation import Violation

RULE = """
id: overlapping-autoscalers
controls: [R013]
title: Two autoscalers scale the same workload
severity: low
severity-reason: they undo each other's work, so replicas or pods come and go without end
why: >-
  Two that set the replicas disagree and take turns. One that sets requests (a
  VerticalPodAutoscaler) changes what the other measures against.
fix: Keep one of them, or let the vertical one only recommend.
profile: recommended
form: facts
kinds: [autoscaling/HorizontalPodAutoscaler]
fix-class: none
frameworks:
  - NIST-800-190:4.4.3
  - SOC2-TSC:A1.2
  - ISO27001-2022:A.8.14
  - ISO27001-2022:A.8.6
examples:
  - bad: two that set replicas
    lines: [15]
    manifest: |
      apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: shop}
      spec:
        minReplicas: 2
        maxReplicas: 10
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
      ---
      apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: store}
      spec:
        minReplicas: 2
        maxReplicas: 10
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  - good: each has its own
    manifest: |
      apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: shop}
      spec:
        minReplicas: 2
        maxReplicas: 10
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
      ---
      apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: store}
      spec:
        minReplicas: 2
        maxReplicas: 10
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: store}
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    scaled = target(it, "scaleTargetRef")
    for other in facts.once(_horizontal).get((it.namespace, *scaled), ()):
        facts.spend(1)
        if (other.folder, other.name) == (it.folder, it.name):
            break
        if other.name != it.name and facts.together(it, other):
            message = f"scales {scaled[1]}, which the autoscaler {other.name} scales, too"
            yield Violation(message, ("spec", "scaleTargetRef"))
            return
    for other in facts.once(_vertical).get((it.namespace, *scaled), ()):
        facts.spend(1)
        if facts.together(it, other):
            message = f"scales {scaled[1]}, of which {other.name} changes the requests"
            yield Violation(message, ("spec", "scaleTargetRef"))
            return


def _horizontal(facts: Facts) -> Targets:
    """The first of each name in each folder: another of that name is another state of it."""
    first: dict[tuple[str, ...], Fact] = {}
    for it in facts.of(HORIZONTAL):
        first.setdefault((it.folder, it.namespace, it.name, *target(it, "scaleTargetRef")), it)
    return indexed(first.values(), "scaleTargetRef")


def _vertical(facts: Facts) -> Targets:
    """Those that change what they find."""
    acting = [
        it
        for it in facts.of("autoscaling.k8s.io/VerticalPodAutoscaler")
        if text(it.value, "spec", "updatePolicy", "updateMode") != "Off"
    ]
    return indexed(acting, "targetRef")
