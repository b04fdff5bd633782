"""A StatefulSet whose pods have no names in DNS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts, labels_of
from portside.model.fields import mapping, text
from portside.model.selector import has_all
from portside.model.violation import Doubt, Violation

RULE = """
id: stateful-set-without-service
controls: [R021]
title: StatefulSet without its headless Service
severity: low
severity-reason: the pods find each other by names that do not resolve
why: >-
  The names of the pods of a StatefulSet are made by a headless Service, which nobody makes for you.
  Without it a database's replicas cannot find each other, or find them by addresses that change.
fix: "Add a Service with `clusterIP: None` that selects the pods, and name it in `serviceName`."
profile: strict
form: facts
kinds: [apps/StatefulSet]
fix-class: none
frameworks:
  - NIST-800-190:4.4.3
  - SOC2-TSC:A1.2
  - ISO27001-2022:A.8.14
aliases:
  - kics:StatefulSets Without Service Name
  - kube-score:statefulset-has-servicename
examples:
  - bad: none is named, and one that is not headless
    lines: [4, 15]
    manifest: |
      apiVersion: apps/v1
      kind: StatefulSet
      metadata: {name: shop}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: apps/v1
      kind: StatefulSet
      metadata: {name: store}
      spec:
        serviceName: store
        selector: {matchLabels: {app: store}}
        template:
          metadata: {labels: {app: store}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: store}
      spec:
        selector: {app: store}
        ports: [{port: 80}]
  - bad: no such Service, and one of other pods
    lines: [5, 16]
    manifest: |
      apiVersion: apps/v1
      kind: StatefulSet
      metadata: {name: shop}
      spec:
        serviceName: shop
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: apps/v1
      kind: StatefulSet
      metadata: {name: store}
      spec:
        serviceName: store
        selector: {matchLabels: {app: store}}
        template:
          metadata: {labels: {app: store}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: store}
      spec:
        clusterIP: None
        selector: {app: shop}
        ports: [{port: 80}]
  - good: headless, and of its pods
    manifest: |
      apiVersion: apps/v1
      kind: StatefulSet
      metadata: {name: store}
      spec:
        serviceName: store
        selector: {matchLabels: {app: store}}
        template:
          metadata: {labels: {app: store}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: store}
      spec:
        clusterIP: None
        selector: {app: store}
        ports: [{port: 80}]
  - good: it may stand in another file
    part: true
    undecided: true
    manifest: |
      apiVersion: apps/v1
      kind: StatefulSet
      metadata: {name: store}
      spec:
        serviceName: store
        selector: {matchLabels: {app: store}}
        template:
          metadata: {labels: {app: store}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation | Doubt]:
    path = ("spec", "serviceName")
    name = text(it.value, *path)
    if not name:
        yield Violation("names no headless Service", path)
        return
    services = [*facts.all_named("Service", it.namespace, name)]
    if any(_names(service, it) for service in services):
        return
    if services:
        yield Violation(f"names the Service {name}, which is not headless for its pods", path)
    elif facts.whole:
        yield Violation(f"names the Service {name}, which does not exist", path)
    else:
        yield Doubt("the Services of its namespace")


def _names(service: Fact, it: Fact) -> bool:
    """Whether it is headless and selects the pods."""
    wanted = mapping(service.value, "spec", "selector")
    return text(service.value, "spec", "clusterIP") == "None" and any(
        has_all(wanted, labels_of(pod)) for pod in it.pods()
    )
