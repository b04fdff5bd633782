"""A cloud identity that more pods hold than the one that needs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.accounts import Accounts, exposed_by, same_application
from portside.model.facts import Fact, Facts
from portside.model.fields import mapping
from portside.model.violation import Violation

RULE = """
id: widely-held-cloud-identity
title: Cloud identity is within reach of too many pods
severity: high
severity-reason: from one pod into the cloud account
why: >-
  Every pod of a service account that is tied to a cloud identity can act with it in the cloud.
  The account default, one that several applications share, or one of a pod that the internet
  reaches leads many there.
fix: >-
  Tie the identity to a service account that one application alone uses, and that no pod at the
  edge runs as.
profile: recommended
form: facts
kinds:
  - ServiceAccount
controls: [T009]
fix-class: none
frameworks:
  - OWASP-K8s-2022:K03
  - OWASP-K8s-2025:K02
  - NIST-800-190:4.3.2
  - PCI-DSS-4.0.1:7.2.2
  - SOC2-TSC:CC6.3
  - ISO27001-2022:A.8.2
  - CIS-EKS-1.8:5.2.1
  - CIS-GKE-1.9:5.2.2
  - ATT&CK:T1078.004
  - ATT&CK:T1552.005
  - MS-ThreatMatrix:MS-TA9020
  - MS-ThreatMatrix:MS-TA9028
  - OWASP-K8s-2025:K08
examples:
  - bad: the account of every forgotten pod
    lines: [7]
    manifest: |
      apiVersion: v1
      kind: ServiceAccount
      metadata:
        name: default
        namespace: default
        annotations:
          eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/shop
  - bad: two applications
    lines: [7]
    manifest: |
      apiVersion: v1
      kind: ServiceAccount
      metadata:
        name: shop
        namespace: default
        annotations:
          eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/shop
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: cart, namespace: default, labels: {app.kubernetes.io/name: cart}}
      spec:
        selector: {matchLabels: {app: cart}}
        template:
          metadata: {labels: {app: cart}}
          spec:
            serviceAccountName: shop
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: stock, namespace: default, labels: {app.kubernetes.io/name: stock}}
      spec:
        selector: {matchLabels: {app: stock}}
        template:
          metadata: {labels: {app: stock}}
          spec:
            serviceAccountName: shop
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - bad: a pod at the edge
    lines: [7]
    manifest: |
      apiVersion: v1
      kind: ServiceAccount
      metadata:
        name: shop
        namespace: default
        annotations:
          eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/shop
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop, namespace: default, labels: {app.kubernetes.io/name: shop}}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            serviceAccountName: shop
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: default}
      spec:
        type: LoadBalancer
        selector: {app: shop}
        ports: [{port: 80}]
  - bad: a pod behind an Ingress
    lines: [7]
    manifest: |
      apiVersion: v1
      kind: ServiceAccount
      metadata:
        name: shop
        namespace: default
        annotations:
          eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/shop
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop, namespace: default, labels: {app.kubernetes.io/name: shop}}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            serviceAccountName: shop
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: default}
      spec:
        type: ClusterIP
        selector: {app: shop}
        ports: [{port: 80}]
      ---
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: shop, namespace: default}
      spec:
        rules:
          - host: shop.example.org
            http:
              paths:
                - path: /
                  pathType: Prefix
                  backend: {service: {name: shop, port: {number: 80}}}
  - good: one application, inside
    manifest: |
      apiVersion: v1
      kind: ServiceAccount
      metadata:
        name: shop
        namespace: default
        annotations:
          eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/shop
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop, namespace: default, labels: {app.kubernetes.io/name: shop}}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            serviceAccountName: shop
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: default}
      spec:
        type: ClusterIP
        selector: {app: shop}
        ports: [{port: 80}]
  - good: no cloud identity
    manifest: |
      apiVersion: v1
      kind: ServiceAccount
      metadata:
        name: shop
        namespace: default
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop, namespace: default, labels: {app.kubernetes.io/name: shop}}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            serviceAccountName: shop
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: default}
      spec:
        type: LoadBalancer
        selector: {app: shop}
        ports: [{port: 80}]
"""

_IDENTITIES = (
    "eks.amazonaws.com/role-arn",
    "iam.gke.io/gcp-service-account",
    "azure.workload.identity/client-id",
)


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    annotations = mapping(it.value, "metadata", "annotations")
    key = next((key for key in _IDENTITIES if key in annotations), "")
    if not key:
        return
    known = facts.once(_known)
    asked = (it.folder, it.namespace, it.name)
    if asked not in known:
        known[asked] = _reason(it, facts)
    reason = known[asked]
    if reason:
        yield Violation(f"has a cloud identity, and {reason}", ("metadata", "annotations", key))


def _known(facts: Facts) -> dict[tuple[str, str, str], str]:
    """What was asked already: a folder may hold an account many times."""
    return {}


def _reason(it: Fact, facts: Facts) -> str:
    if it.name == "default":
        return "every pod that names no service account runs as it"
    holders = facts.once(Accounts).holders(it, it.name)
    for holder in holders[1:]:
        if not same_application(holders[0], holder):
            return f"both {holders[0].ref} and {holder.ref} run as it"
    for holder in holders:
        door = exposed_by(facts, holder)
        if door is not None:
            return f"{holder.ref}, which runs as it, is reached from outside through {door.ref}"
    return ""
