"""A Namespace without a policy that denies egress to every pod by default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.isolation import EGRESS, denied_by_default
from portside.model.violation import Answer, Doubt, Violation

RULE = """
id: namespace-without-egress-deny
title: Namespace lets its pods reach everything
severity: medium
severity-reason: what is stolen leaves, and tools come in, through any pod
why: >-
  Without a policy that selects all pods, a pod that no other policy names may connect anywhere: to the
  internet, to other tenants, to the cloud's metadata service.
fix: "Add a NetworkPolicy with `podSelector: {}` and `policyTypes: [Egress]` that allows name resolution, and one for each connection that is needed."
profile: strict
form: facts
kinds: [Namespace]
params:
  exempt:
    type: list(string)
    default: [kube-system, kube-public, kube-node-lease]
    description: namespaces that may stay open
fix-class: none
controls: [N002]
frameworks:
  - OWASP-K8s-2022:K07
  - OWASP-K8s-2025:K05
  - NIST-800-190:4.3.3
  - PCI-DSS-4.0.1:1.3.1
  - SOC2-TSC:CC6.6
  - ISO27001-2022:A.8.22
  - CIS-K8s-1.12:5.3.2
  - ATT&CK:T1041
  - ATT&CK:T1552.005
  - MS-ThreatMatrix:MS-TA9033
  - NSA-CISA-1.2:net/policy
  - PCI-DSS-4.0.1:1.3.2
aliases:
  - kubescape:C-0030
  - kyverno:add-networkpolicy-dns
examples:
  - bad: only who comes in is asked
    lines: [3]
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: deny, namespace: shop}
      spec: {podSelector: {}}
  - bad: everything is allowed
    lines: [3]
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: open, namespace: shop}
      spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: []}]}
  - good: denied by default, but for name resolution
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: deny, namespace: shop}
      spec: {podSelector: {}, policyTypes: [Ingress, Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]}
  - good: the system
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: kube-system}
  - good: other engines that clearly isolate
    api: needs-crd
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
      ---
      apiVersion: cilium.io/v2
      kind: CiliumClusterwideNetworkPolicy
      metadata: {name: deny}
      specs:
        - endpointSelector: {matchLabels: {"k8s:io.kubernetes.pod.namespace": shop}}
          egress: [{toEntities: [cluster]}]
  - good: another engine that may isolate, which nobody can tell here
    undecided: true
    api: needs-crd
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
      ---
      apiVersion: cilium.io/v2
      kind: CiliumNetworkPolicy
      metadata: {name: deny, namespace: shop}
      spec: {endpointSelector: {}, ingress: [{}], egress: [{}], enableDefaultDeny: {egress: false}}
      ---
      apiVersion: policy.networking.k8s.io/v1alpha1
      kind: AdminNetworkPolicy
      metadata: {name: some}
      spec:
        priority: 10
        subject: {namespaces: {}}
        egress: [{action: Deny, to: [{namespaces: {matchLabels: {team: web}}}]}]
  - good: its policies may stand in files that were not scanned
    part: true
    undecided: true
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Answer]:
    denied = it.name in params["exempt"] or denied_by_default(facts, it, EGRESS)
    if isinstance(denied, str):
        yield Doubt(denied)
    elif not denied:
        yield Violation(
            "lets its pods connect to everything, but for those that a policy names",
            ("metadata", "name"),
        )
