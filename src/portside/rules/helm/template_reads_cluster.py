"""A template that renders otherwise where it may ask a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.charts.template_text import marked, walk
from portside.model.resource import FileResource
from portside.model.violation import Violation

RULE = """
id: template-reads-cluster
title: Template asks the cluster what it holds
severity: low
severity-reason: it harms where the answer decides over something that matters
why: >-
  lookup has an answer only while Helm installs. In a pipeline, in Argo CD and in every check before it
  the answer is empty, so that what was judged is not what is applied.
fix: Let a value name the object that exists already, such as existingSecret.
profile: strict
form: object
kinds: [HelmTemplate]
fix-class: none
controls: [H005]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - SLSA-1.2:Build
examples:
  - bad: in an assignment, in brackets
    lines: [1, 7]
    manifest: |
      {{- $old := lookup "v1" "Secret" .Release.Namespace "shop" }}
      apiVersion: v1
      kind: ConfigMap
      metadata:
        name: shop
      data:
        {{- if (lookup "v1" "Namespace" "" "istio-system").metadata }}
        mesh: "on"
        {{- end }}
  - good: a value decides, and others that are called alike
    manifest: |
      {{/* lookup "v1" "Secret" */}}
      apiVersion: v1
      kind: ConfigMap
      metadata:
        name: shop
      data:
        mesh: {{ .Values.mesh.enabled | quote }}
        dns: {{ .Values.lookup | quote }}
        text: {{ `lookup "v1"` | quote }}
"""


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    for action, call in walk(it, ("lookup",)):
        if call.name == "lookup":
            kind = call.arguments[1].constant if len(call.arguments) > 1 else None
            said = f"asks the cluster for {'a ' + kind if kind else 'an object'}"
            yield marked(it, action, said, (call.at, call.at + len("lookup")), ("lookup",))
