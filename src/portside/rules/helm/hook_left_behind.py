"""A hook whose object stays when its work is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.charts.hooks import Hook, hooks
from portside.model.resource import FileResource
from portside.model.severity import LOW
from portside.model.violation import Answer, Doubt, Violation

RULE = """
id: hook-left-behind
title: Hook leaves its object behind
severity: medium
severity-reason: accounts and rights that only an installation needed stay for good
why: >-
  What a hook makes is no part of the release: an uninstall does not remove it, and an upgrade does not
  change it. Without a policy a Job waits for the next one, and an account with its rights for ever.
fix: >-
  Add the annotation helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded.
profile: recommended
form: object
kinds: [HelmTemplate]
fix-class: unsafe
controls: [H007]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - ATT&CK:T1610
examples:
  - bad: rights that stay, a Job that stays
    lines: [6, 17]
    manifest: |
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata:
        name: {{ .Release.Name }}-setup
        annotations:
          "helm.sh/hook": pre-install,pre-upgrade
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ include "shop.role" . }}}
      subjects:
        - {kind: ServiceAccount, name: setup, namespace: {{ .Release.Namespace }}}
      ---
      {{- if .Values.setup.enabled }}
      apiVersion: batch/v1
      kind: Job
      metadata:
        name: setup
        annotations:
          "helm.sh/hook": pre-install
          "helm.sh/hook-weight": "1"
      spec:
        template: {}
      {{- end }}
  - good: removed when its work is done, a test, and an object that is no hook
    manifest: |
      apiVersion: batch/v1
      kind: Job
      metadata:
        name: {{ .Release.Name }}-setup
        annotations:
          helm.sh/hook: pre-install
          helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
      spec:
        template:
          {{- toYaml .Values.template | nindent 4 }}
      ---
      apiVersion: v1
      kind: Pod
      metadata:
        name: test
        annotations: {helm.sh/hook: test}
      spec: {}
      ---
      apiVersion: v1
      kind: ServiceAccount
      metadata:
        name: shop
  - good: an action may add the policy
    undecided: true
    manifest: |
      apiVersion: batch/v1
      kind: Job
      metadata:
        name: setup
        annotations:
          helm.sh/hook: pre-install
          {{- include "shop.annotations" . | nindent 4 }}
      spec: {}
  - good: a hook in a comment
    manifest: |
      {{- /*
      "helm.sh/hook": pre-install
      */}}
      apiVersion: v1
      kind: ServiceAccount
      metadata:
        name: shop
        # "helm.sh/hook": pre-install
"""

_RIGHTS = ("ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "Secret")
_POLICY = "helm.sh/hook-delete-policy"
_OF_TESTS = frozenset(("test", "test-success", "test-failure"))


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Answer]:
    for hook in hooks(it):
        if _POLICY in hook.annotations or hook.events <= _OF_TESTS:
            continue
        if hook.is_open:
            yield Doubt(f"what an action adds to the annotations of the {hook.kind} {hook.name}")
        else:
            yield _violation(hook)


def _violation(hook: Hook) -> Violation:
    if hook.kind in _RIGHTS:
        said = f"the {hook.kind} of a hook stays after the installation, and after an uninstall"
        return hook.fault(said, "helm.sh/hook")
    said = f"the {hook.kind} of a hook stays until the next one"
    return hook.fault(said, "helm.sh/hook", LOW)
