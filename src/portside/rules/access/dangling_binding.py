"""A binding of a role, or to a service account, that is nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.accounts import Accounts
from portside.model.facts import Fact, Facts
from portside.model.fields import maps, text
from portside.model.grants import Roles, is_builtin
from portside.model.violation import Answer, Doubt, Violation

RULE = """
id: dangling-binding
title: Binding names a role or account that does not exist
severity: low
severity-reason: the next who makes it inherits the right
why: >-
  A right is laid out for whoever makes the role or the service account of that name. And what
  was meant to be allowed is not.
fix: >-
  Add what it names, correct the name, or remove the binding.
profile: strict
form: facts
kinds:
  - rbac.authorization.k8s.io/ClusterRoleBinding
  - rbac.authorization.k8s.io/RoleBinding
controls: [A026]
fix-class: none
frameworks:
  - OWASP-K8s-2022:K03
  - OWASP-K8s-2025:K02
  - NIST-800-190:4.3.1
  - PCI-DSS-4.0.1:7.2.2
  - SOC2-TSC:CC6.3
  - ISO27001-2022:A.8.2
  - ATT&CK:T1098
examples:
  - bad: a role that is nowhere
    lines: [10]
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
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: "store"}
      subjects:
        - {kind: ServiceAccount, name: shop, namespace: default}
  - bad: an account that is nowhere
    lines: [21]
    manifest: |
      apiVersion: v1
      kind: ServiceAccount
      metadata:
        name: shop
        namespace: default
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRole
      metadata: {name: shop}
      rules:
        - apiGroups: [""]
          resources: [pods]
          verbs: [get]
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: shop}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "shop"}
      subjects:
        - {kind: ServiceAccount, name: shop, namespace: default}
        - {kind: ServiceAccount, name: stock, namespace: default}
  - good: both are there
    manifest: |
      apiVersion: v1
      kind: ServiceAccount
      metadata:
        name: shop
        namespace: default
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: Role
      metadata: {name: shop, namespace: default}
      rules:
        - apiGroups: [""]
          resources: [pods]
          verbs: [get]
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: shop, namespace: default}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: "shop"}
      subjects:
        - {kind: ServiceAccount, name: shop, namespace: default}
  - good: a role of Kubernetes, people, and accounts of Kubernetes
    manifest: |
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: shop}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "view"}
      subjects:
        - {apiGroup: rbac.authorization.k8s.io, kind: User, name: "jane"}
        - {kind: ServiceAccount, name: default, namespace: default}
        - {kind: ServiceAccount, name: replicaset-controller, namespace: kube-system}
  - good: they may stand in another file
    part: true
    undecided: true
    manifest: |
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: shop, namespace: default}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "store"}
      subjects:
        - {apiGroup: rbac.authorization.k8s.io, kind: User, name: "jane"}
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Answer]:
    role = text(it.value, "roleRef", "name")
    accounts = list(_accounts(it))
    if not facts.whole:
        yield Doubt("the role and the service accounts that it names")
        return
    kind = text(it.value, "roleRef", "kind")
    builtin = kind == "ClusterRole" and is_builtin(role)
    if not builtin and not facts.once(Roles).of(it):
        yield Violation(f"binds {kind} {role}, which is nowhere", ("roleRef", "name"))
    for index, namespace, name in accounts:
        if not facts.once(Accounts).named(namespace, name):
            message = f"is for the service account {name}, which is nowhere"
            yield Violation(message, ("subjects", index, "name"))


def _accounts(it: Fact) -> Iterator[tuple[int, str, str]]:
    """The service accounts it is for, but those that Kubernetes makes itself."""
    for index, subject in maps(it.value, "subjects"):
        name, namespace = text(subject, "name"), text(subject, "namespace")
        made = name == "default" or namespace == "kube-system"
        if text(subject, "kind") == "ServiceAccount" and not made:
            yield index, namespace, name
