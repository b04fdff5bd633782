"""A pod that mounts a token of the API which nothing shows a use for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.accounts import Accounts, account_of
from portside.model.facts import Fact, Facts
from portside.model.fields import mapping
from portside.model.violation import Answer, Doubt, Violation
from portside.model.workload import Pod

RULE = """
id: unneeded-api-token
title: Pod mounts an API token that it has no use for
severity: medium
severity-reason: a free credential for whoever gets into the pod
why: >-
  The token of its service account lies in every container unless the pod or the account says
  otherwise. Where no role is bound to the account, the application cannot use it, but an
  attacker can ask the API server who else is there.
fix: >-
  Set `automountServiceAccountToken` to false in the pod, or bind the role that the application
  uses.
profile: strict
form: facts
kinds:
  - Workload
controls: [T001]
fix-class: conditional
patch:
  - {set: pod.automountServiceAccountToken, value: false}
frameworks:
  - OWASP-K8s-2022:K03
  - OWASP-K8s-2025:K02
  - NIST-800-190:4.3.2
  - PCI-DSS-4.0.1:7.2.2
  - SOC2-TSC:CC6.3
  - ISO27001-2022:A.8.2
  - CIS-K8s-1.12:5.1.6
  - CIS-EKS-1.8:4.1.6
  - CIS-GKE-1.9:4.1.5
  - CIS-AKS-1.8:4.1.6
  - ATT&CK:T1528
  - MS-ThreatMatrix:MS-TA9016
  - NSA-CISA-1.2:pod/sa-token
aliases:
  - checkov:CKV_K8S_38
  - trivy:KSV-0036
  - kubescape:C-0034
  - kubescape:C-0190
  - kubescape:C-0261
  - polaris:automountServiceAccountToken
  - kics:Service Account Token Automount Not Disabled
  - kyverno:restrict-automount-sa-token
  - kyverno:disable-automountserviceaccounttoken
examples:
  - bad: as it is by default
    lines: [8]
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
    fixed: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop, namespace: default, labels: {app.kubernetes.io/name: shop}}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
            automountServiceAccountToken: false
  - bad: an account without a role
    lines: [16]
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
            automountServiceAccountToken: true
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - bad: the pod wins over its account
    lines: [17]
    manifest: |
      apiVersion: v1
      kind: ServiceAccount
      metadata:
        name: shop
        namespace: default
      automountServiceAccountToken: false
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
            automountServiceAccountToken: true
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - bad: a single file, and nothing but default
    lines: [9]
    part: true
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop, namespace: default, labels: {app.kubernetes.io/name: shop}}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            automountServiceAccountToken: true
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - good: the pod refuses it
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop, namespace: default, labels: {app.kubernetes.io/name: shop}}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            automountServiceAccountToken: false
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - good: its account refuses it
    manifest: |
      apiVersion: v1
      kind: ServiceAccount
      metadata:
        name: shop
        namespace: default
      automountServiceAccountToken: false
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
  - good: the application has rights
    manifest: |
      apiVersion: v1
      kind: ServiceAccount
      metadata:
        name: shop
        namespace: default
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: shop, namespace: default}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
      subjects:
        - {kind: ServiceAccount, name: shop, namespace: default}
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
  - good: a mesh proves itself by it
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop, namespace: default, labels: {app.kubernetes.io/name: shop}}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}, annotations: {linkerd.io/inject: enabled}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - good: the account stands elsewhere
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

_MESHES = ("sidecar.istio.io/", "linkerd.io/", "vault.hashicorp.com/", "consul.hashicorp.com/")
"""Annotations of sidecars that are added later, and that prove themselves by the token."""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Answer]:
    accounts = facts.once(Accounts)
    for pod in it.pods():
        said = pod.spec.get("automountServiceAccountToken")
        if said is False or _has_sidecar(pod):
            continue
        name = account_of(pod.spec)
        account = accounts.named(it.namespace, name)
        if said is None and account and account.value.get("automountServiceAccountToken") is False:
            continue
        if accounts.is_bound(it.namespace, name):
            continue
        if facts.whole or name == "default":
            path = (*pod.path, "automountServiceAccountToken")
            mends = "safe" if facts.whole and _is_plain(account, name) else "unsafe"
            said = f"mounts the token of {name}, to which no role is bound"
            yield Violation(said, path, mends=mends)
        else:
            yield Doubt(f"the service account {name} and the roles that are bound to it")


def _has_sidecar(pod: Pod) -> bool:
    return any(key.startswith(_MESHES) for key in mapping(pod.metadata, "annotations"))


_CLOUD = ("eks.amazonaws.com/", "iam.gke.io/", "azure.workload.identity/")


def _is_plain(account: Fact | None, name: str) -> bool:
    """Whether nothing speaks for another use: its account is here, and has no cloud identity."""
    if account is None:
        return name == "default"
    return not any(
        key.startswith(_CLOUD) for key in mapping(account.value, "metadata", "annotations")
    )
