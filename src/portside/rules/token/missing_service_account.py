"""A workload whose service account nobody makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.accounts import Accounts, account_of
from portside.model.facts import Fact, Facts
from portside.model.violation import Violation

RULE = """
id: missing-service-account
title: Service account of the pods does not exist
severity: low
severity-reason: no pod is created, or somebody else decides what it may do
why: Pods are refused until the account exists. Whoever makes it then also decides what they may do.
fix: >-
  Add the service account, or correct its name.
profile: strict
form: facts
kinds:
  - Workload
controls: [T008]
needs: the service accounts of its namespace
fix-class: none
frameworks:
  - OWASP-K8s-2022:K03
  - OWASP-K8s-2025:K02
  - NIST-800-190:4.3.2
  - PCI-DSS-4.0.1:7.2.2
  - SOC2-TSC:CC6.3
  - ISO27001-2022:A.8.2
aliases:
  - kubescape:C-0307
  - kube-linter:non-existent-service-account
examples:
  - bad: a name that is nowhere
    lines: [15]
    manifest: |
      apiVersion: v1
      kind: ServiceAccount
      metadata:
        name: store
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
  - bad: in another namespace
    lines: [13]
    manifest: |
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: shop, namespace: kube-system}
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
  - good: it is there
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
  - good: default always is
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop, namespace: default, labels: {app.kubernetes.io/name: shop}}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - good: it may stand in another file
    part: true
    undecided: true
    manifest: |
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
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    for pod in it.pods():
        name = account_of(pod.spec)
        if name == "default" or facts.once(Accounts).named(it.namespace, name):
            continue
        field = "serviceAccountName" if pod.spec.get("serviceAccountName") else "serviceAccount"
        yield Violation(f"runs as {name}, a service account that is nowhere", (*pod.path, field))
