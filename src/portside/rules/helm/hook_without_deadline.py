"""A Job of a hook that may run for ever."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.charts.hooks import hooks
from portside.model.resource import FileResource
from portside.model.violation import Answer, Doubt

RULE = """
id: hook-without-deadline
title: Job of a hook has no deadline
severity: low
severity-reason: it blocks a deployment, and opens nothing
why: >-
  Helm waits for a hook only as long as its own timeout. The Job goes on after that, with the rights of an
  installation, and a second one may start beside it.
fix: Set spec.activeDeadlineSeconds below the timeout of Helm, which is five minutes unless said otherwise.
profile: strict
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
  - bad: no deadline
    lines: [6]
    manifest: |
      apiVersion: batch/v1
      kind: Job
      metadata:
        name: setup
        annotations:
          helm.sh/hook: pre-install
      spec:
        backoffLimit: 2
        template:
          spec:
            {{- toYaml .Values.pod | nindent 6 }}
  - good: a deadline, by a value too, and a Job that is no hook
    manifest: |
      apiVersion: batch/v1
      kind: Job
      metadata:
        name: setup
        annotations: {helm.sh/hook: pre-install}
      spec:
        activeDeadlineSeconds: {{ .Values.deadline }}
      ---
      apiVersion: batch/v1
      kind: Job
      metadata:
        name: other
      spec: {}
  - good: an action may set it
    undecided: true
    manifest: |
      apiVersion: batch/v1
      kind: Job
      metadata:
        name: setup
        annotations: {helm.sh/hook: pre-install}
      spec:
        {{- toYaml .Values.job | nindent 2 }}
"""


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Answer]:
    for hook in hooks(it):
        spec = hook.value.get("spec")
        if hook.kind != "Job" or (type(spec) is dict and "activeDeadlineSeconds" in spec):
            continue
        if hook.may_gain("spec"):
            yield Doubt(f"what an action adds to the spec of the Job {hook.name}")
        else:
            yield hook.fault("the Job of a hook may run for ever", "helm.sh/hook")
