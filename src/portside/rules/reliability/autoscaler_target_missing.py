"""An autoscaler of a workload that is not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.fields import text
from portside.model.violation import Violation

RULE = """
id: autoscaler-target-missing
controls: [R013]
title: Autoscaler has no target
severity: low
severity-reason: the workload keeps its replicas whatever the load, which shows when load comes
why: >-
  The autoscaler names a workload that does not exist in its namespace: a typing mistake, or another
  kind or API group. It scales nothing, and says so only in its own status.
fix: Name the workload that is meant, with its apiVersion and kind.
profile: recommended
form: facts
kinds: [autoscaling/HorizontalPodAutoscaler]
needs: the workloads of its namespace
fix-class: none
frameworks:
  - NIST-800-190:4.4.3
  - SOC2-TSC:A1.2
  - ISO27001-2022:A.8.14
  - ISO27001-2022:A.8.6
aliases:
  - kics:HPA Targets Invalid Object
  - kube-linter:dangling-horizontalpodautoscaler
  - kube-score:horizontalpodautoscaler-has-target
  - kubescape:C-0300
examples:
  - bad: another name
    lines: [7]
    manifest: |
      apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: shop}
      spec:
        minReplicas: 2
        maxReplicas: 10
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shopp}
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
  - bad: another kind
    lines: [7]
    manifest: |
      apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: shop}
      spec:
        minReplicas: 2
        maxReplicas: 10
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
      ---
      apiVersion: apps/v1
      kind: StatefulSet
      metadata: {name: shop}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - good: it is there
    manifest: |
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
      metadata: {name: shop}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - good: it may stand in another file
    part: true
    undecided: true
    manifest: |
      apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: shop}
      spec:
        minReplicas: 2
        maxReplicas: 10
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    path = ("spec", "scaleTargetRef")
    kind, name = text(it.value, *path, "kind"), text(it.value, *path, "name")
    group = text(it.value, *path, "apiVersion").rpartition("/")[0]
    if kind and name:
        found = facts.all_named(kind, it.namespace, name)
        if not any(target.ref.group == group for target in found):
            yield Violation(f"scales {kind} {name}, which does not exist", path)
