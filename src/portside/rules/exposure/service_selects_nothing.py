"""A Service whose selector fits no workload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.fields import mapping, text
from portside.model.isolation import selected
from portside.model.violation import Violation

RULE = """
id: service-selects-nothing
title: Service selects no pod
severity: low
severity-reason: "nobody answers, or whoever makes a pod with these labels does"
why: >-
  Its selector fits the labels of no workload in its namespace: callers get no answer, and a pod that
  somebody else creates with the labels takes the traffic.
fix: Correct the selector or the labels, or remove the Service.
profile: strict
form: facts
kinds: [Service]
needs: the workloads of its namespace
fix-class: none
controls: [X015]
frameworks:
  - OWASP-K8s-2025:K06
  - NIST-800-190:4.4.2
  - PCI-DSS-4.0.1:1.3.1
  - SOC2-TSC:CC6.6
  - ISO27001-2022:A.8.22
aliases:
  - kubescape:C-0293
  - kube-linter:dangling-service
  - kics:Service Does Not Target Pod
  - kube-score:service-targets-pod
examples:
  - bad: a label that nothing carries
    lines: [5]
    manifest: |
      apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: shop}
      spec:
        selector: {app: shopp}
        ports: [{port: 80}]
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, namespace: shop, labels: {app: shop}}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
  - bad: the pod is in another namespace
    lines: [5]
    manifest: |
      apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: shop}
      spec:
        selector: {app: shop}
        ports: [{port: 80}]
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, namespace: other, labels: {app: shop}}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
  - good: a Deployment's pods, with more labels
    manifest: |
      apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: shop}
      spec: {selector: {app: shop}, ports: [{port: 80}]}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop, tier: front}}
          spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
  - good: a name outside, endpoints by hand
    manifest: |
      apiVersion: v1
      kind: Service
      metadata: {name: mail}
      spec: {type: ExternalName, externalName: smtp.example.org, selector: {app: mail}}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: db}
      spec: {ports: [{port: 5432}]}
  - good: its pods may stand in files that were not scanned
    part: true
    undecided: true
    manifest: |
      apiVersion: v1
      kind: Service
      metadata: {name: shop}
      spec: {selector: {app: shop}, ports: [{port: 80}]}
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    wanted = mapping(it.value, "spec", "selector")
    if not wanted or text(it.value, "spec", "type") == "ExternalName":
        return
    if next(selected(facts, {"matchLabels": wanted}, it.namespace, it), None) is None:
        yield Violation("selects no pod of its namespace", ("spec", "selector"))
