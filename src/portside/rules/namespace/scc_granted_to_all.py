"""A binding that lets everybody use a permissive security context constraint of OpenShift."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.fields import maps, text, texts
from portside.model.violation import Violation

RULE = """
id: scc-granted-to-all
title: Everybody may use a permissive security context constraint
severity: high
severity-reason: OpenShift picks the constraint silently, for every pod whose account may use it
why: >-
  With this binding each pod of the cluster, or of the namespace, may run as root, privileged or with the
  directories of the node: OpenShift gives it the constraint that it asks for.
fix: "Bind to the one service account that needs it, and leave the others on `restricted-v2`."
profile: recommended
form: facts
kinds: [rbac.authorization.k8s.io/RoleBinding, rbac.authorization.k8s.io/ClusterRoleBinding]
fix-class: none
controls: [Q008]
frameworks:
  - OWASP-K8s-2022:K04
  - OWASP-K8s-2025:K04
  - NIST-800-190:4.3.4
  - PCI-DSS-4.0.1:2.2.1
  - SOC2-TSC:CC7.1
  - ISO27001-2022:A.8.9
  - CIS-K8s-1.12:5.2.2
  - OWASP-K8s-2022:K01
  - OWASP-K8s-2025:K01
  - NSA-CISA-1.2:pod/enforcement
examples:
  - bad: a role of OpenShift
    lines: [4, 11]
    manifest: |
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: shop}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:openshift:scc:privileged"}
      subjects:
        - {kind: Group, apiGroup: rbac.authorization.k8s.io, name: "system:authenticated"}
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: shop}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:openshift:scc:anyuid"}
      subjects:
        - {kind: ServiceAccount, name: default, namespace: shop}
  - bad: a role of one's own
    lines: [9]
    manifest: |
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRole
      metadata: {name: scc}
      rules: [{apiGroups: [security.openshift.io], resources: [securitycontextconstraints], resourceNames: [hostaccess], verbs: [use]}]
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: shop}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: scc}
      subjects:
        - {kind: Group, apiGroup: rbac.authorization.k8s.io, name: "system:serviceaccounts:shop"}
  - good: one account, or a restricted constraint
    manifest: |
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: one}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:openshift:scc:privileged"}
      subjects: [{kind: ServiceAccount, name: agent, namespace: shop}]
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: all}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:openshift:scc:restricted-v2"}
      subjects: [{kind: Group, apiGroup: rbac.authorization.k8s.io, name: "system:authenticated"}]
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRole
      metadata: {name: read}
      rules: [{apiGroups: [security.openshift.io], resources: [securitycontextconstraints], verbs: [get, list]}]
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: read}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: read}
      subjects: [{kind: Group, apiGroup: rbac.authorization.k8s.io, name: "system:authenticated"}]
"""
_LEAD = "system:openshift:scc:"
_SAFE = ("restricted", "restricted-v2", "restricted-v3", "nonroot", "nonroot-v2")
_GROUPS = ("system:authenticated", "system:unauthenticated", "system:serviceaccounts")


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    if not any(_is_wide(subject) for _, subject in maps(it.value, "subjects")):
        return
    for name in _constraints(it, facts):
        if name not in _SAFE:
            what = f"the security context constraint {name}" if name else "every constraint"
            yield Violation(f"lets everybody use {what}", ("roleRef", "name"))
            return


def _is_wide(subject: dict[str, Any]) -> bool:
    name = text(subject, "name")
    if subject.get("kind") == "ServiceAccount":
        return name == "default"
    return name in _GROUPS or name.startswith("system:serviceaccounts:")


def _constraints(it: Fact, facts: Facts) -> Iterator[str]:
    """The constraints that the role lets one use; an empty name stands for all of them."""
    role, kind = text(it.value, "roleRef", "name"), text(it.value, "roleRef", "kind")
    if role.startswith(_LEAD):
        yield role.removeprefix(_LEAD)
    namespace = it.namespace if kind == "Role" else ""
    for found in facts.all_named(f"rbac.authorization.k8s.io/{kind}", namespace, role):
        for _, rule in maps(found.value, "rules"):
            resources = [name for _, name in texts(rule, "resources")]
            if "securitycontextconstraints" in resources and "use" in (rule.get("verbs") or ()):
                yield from rule.get("resourceNames") or ("",)
