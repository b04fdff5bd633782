"""Pods that policies isolate for egress and that may not ask the cluster's DNS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts, labels_of
from portside.model.fields import mapping, maps
from portside.model.isolation import (
    EGRESS,
    Labels,
    concerns,
    isolated_otherwise,
    selected,
    selecting,
)
from portside.model.violation import Answer, Doubt, Violation

RULE = """
id: egress-without-dns
title: Network policy leaves no way to name resolution
severity: info
severity-reason: the pods find no host any more, and the policy is taken away again
why: >-
  Whoever isolates egress has to allow UDP and TCP port 53 to the cluster's DNS: without it a pod can
  resolve no name, not even that of a Service which it may reach.
fix: "Allow ports 53 of UDP and TCP to the DNS pods (`k8s-app: kube-dns` in kube-system), or to the node's cache at 169.254.20.10."
profile: strict
form: facts
kinds: [networking.k8s.io/NetworkPolicy]
needs: the other network policies of its namespace
fix-class: safe
patch:
  - add: spec.egress
    value:
      to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
controls: [N006]
frameworks:
  - OWASP-K8s-2022:K07
  - OWASP-K8s-2025:K05
  - NIST-800-190:4.3.3
  - PCI-DSS-4.0.1:1.3.1
  - SOC2-TSC:CC6.6
  - ISO27001-2022:A.8.22
aliases:
  - kyverno:add-networkpolicy-dns
examples:
  - bad: no rule, and rules for other things
    lines: [6]
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: deny}
      spec:
        podSelector: {}
        policyTypes: [Egress]
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: db}
      spec:
        podSelector: {matchLabels: {app: shop}}
        egress:
          - to: [{podSelector: {matchLabels: {app: db}}}]
          - ports: [{port: 443}, {port: 53}]
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, labels: {app: shop}}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
  - bad: for all pods, whichever they are
    lines: [6]
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: deny}
      spec:
        podSelector: {}
        policyTypes: [Egress]
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: some}
      spec:
        podSelector: {matchLabels: {app: web}}
        policyTypes: [Egress]
        egress: [{ports: [{port: 53, protocol: UDP}]}]
    fixed: |
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: deny}
      spec:
        podSelector: {}
        policyTypes: [Egress]
        egress:
          - to:
              - namespaceSelector:
                  matchLabels:
                    kubernetes.io/metadata.name: kube-system
                podSelector:
                  matchLabels:
                    k8s-app: kube-dns
            ports:
              - protocol: UDP
                port: 53
              - protocol: TCP
                port: 53
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: some}
      spec:
        podSelector: {matchLabels: {app: web}}
        policyTypes: [Egress]
        egress: [{ports: [{port: 53, protocol: UDP}]}]
  - good: another policy allows it
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: deny}
      spec: {podSelector: {}, policyTypes: [Egress]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: dns}
      spec:
        podSelector: {}
        policyTypes: [Egress]
        egress:
          - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}]
            ports: [{port: 53, protocol: UDP}, {port: 53}]
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: shop}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
  - good: by a range of ports, OpenShift's port, a name, or everything
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: range, namespace: a}
      spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 1, endPort: 1024, protocol: UDP}]}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: openshift, namespace: b}
      spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 5353, protocol: UDP}]}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: name, namespace: c}
      spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: dns, protocol: UDP}]}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: all, namespace: d}
      spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: any, namespace: e}
      spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{protocol: UDP}]}]}
  - good: not about egress, or about pods that the scan does not know
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: in}
      spec: {podSelector: {}}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: web, namespace: other}
      spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]}
  - good: another engine may allow it
    undecided: true
    api: needs-crd
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: deny, namespace: shop}
      spec: {podSelector: {}, policyTypes: [Egress]}
      ---
      apiVersion: cilium.io/v2
      kind: CiliumNetworkPolicy
      metadata: {name: dns, namespace: shop}
      spec: {endpointSelector: {}, egress: [{toPorts: [{ports: [{port: "53"}]}]}]}
  - good: another policy may stand in files that were not scanned
    part: true
    undecided: true
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: deny}
      spec: {podSelector: {}, policyTypes: [Egress]}
"""
_DNS = 53
_PORTS = (_DNS, 5353, "dns", "dns-udp", "53", "dns-default")


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Answer]:
    if not concerns(it, EGRESS):
        return
    if not _speechless(it, facts):
        return
    other = isolated_otherwise(facts, it.namespace, it, None, EGRESS)
    if other:
        yield Doubt("what the policies of another engine allow")
    else:
        message = "isolates pods for egress, and no policy lets them ask the DNS (UDP port 53)"
        yield Violation(message, ("spec", "policyTypes"))


def _speechless(it: Fact, facts: Facts) -> bool:
    """Whether pods that it selects may not ask; each is counted at the first policy for it."""
    known = False
    chosen = mapping(it.value, "spec", "podSelector")
    for _, pod in selected(facts, chosen, it.namespace, it):
        known = True
        about = _isolating(it, facts, labels_of(pod))
        if about and about[0] is it and not any(map(_asks, about)):
            return True
    if known:
        return False
    about = _isolating(it, facts, None)
    return bool(about) and about[0] is it and not any(map(_asks, about))


def _isolating(it: Fact, facts: Facts, labels: Labels) -> list[Fact]:
    found = selecting(facts, it.namespace, it, labels)
    return [policy for policy in found if concerns(policy, EGRESS)]


def _asks(policy: Fact) -> bool:
    """Whether a rule of the policy lets packets out to some name server."""
    return any(
        _to_servers(rule) and _to_dns(rule) for _, rule in maps(policy.value, "spec", "egress")
    )


def _to_servers(rule: dict[str, Any]) -> bool:
    """Whether targets beyond the pods of the namespace are among those of the rule."""
    if not rule.get("to"):
        return True
    return any("namespaceSelector" in peer or "ipBlock" in peer for _, peer in maps(rule, "to"))


def _to_dns(rule: dict[str, Any]) -> bool:
    return not rule.get("ports") or any(_is_dns(port) for _, port in maps(rule, "ports"))


def _is_dns(port: dict[str, Any]) -> bool:
    if port.get("protocol") != "UDP":
        return False
    first, last = port.get("port"), port.get("endPort")
    if first is None or first in _PORTS:
        return True
    return type(first) is int and type(last) is int and first <= _DNS <= last
