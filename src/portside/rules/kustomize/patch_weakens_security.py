"""A patch that takes a protection away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.overlays.patches import inline, weakenings

RULE = """
id: patch-weakens-security
title: Patch takes a protection away
severity: high
severity-reason: the base looks hardened, and what is applied is not
why: >-
  Reviews and checks look at the base. An overlay that removes a security context, makes a container
  privileged or deletes a network policy undoes it in a few lines that stand elsewhere.
fix: Remove that part of the patch, and where the right is needed let the owners of the policy review it.
profile: recommended
form: object
kinds: [KustomizePatch, Kustomization]
fix-class: none
controls: [Z005]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-K8s-2022:K01
  - OWASP-K8s-2025:K01
  - MS-ThreatMatrix:MS-TA9017
examples:
  - bad: a strategic merge in a file
    lines: [7, 10, 13, 14, 15, 17, 22]
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec:
        template:
          spec:
            hostNetwork: true
            containers:
              - name: web
                securityContext: null
              - name: log
                securityContext:
                  privileged: true
                  allowPrivilegeEscalation: true
                  runAsUser: 0
                  capabilities:
                    add: [SYS_ADMIN]
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: deny-all}
      $patch: delete
  - bad: a list of operations in a file
    lines: [2, 5, 8]
    manifest: |
      - op: replace
        path: /spec/template/spec/containers/0/securityContext/privileged
        value: true
      - op: remove
        path: /spec/template/spec/containers/0/securityContext
      - op: add
        path: /spec/template/spec/containers/0/securityContext
        value: {runAsNonRoot: false}
  - bad: patches that stand in the kustomization, to their line
    file: kustomization.yaml
    lines: [9, 13, 22, 25]
    manifest: |
      resources: [../base]
      patches:
        - patch: |-
            apiVersion: v1
            kind: Pod
            metadata:
              name: web
            spec:
              hostPID: true
        - target: {kind: Deployment}
          patch: |
            - op: remove
              path: /spec/template/spec/containers/0/resources/limits
        - path: fine.yaml
      patchesStrategicMerge:
        - |-
          apiVersion: apps/v1
          kind: Deployment
          metadata: {name: web}
          spec:
            template:
              spec: {automountServiceAccountToken: true}
      patchesJson6902:
        - target: {version: v1, kind: Pod, name: web}
          patch: '[{"op": "add", "path": "/spec/hostIPC", "value": true}]'
  - good: a patch that strengthens, and one of other things
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, labels: {pod-security: none}}
      spec:
        replicas: 3
        template:
          spec:
            hostNetwork: false
            automountServiceAccountToken: false
            containers:
              - name: web
                securityContext:
                  privileged: false
                  runAsUser: 1000
                  capabilities: {drop: [ALL]}
              - name: sidecar
                $patch: delete
  - good: operations that strengthen, or take a loosening back
    manifest: |
      - {op: add, path: /spec/template/spec/securityContext, value: {runAsNonRoot: true}}
      - {op: replace, path: /spec/template/spec/containers/0/securityContext/privileged, value: false}
      - {op: remove, path: /spec/template/spec/containers/0/securityContext/privileged}
      - {op: remove, path: /spec/template/spec/containers/0/securityContext/capabilities/add}
      - {op: remove, path: /spec/template/spec/hostNetwork}
      - {op: test, path: /spec/template/spec/hostPID, value: true}
  - good: a Deployment that an overlay does without
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: loadgenerator}
      $patch: delete
"""


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    if it.kind == "KustomizePatch":
        operations = it.source if type(it.source) is list else None
        for path, said, severity in weakenings(operations or it.value):
            yield Violation(said, path, severity)
        return
    for patch in inline(it):
        for below, said, severity in weakenings(patch.value):
            path = (*patch.path, *below)
            yield Violation(said, path, severity, place=patch.mark(below))
