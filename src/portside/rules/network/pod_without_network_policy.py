"""A workload whose pods no network policy selects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts, labels_of
from portside.model.isolation import EGRESS, INGRESS, isolated, policies
from portside.model.violation import Answer, Doubt, Violation

RULE = """
id: pod-without-network-policy
title: No network policy is about the pod
severity: medium
severity-reason: every pod of the cluster may connect to it, and it to everything
why: >-
  A pod that no policy selects is open in both directions. Where the scan holds the Namespace and no
  policy at all in it, that is said once, there.
fix: "Add a NetworkPolicy whose `podSelector` selects the pod and that names who may connect to it and whom it needs."
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
  - checkov:CKV2_K8S_6
  - kubescape:C-0260
  - kube-linter:non-isolated-pod
  - kics:Pod Misconfigured NetworkPolicy
  - kube-score:pod-networkpolicy
examples:
  - bad: the policy is for others
    lines: [8]
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop, namespace: shop}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata:
            labels: {app: shop}
          spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: web, namespace: shop}
      spec: {podSelector: {matchLabels: {app: web}}}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: shop, namespace: other}
      spec: {podSelector: {}}
  - bad: a policy there, and its namespace
    lines: [7]
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
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: web, namespace: shop}
      spec: {podSelector: {matchLabels: {app: web}}}
  - good: selected, and for one direction only
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, labels: {app: shop, tier: front}}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: shop}
      spec: {podSelector: {matchExpressions: [{key: tier, operator: In, values: [front]}]}, policyTypes: [Egress]}
  - good: no policy at all, which is said at the namespace
    manifest: |
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, namespace: shop}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
  - good: the network of the node, for which no policy holds
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop}
      spec:
        hostNetwork: true
        containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - good: another engine selects it
    api: needs-crd
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, namespace: shop, labels: {app: shop}}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
      ---
      apiVersion: cilium.io/v2
      kind: CiliumNetworkPolicy
      metadata: {name: shop, namespace: shop}
      spec: {endpointSelector: {matchLabels: {"k8s:app": shop}}, ingress: [{}]}
  - good: another engine may select it
    undecided: true
    api: needs-crd
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, namespace: shop, labels: {app: shop}}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
      ---
      apiVersion: crd.projectcalico.org/v1
      kind: NetworkPolicy
      metadata: {name: shop, namespace: shop}
      spec: {selector: "app == 'shop'", types: [Ingress]}
  - good: its policies may stand in files that were not scanned
    part: true
    undecided: true
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Answer]:
    for pod in it.pods():
        if pod.spec.get("hostNetwork") is True:
            continue
        both = [
            isolated(facts, it.namespace, it, labels_of(pod), direction)
            for direction in (INGRESS, EGRESS)
        ]
        if True in both or _said_at_its_namespace(it, facts):
            continue
        doubt = next((answer for answer in both if isinstance(answer, str)), "")
        if doubt or not facts.whole:
            yield Doubt(doubt or "the network policies of its namespace")
        else:
            yield Violation("is selected by no network policy", (*pod.metadata_path, "labels"))


def _said_at_its_namespace(it: Fact, facts: Facts) -> bool:
    """Whether `namespace-without-ingress-deny` and its sibling say it for all pods at once."""
    if not facts.whole or not it.namespace or not facts.named("Namespace", "", it.namespace):
        return False
    return next(policies(facts, it.namespace, it), None) is None
