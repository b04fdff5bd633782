"""A Namespace with workloads that nothing keeps from taking the whole cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.fields import mapping, maps
from portside.model.isolation import near
from portside.model.violation import Violation

RULE = """
id: namespace-without-quota
title: Nothing limits what a namespace takes
severity: low
severity-reason: one tenant can starve the others
why: >-
  A ResourceQuota limits what all pods of a namespace take together, a LimitRange gives requests and
  limits to a container that says none. Without them one mistake takes the nodes from everybody.
fix: "Add a LimitRange with defaults, then a ResourceQuota: a quota refuses pods that say no requests."
profile: strict
form: facts
kinds: [Namespace]
needs: the quotas and limit ranges of the namespace
params:
  exempt:
    type: list(string)
    default: [kube-system, kube-public, kube-node-lease]
    description: namespaces without limits
fix-class: none
controls: [Q006]
frameworks:
  - OWASP-K8s-2022:K04
  - OWASP-K8s-2025:K04
  - NIST-800-190:4.3.4
  - PCI-DSS-4.0.1:2.2.1
  - SOC2-TSC:CC7.1
  - ISO27001-2022:A.8.9
  - ATT&CK:T1496
  - ATT&CK:T1499
  - MS-ThreatMatrix:MS-TA9039
  - NSA-CISA-1.2:net/resource-policies
  - ISO27001-2022:A.8.6
aliases:
  - kyverno:add-ns-quota
examples:
  - bad: neither
    lines: [3, 3]
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, namespace: shop}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
      ---
      apiVersion: v1
      kind: ResourceQuota
      metadata: {name: shop, namespace: other}
      spec: {hard: {pods: "10"}}
  - bad: a limit range without defaults
    lines: [3]
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, namespace: shop}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
      ---
      apiVersion: v1
      kind: ResourceQuota
      metadata: {name: shop, namespace: shop}
      spec: {hard: {requests.cpu: "10"}}
      ---
      apiVersion: v1
      kind: LimitRange
      metadata: {name: shop, namespace: shop}
      spec: {limits: [{type: PersistentVolumeClaim, max: {storage: 1Gi}}]}
  - good: both
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, namespace: shop}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
      ---
      apiVersion: v1
      kind: ResourceQuota
      metadata: {name: shop, namespace: shop}
      spec: {hard: {requests.cpu: "10"}}
      ---
      apiVersion: v1
      kind: LimitRange
      metadata: {name: shop}
      spec: {limits: [{type: Container, default: {cpu: 300m}, defaultRequest: {cpu: 100m}}]}
  - good: a quota, and workloads that say what they need
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, namespace: shop}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1", resources: {requests: {cpu: 100m, memory: 64Mi}}}]}
      ---
      apiVersion: v1
      kind: ResourceQuota
      metadata: {name: shop, namespace: shop}
      spec: {hard: {requests.cpu: "10"}}
  - good: no workload, or the system
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
      ---
      apiVersion: v1
      kind: Namespace
      metadata: {name: kube-system}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: agent, namespace: kube-system}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
  - good: they may stand in files that were not scanned
    part: true
    undecided: true
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    workloads = list(facts.workloads(it.name))
    if not workloads or it.name in params["exempt"]:
        return
    quotas = [one for one in facts.of("ResourceQuota") if near(it.name, it, one)]
    ranges = [one for one in facts.of("LimitRange") if near(it.name, it, one)]
    if not quotas:
        yield Violation("has no ResourceQuota", ("metadata", "name"))
    if not any(map(_has_defaults, ranges)) and not (quotas and all(map(_asks, workloads))):
        yield Violation(
            "has no LimitRange with defaults", ("metadata",), subject=("metadata", "name")
        )


def _has_defaults(limits: Fact) -> bool:
    return any(
        one.get("type") == "Container" and (one.get("default") or one.get("defaultRequest"))
        for _, one in maps(limits.value, "spec", "limits")
    )


def _asks(workload: Fact) -> bool:
    """Whether each container says what it needs."""
    return all(
        {"cpu", "memory"} <= mapping(container.body, "resources", "requests").keys()
        for pod in workload.pods()
        for container in pod.containers
    )
