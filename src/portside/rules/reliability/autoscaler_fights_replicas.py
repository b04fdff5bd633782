"""A workload whose replicas two parties set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.autoscalers import by_target
from portside.model.facts import Fact, Facts
from portside.model.fields import at
from portside.model.violation import Violation

RULE = """
id: autoscaler-fights-replicas
controls: [R013]
title: Replicas are set beside an autoscaler
severity: low
severity-reason: each apply takes away what the load needed
why: >-
  Each time the manifest is applied the workload goes back to the written number, in the middle of
  the day too, and the autoscaler starts over.
fix: "Remove `replicas` from the workload that an autoscaler scales."
profile: strict
form: facts
kinds: [apps/Deployment, apps/StatefulSet, argoproj.io/Rollout]
fix-class: unsafe
patch:
  - remove: spec.replicas
frameworks:
  - NIST-800-190:4.4.3
  - SOC2-TSC:A1.2
  - ISO27001-2022:A.8.14
  - ISO27001-2022:A.8.6
aliases:
  - kics:HPA Targeted Deployments With Configured Replica Count
  - kube-score:deployment-targeted-by-hpa-does-not-have-replicas-configured
examples:
  - bad: three, and an autoscaler
    lines: [5]
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
      ---
      apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: shop}
      spec:
        minReplicas: 2
        maxReplicas: 10
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
    fixed: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop}
      spec:
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
  - good: the autoscaler alone, and another's
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
      ---
      apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: shop}
      spec:
        minReplicas: 2
        maxReplicas: 10
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: store}
      spec:
        replicas: 3
        selector: {matchLabels: {app: store}}
        template:
          metadata: {labels: {app: store}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    replicas = at(it.value, "spec", "replicas")
    if replicas in (None, 1):
        # The API server sets one where nothing is written.
        return
    for scaler in facts.once(by_target).get((it.namespace, it.ref.kind, it.name), ()):
        facts.spend(1)
        if facts.together(it, scaler):
            message = f"sets {replicas} replicas, which the autoscaler {scaler.name} sets, too"
            yield Violation(message, ("spec", "replicas"))
            return
