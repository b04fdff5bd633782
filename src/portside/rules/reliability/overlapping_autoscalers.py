"""Two autoscalers of one workload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.fields import at, text
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
    target = _target(it, "scaleTargetRef")
    for other in facts.of("autoscaling/HorizontalPodAutoscaler"):
        if other is it:
            break
        if other.name != it.name and _is_same(it, target, other, "scaleTargetRef", facts):
            message = f"scales {target[1]}, which the autoscaler {other.name} scales, too"
            yield Violation(message, ("spec", "scaleTargetRef"))
            return
    for other in facts.of("autoscaling.k8s.io/VerticalPodAutoscaler"):
        mode = text(other.value, "spec", "updatePolicy", "updateMode")
        if mode != "Off" and _is_same(it, target, other, "targetRef", facts):
            message = f"scales {target[1]}, of which {other.name} changes the requests"
            yield Violation(message, ("spec", "scaleTargetRef"))
            return


def _target(it: Fact, field: str) -> tuple[str, str]:
    target = at(it.value, "spec", field)
    return text(target, "kind"), text(target, "name")


def _is_same(it: Fact, target: tuple[str, str], other: Fact, field: str, facts: Facts) -> bool:
    return (
        other.namespace == it.namespace
        and _target(other, field) == target
        and facts.together(it, other)
    )
