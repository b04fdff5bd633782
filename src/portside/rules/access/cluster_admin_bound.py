"""A binding that gives somebody every right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.fields import maps, text
from portside.model.grants import ADMIN, Roles, grants_everything
from portside.model.severity import CRITICAL, HIGH
from portside.model.violation import Violation

RULE = """
id: cluster-admin-bound
title: Binding gives every right
severity: critical
severity-reason: its subjects control the cluster
why: >-
  Whoever it names may read every Secret, run anything anywhere and change every guardrail; a
  stolen token of theirs is the whole cluster.
fix: >-
  Bind a role with the rights that are used, and raise rights for an hour where more is needed.
profile: recommended
form: facts
kinds:
  - rbac.authorization.k8s.io/ClusterRoleBinding
  - rbac.authorization.k8s.io/RoleBinding
controls: [A001]
params:
  allowed: {type: list(string), default: [], description: "users, groups and service accounts that may hold every right"}
fix-class: none
frameworks:
  - OWASP-K8s-2022:K03
  - OWASP-K8s-2025:K02
  - NIST-800-190:4.3.1
  - PCI-DSS-4.0.1:7.2.2
  - SOC2-TSC:CC6.3
  - ISO27001-2022:A.8.2
  - CIS-K8s-1.12:5.1.1
  - CIS-EKS-1.8:4.1.1
  - CIS-GKE-1.9:4.1.1
  - CIS-AKS-1.8:4.1.1
  - ATT&CK:T1078
  - ATT&CK:T1098.006
  - MS-ThreatMatrix:MS-TA9019
  - NSA-CISA-1.2:auth/rbac
aliases:
  - datree:CIS_INVALID_ROLE_CLUSTER_ADMIN
  - trivy:KSV-0111
  - kubescape:C-0035
  - kubescape:C-0185
  - kube-linter:cluster-admin-role-binding
  - polaris:clusterrolebindingClusterAdmin
  - kics:Cluster Admin Rolebinding With Superuser Permissions
  - kyverno:restrict-binding-clusteradmin
  - kyverno:block-cluster-admin-from-ns
examples:
  - bad: in the whole cluster
    lines: [4]
    manifest: |
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: shop}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "cluster-admin"}
      subjects:
        - {kind: ServiceAccount, name: shop, namespace: default}
  - bad: in its namespace
    lines: [4]
    manifest: |
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: shop, namespace: default}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "cluster-admin"}
      subjects:
        - {apiGroup: rbac.authorization.k8s.io, kind: User, name: "jane"}
  - bad: under another name
    lines: [12]
    manifest: |
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRole
      metadata: {name: all}
      rules:
        - apiGroups: ["*"]
          resources: ["*"]
          verbs: ["*"]
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: shop}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "all"}
      subjects:
        - {kind: ServiceAccount, name: shop, namespace: default}
  - bad: by a role of its namespace
    lines: [12]
    manifest: |
      apiVersion: rbac.authorization.k8s.io/v1
      kind: Role
      metadata: {name: all, namespace: default}
      rules:
        - apiGroups: ["*"]
          resources: ["*"]
          verbs: ["*"]
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: shop, namespace: default}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: "all"}
      subjects:
        - {kind: ServiceAccount, name: shop, namespace: default}
  - bad: by a role that is put together
    lines: [18]
    manifest: |
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRole
      metadata: {name: sum}
      aggregationRule: {clusterRoleSelectors: [{matchLabels: {sum: "true"}}]}
      rules: []
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRole
      metadata: {name: part, labels: {sum: "true"}}
      rules:
        - apiGroups: ["*"]
          resources: ["*"]
          verbs: ["*"]
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: shop}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "sum"}
      subjects:
        - {kind: ServiceAccount, name: shop, namespace: default}
  - good: the group for emergencies
    params: {allowed: [break-glass]}
    manifest: |
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: shop}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "cluster-admin"}
      subjects:
        - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: "break-glass"}
  - good: the binding of Kubernetes itself
    manifest: |
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: cluster-admin}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "cluster-admin"}
      subjects:
        - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:masters"}
  - good: editors, who have a rule of their own
    manifest: |
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: shop}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "edit"}
      subjects:
        - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: "shop-team"}
  - good: editors of a namespace
    manifest: |
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: shop, namespace: default}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "edit"}
      subjects:
        - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: "shop-team"}
  - good: some rights
    manifest: |
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRole
      metadata: {name: shop}
      rules:
        - apiGroups: [""]
          resources: [pods]
          verbs: ["*"]
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: shop}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "shop"}
      subjects:
        - {kind: ServiceAccount, name: shop, namespace: default}
  - good: a role of that name in another namespace
    manifest: |
      apiVersion: rbac.authorization.k8s.io/v1
      kind: Role
      metadata: {name: all, namespace: kube-system}
      rules:
        - apiGroups: ["*"]
          resources: ["*"]
          verbs: ["*"]
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: shop, namespace: default}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: "all"}
      subjects:
        - {kind: ServiceAccount, name: shop, namespace: default}
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    name = text(it.value, "roleRef", "name")
    if _is_expected(it, name, params["allowed"]):
        return
    everywhere = it.ref.kind == "ClusterRoleBinding"
    path = ("roleRef", "name")
    if name == ADMIN or grants_everything(facts.once(Roles).rules_of(it)):
        where = "in the whole cluster" if everywhere else "in its namespace"
        severity = CRITICAL if everywhere else HIGH
        yield Violation(f"gives every right {where}, by the role {name}", path, severity)


def _is_expected(it: Fact, role: str, allowed: list[str]) -> bool:
    """Whether it is the binding of Kubernetes itself, or all its subjects are allowed."""
    names = [text(subject, "name") for _, subject in maps(it.value, "subjects")]
    if it.name == ADMIN and role == ADMIN and names == ["system:masters"]:
        return True
    return bool(names) and all(name in allowed for name in names)
