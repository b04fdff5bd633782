"""A Namespace without a policy that denies ingress to every pod by default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.isolation import INGRESS, denied_by_default
from portside.model.violation import Answer, Doubt, Violation

RULE = """
id: namespace-without-ingress-deny
title: Namespace lets every pod of the cluster in
severity: medium
severity-reason: "whoever has one pod anywhere can reach each pod here"
why: >-
  Without a policy that selects all pods, a pod that no other policy names takes connections from the
  whole cluster. A default that denies makes every connection one that somebody has allowed.
fix: "Add a NetworkPolicy with `podSelector: {}` and `policyTypes: [Ingress]`, and one for each connection that is needed."
profile: recommended
form: facts
kinds: [Namespace]
params:
  exempt:
    type: list(string)
    default: [kube-system, kube-public, kube-node-lease]
    description: namespaces that may stay open
fix-class: none
controls: [N001]
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
  - ATT&CK:T1046
  - MS-ThreatMatrix:MS-TA9034
  - NSA-CISA-1.2:net/policy
aliases:
  - kubescape:C-0030
  - kyverno:add-network-policy
  - kyverno:require-netpol
examples:
  - bad: no policy for all pods
    lines: [3]
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: web, namespace: shop}
      spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: out, namespace: shop}
      spec: {podSelector: {}, policyTypes: [Egress]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: open, namespace: shop}
      spec: {podSelector: {}, ingress: [{}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: deny, namespace: web}
      spec: {podSelector: {}}
  - bad: a policy engine that makes none
    api: needs-crd
    lines: [3]
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
      ---
      apiVersion: kyverno.io/v1
      kind: ClusterPolicy
      metadata: {name: labels}
      spec:
        rules:
          - name: labels
            match: {any: [{resources: {kinds: [Pod]}}]}
            validate: {message: labels, pattern: {metadata: {labels: {app: "?*"}}}}
  - good: denied by default
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: deny, namespace: shop}
      spec: {podSelector: {}}
  - good: a policy that names no namespace is applied with it
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: deny}
      spec: {podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}
  - good: the system, which has to be reached
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
      kind: CiliumNetworkPolicy
      metadata: {name: deny, namespace: shop}
      spec: {endpointSelector: {}, ingress: [{}]}
      ---
      apiVersion: v1
      kind: Namespace
      metadata: {name: web}
      ---
      apiVersion: projectcalico.org/v3
      kind: NetworkPolicy
      metadata: {name: deny, namespace: web}
      spec: {selector: all(), types: [Ingress, Egress]}
  - good: a denial for the whole cluster
    api: needs-crd
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
      ---
      apiVersion: policy.networking.k8s.io/v1alpha1
      kind: BaselineAdminNetworkPolicy
      metadata: {name: default}
      spec:
        subject: {namespaces: {}}
        ingress: [{action: Deny, from: [{namespaces: {}}]}]
  - good: another engine that may isolate, which nobody can tell here
    undecided: true
    api: needs-crd
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
      ---
      apiVersion: projectcalico.org/v3
      kind: GlobalNetworkPolicy
      metadata: {name: deny}
      spec: {namespaceSelector: "team == 'shop'", types: [Ingress]}
  - good: a policy engine makes the policy, in a way that nobody can tell here
    undecided: true
    api: needs-crd
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
      ---
      apiVersion: kyverno.io/v1
      kind: ClusterPolicy
      metadata: {name: default-deny}
      spec:
        rules:
          - name: deny
            match: {any: [{resources: {kinds: [Namespace]}}]}
            generate: {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, name: deny, namespace: "{{request.object.metadata.name}}", data: {spec: {podSelector: {}}}}
  - good: its policies may stand in files that were not scanned
    part: true
    undecided: true
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Answer]:
    denied = it.name in params["exempt"] or denied_by_default(facts, it, INGRESS)
    if isinstance(denied, str):
        yield Doubt(denied)
    elif not denied:
        yield Violation(
            "lets every pod of the cluster connect to those that no policy names",
            ("metadata", "name"),
        )
