"""An autoscaler that measures against requests which nobody has written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.fields import at, mapping, maps, text
from portside.model.violation import Violation

RULE = """
id: autoscaler-without-requests
controls: [R013]
title: Autoscaler measures against requests that are missing
severity: low
severity-reason: the autoscaler cannot compute anything, and never scales
why: >-
  Utilisation is a share of what the containers request. Where one of them requests nothing, the
  autoscaler cannot tell the share, and leaves the replicas as they are.
fix: Request the resource in every container of the pods, or scale by an average value.
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
  - bad: one container requests none
    lines: [10]
    manifest: |
      apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: shop}
      spec:
        minReplicas: 2
        maxReplicas: 10
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
        metrics:
          - type: Resource
            resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers:
              - name: web
                image: registry.example.org/web:2.1
                resources: {requests: {memory: 1Gi}}
  - good: each does, or the value is absolute
    manifest: |
      apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: shop}
      spec:
        minReplicas: 2
        maxReplicas: 10
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
        metrics:
          - type: Resource
            resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers:
              - name: web
                image: registry.example.org/web:2.1
                resources: {limits: {cpu: 1}}
      ---
      apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: store}
      spec:
        minReplicas: 2
        maxReplicas: 10
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: store}
        metrics:
          - type: Resource
            resource: {name: memory, target: {type: AverageValue, averageValue: 1Gi}}
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
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    path = ("spec", "scaleTargetRef")
    kind, name = text(it.value, *path, "kind"), text(it.value, *path, "name")
    target = facts.named(kind, it.namespace, name) if kind and name else None
    if target is None:
        return
    for index, metric in maps(it.value, "spec", "metrics"):
        resource = text(metric, "resource", "name")
        if text(metric, "resource", "target", "type") != "Utilization" or not resource:
            continue
        lacking = _without(target, resource)
        if lacking:
            message = f"scales by {resource}, of which the container {lacking} requests none"
            yield Violation(message, ("spec", "metrics", index, "resource"))


def _without(target: Fact, resource: str) -> str:
    """The first container that requests none of it; empty where each does."""
    for pod in target.pods():
        if _requests(pod.spec, resource):
            continue
        for container in pod.containers:
            if container.role == "containers" and not _requests(container.body, resource):
                return str(at(container.body, "name") or "?")
    return ""


def _requests(body: Mapping[str, Any], resource: str) -> bool:
    return any(resource in mapping(body, "resources", it) for it in ("requests", "limits"))
