"""A NetworkPolicy that selects no pod of its namespace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.fields import mapping
from portside.model.isolation import selected
from portside.model.violation import Violation

RULE = """
id: policy-selects-nothing
title: Network policy selects no pod
severity: low
severity-reason: a policy that protects nothing looks like one that does
why: >-
  Its pod selector fits the labels of no workload in its namespace: a typing mistake, or labels that
  have changed since. Whoever reads the policy believes that pods are shielded which are open.
fix: Correct the selector or the labels, or remove the policy.
profile: strict
form: facts
kinds: [networking.k8s.io/NetworkPolicy]
needs: the workloads of its namespace
fix-class: none
controls: [N007]
frameworks:
  - OWASP-K8s-2022:K07
  - OWASP-K8s-2025:K05
  - NIST-800-190:4.3.3
  - PCI-DSS-4.0.1:1.3.1
  - SOC2-TSC:CC6.6
  - ISO27001-2022:A.8.22
aliases:
  - kubescape:C-0299
  - kube-linter:dangling-networkpolicy
  - "kics:Network Policy Is Not Targeting Any Pod"
  - kube-score:networkpolicy-targets-pod
examples:
  - bad: a label that nothing carries
    lines: [5]
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: api, namespace: shop}
      spec:
        podSelector: {matchLabels: {app: apii}}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: api, namespace: shop, labels: {app: api}}
      spec:
        containers: [{name: api, image: "registry.example.org/api:2.1"}]
  - bad: the pod is in another namespace
    lines: [5]
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: api, namespace: shop}
      spec:
        podSelector: {matchExpressions: [{key: app, operator: In, values: [api]}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: api, namespace: store, labels: {app: api}}
      spec:
        containers: [{name: api, image: "registry.example.org/api:2.1"}]
  - good: it selects the pods of a Deployment
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: api, namespace: shop}
      spec:
        podSelector: {matchLabels: {app: api}}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: api, namespace: shop}
      spec:
        selector: {matchLabels: {app: api}}
        template:
          metadata: {labels: {app: api, tier: back}}
          spec:
            containers: [{name: api, image: "registry.example.org/api:2.1"}]
  - good: an empty selector is about the whole namespace, whatever comes into it
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: deny, namespace: shop}
      spec:
        podSelector: {}
  - good: its workload names no namespace, and is applied with it
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: api, namespace: shop}
      spec:
        podSelector: {matchLabels: {app: api}}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: api, labels: {app: api}}
      spec:
        containers: [{name: api, image: "registry.example.org/api:2.1"}]
  - good: its pods may stand in files that were not scanned
    part: true
    undecided: true
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: api, namespace: shop}
      spec:
        podSelector: {matchLabels: {app: apii}}
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    selector = mapping(it.value, "spec", "podSelector")
    if selector and next(selected(facts, selector, it.namespace, it), None) is None:
        yield Violation("selects no pod of its namespace", ("spec", "podSelector"))
