"""A workload whose pods network policies isolate in one direction only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts, labels_of
from portside.model.isolation import EGRESS, INGRESS, isolated
from portside.model.violation import Answer, Doubt, Violation

RULE = """
id: pod-half-isolated
title: Network policies are about one direction only
severity: low
severity-reason: the other direction is open, which a reader of the policy may not see
why: >-
  A policy isolates in the directions that its `policyTypes` name: Ingress where nothing is said, and
  Egress only where it is said or has rules. In the other direction the pod is open.
fix: "Add a policy, or a type to the policy, for the direction that is open."
profile: strict
form: facts
kinds: [Workload]
fix-class: none
controls: [N003]
frameworks:
  - OWASP-K8s-2022:K07
  - OWASP-K8s-2025:K05
  - NIST-800-190:4.3.3
  - PCI-DSS-4.0.1:1.3.1
  - SOC2-TSC:CC6.6
  - ISO27001-2022:A.8.22
  - CIS-K8s-1.12:5.3.2
  - CIS-EKS-1.8:4.3.2
  - CIS-GKE-1.9:4.3.2
  - CIS-AKS-1.8:4.4.2
  - ATT&CK:T1210
  - MS-ThreatMatrix:MS-TA9034
aliases:
  - kube-score:pod-networkpolicy
examples:
  - bad: who comes in, not where it goes
    lines: [3]
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, labels: {app: shop}}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: shop}
      spec: {podSelector: {matchLabels: {app: shop}}}
  - bad: where it goes, not who comes in
    lines: [3]
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, labels: {app: shop}}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: shop}
      spec: {podSelector: {}, policyTypes: [Egress]}
  - good: both, by two policies; neither, which another rule says; the network of the node
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, labels: {app: shop}}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: in}
      spec: {podSelector: {matchLabels: {app: shop}}}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: out}
      spec: {podSelector: {matchLabels: {app: shop}}, policyTypes: [Egress]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: web}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: agent, labels: {app: agent}}
      spec: {hostNetwork: true, containers: [{name: web, image: "registry.example.org/web:2.1"}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: agent}
      spec: {podSelector: {matchLabels: {app: agent}}}
  - good: another engine may isolate the other
    undecided: true
    api: needs-crd
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, labels: {app: shop}}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: shop}
      spec: {podSelector: {matchLabels: {app: shop}}}
      ---
      apiVersion: cilium.io/v2
      kind: CiliumNetworkPolicy
      metadata: {name: shop}
      spec: {endpointSelector: {matchExpressions: [{key: app, operator: Exists}]}, egress: [{}]}
  - good: its policies may stand in files that were not scanned
    part: true
    undecided: true
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, labels: {app: shop}}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: shop}
      spec: {podSelector: {matchLabels: {app: shop}}}
"""
_MISSING = {INGRESS: "takes connections from everybody", EGRESS: "may connect to everything"}


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Answer]:
    for pod in it.pods():
        if pod.spec.get("hostNetwork") is True:
            continue
        both = {
            direction: isolated(facts, it.namespace, it, labels_of(pod), direction)
            for direction in (INGRESS, EGRESS)
        }
        if True not in both.values():
            continue
        for direction, answer in both.items():
            if answer is True:
                continue
            if answer or not facts.whole:
                yield Doubt(answer or "the network policies of its namespace")
            else:
                message = f"{_MISSING[direction]}: no network policy is about its {direction}"
                yield Violation(message, (*pod.metadata_path, "labels"))
