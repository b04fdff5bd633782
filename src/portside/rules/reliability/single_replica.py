"""A workload behind a Service that runs once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.fields import at, text
from portside.model.violation import Doubt, Violation

RULE = """
id: single-replica
controls: [R008]
title: Served workload has a single replica
severity: low
severity-reason: the drain of one node is an outage
why: >-
  While the one pod is moved, for a drained node or a new release, nobody answers the clients of
  its Service. Two can take turns, and a release can be tried on one of them.
fix: Run two replicas or more, or let an autoscaler keep at least two.
profile: strict
form: facts
params:
  minimum: {type: int, default: 2, description: the least replicas of a workload that is served}
kinds: [apps/Deployment, apps/StatefulSet, argoproj.io/Rollout]
fix-class: unsafe
patch:
  - {set: spec.replicas, value: 2}
frameworks:
  - NIST-800-190:4.4.3
  - SOC2-TSC:A1.2
  - ISO27001-2022:A.8.14
aliases:
  - kyverno:require-deployments-have-multiple-replicas
  - kube-score:deployment-replicas
examples:
  - bad: one by default
    lines: [11]
    manifest: |
      apiVersion: v1
      kind: Service
      metadata: {name: shop}
      spec:
        selector: {app: shop}
        ports: [{port: 80}]
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
    fixed: |
      apiVersion: v1
      kind: Service
      metadata: {name: shop}
      spec:
        selector: {app: shop}
        ports: [{port: 80}]
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
        replicas: 2
  - good: two, many by an autoscaler, or behind no Service
    manifest: |
      apiVersion: v1
      kind: Service
      metadata: {name: shop}
      spec:
        selector: {part: shop}
        ports: [{port: 80}]
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop}
      spec:
        replicas: 2
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop, part: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: store}
      spec:
        selector: {matchLabels: {app: store}}
        template:
          metadata: {labels: {app: store, part: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: store}
      spec:
        minReplicas: 2
        maxReplicas: 10
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: store}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: worker}
      spec:
        selector: {matchLabels: {app: worker}}
        template:
          metadata: {labels: {app: worker}}
          spec:
            containers: [{name: worker, image: "registry.example.org/worker:2.1"}]
  - good: an autoscaler may stand in another file
    part: true
    undecided: true
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation | Doubt]:
    replicas = at(it.value, "spec", "replicas")
    few = 1 if replicas is None else replicas
    if not 0 < few < params["minimum"] or _is_scaled(it, facts):
        return
    if not facts.whole:
        yield Doubt("the Services and autoscalers of its namespace")
    elif facts.serving(it):
        message = f"is behind a Service and has {few} replica{'s' if few > 1 else ''}"
        yield Violation(message, ("spec", "replicas"))


def _is_scaled(it: Fact, facts: Facts) -> bool:
    return (it.namespace, it.name) in facts.once(_scaled)


def _scaled(facts: Facts) -> set[tuple[str, str]]:
    """Namespace and name of what is scaled."""
    return {
        (scaler.namespace, text(scaler.value, "spec", "scaleTargetRef", "name"))
        for scaler in facts.of("HorizontalPodAutoscaler", "keda.sh/ScaledObject")
    }
