"""A rule of a NetworkPolicy that fits no pod, or a port that no pod has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.fields import mapping, maps
from portside.model.isolation import selected
from portside.model.violation import Violation

RULE = """
id: policy-peer-matches-nothing
title: Rule of a network policy fits nothing
severity: low
severity-reason: the connection that it is for does not work, or the rule has been left behind
why: >-
  A rule that names pods by labels which no workload has, or a port by a name which no container gives,
  allows nothing: a typing mistake, or a workload that was renamed.
fix: Correct the labels or the name of the port, or remove the rule.
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
  - kube-linter:dangling-networkpolicypeer-podselector
examples:
  - bad: labels that nothing carries, in both directions
    lines: [9, 13]
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: shop, namespace: shop}
      spec:
        podSelector: {matchLabels: {app: shop}}
        policyTypes: [Ingress, Egress]
        ingress:
          - from:
              - podSelector: {matchLabels: {app: web}}
              - podSelector: {matchLabels: {app: shop}}
        egress:
          - to:
              - podSelector: {matchLabels: {app: db}}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, namespace: shop, labels: {app: shop}}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: db, namespace: other, labels: {app: db}}
      spec: {containers: [{name: db, image: "registry.example.org/db:2.1"}]}
  - bad: a name that no port of the pods has
    lines: [8]
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: shop}
      spec:
        podSelector: {matchLabels: {app: shop}}
        ingress:
          - ports:
              - port: https
              - port: http
              - port: metrics
              - port: 8443
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, labels: {app: shop}}
      spec:
        initContainers: [{name: proxy, image: "registry.example.org/proxy:1.0", restartPolicy: Always, ports: [{name: metrics, containerPort: 9090}]}]
        containers: [{name: web, image: "registry.example.org/web:2.1", ports: [{name: http, containerPort: 8080}]}]
  - good: pods of other namespaces, addresses, all pods
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: shop}
      spec:
        podSelector: {}
        ingress:
          - from:
              - podSelector: {}
              - namespaceSelector: {matchLabels: {team: web}}
                podSelector: {matchLabels: {app: web}}
              - ipBlock: {cidr: 10.0.0.0/8}
            ports: [{port: http}]
  - good: they may stand in files that were not scanned
    part: true
    undecided: true
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: shop}
      spec:
        podSelector: {}
        ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for number, rule in maps(it.value, "spec", direction):
            for index, peer in maps(rule, peers):
                selector = peer.get("podSelector")
                if not selector or "namespaceSelector" in peer:
                    continue
                if next(selected(facts, selector, it.namespace, it), None) is None:
                    path = ("spec", direction, number, peers, index, "podSelector")
                    yield Violation("names pods by labels that none of its namespace has", path)
    yield from _ports(it, facts)


def _ports(it: Fact, facts: Facts) -> Iterator[Violation]:
    """Names of ports that no container of the pods which the policy is for gives."""
    named = [
        (port["port"], ("spec", "ingress", number, "ports", index, "port"))
        for number, rule in maps(it.value, "spec", "ingress")
        for index, port in maps(rule, "ports")
        if type(port.get("port")) is str
    ]
    if not named:
        return
    chosen = list(selected(facts, mapping(it.value, "spec", "podSelector"), it.namespace, it))
    names = {
        port.get("name")
        for _, pod in chosen
        for container in pod.containers
        for _, port in maps(container.body, "ports")
    }
    for name, path in named if chosen else ():
        if name not in names:
            yield Violation(f"names the port {name}, which no pod it selects has", path)
