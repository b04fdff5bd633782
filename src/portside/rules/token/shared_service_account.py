"""Applications that share a service account which has rights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.accounts import Accounts, account_of, same_application
from portside.model.facts import Fact, Facts
from portside.model.violation import Violation

RULE = """
id: shared-service-account
title: Applications share a service account
severity: low
severity-reason: rights cannot be taken from one, nor acts told apart
why: >-
  Each of them has what any of them needs, the audit log cannot tell them apart, and a right
  cannot be taken from one alone.
fix: Give each application a service account of its own.
profile: strict
form: facts
kinds:
  - Workload
controls: [T004]
fix-class: none
frameworks:
  - OWASP-K8s-2022:K03
  - OWASP-K8s-2025:K02
  - NIST-800-190:4.3.2
  - PCI-DSS-4.0.1:7.2.2
  - SOC2-TSC:CC6.3
  - ISO27001-2022:A.8.2
  - NIST-800-190:4.3.1
  - MS-ThreatMatrix:MS-TA9003
aliases:
  - kics:Shared Service Account
examples:
  - bad: two applications
    lines: [27]
    manifest: |
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: shop, namespace: default}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
      subjects:
        - {kind: ServiceAccount, name: shop, namespace: default}
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
  - good: an account each
    manifest: |
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: cart, namespace: default}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
      subjects:
        - {kind: ServiceAccount, name: cart, namespace: default}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: cart, namespace: default, labels: {app.kubernetes.io/name: cart}}
      spec:
        selector: {matchLabels: {app: cart}}
        template:
          metadata: {labels: {app: cart}}
          spec:
            serviceAccountName: cart
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
            serviceAccountName: stock
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - good: parts of one application
    manifest: |
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: shop, namespace: default}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
      subjects:
        - {kind: ServiceAccount, name: shop, namespace: default}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: cart, namespace: default, labels: {app.kubernetes.io/name: shop}}
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
      metadata: {name: stock, namespace: default, labels: {app.kubernetes.io/name: shop}}
      spec:
        selector: {matchLabels: {app: stock}}
        template:
          metadata: {labels: {app: stock}}
          spec:
            serviceAccountName: shop
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - good: parts of one release
    manifest: |
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: shop, namespace: default}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
      subjects:
        - {kind: ServiceAccount, name: shop, namespace: default}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: cart, namespace: default, labels: {app: cart, helm.sh/release: shop}}
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
      metadata: {name: stock, namespace: default, labels: {app: stock, helm.sh/release: shop}}
      spec:
        selector: {matchLabels: {app: stock}}
        template:
          metadata: {labels: {app: stock}}
          spec:
            serviceAccountName: shop
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - good: an account without rights
    manifest: |
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
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    accounts = facts.once(Accounts)
    for pod in it.pods():
        name = account_of(pod.spec)
        if name == "default" or not accounts.is_bound(it.namespace, name):
            continue
        # The first of them has it by right: only those that come later are told.
        first = accounts.holders(it, name)[0]
        if not same_application(first, it):
            path = (*pod.path, "serviceAccountName")
            yield Violation(f"shares the service account {name} with {first.ref}", path)
