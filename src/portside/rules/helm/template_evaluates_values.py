"""A template that runs what stands in the values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.charts.template_text import marked, walk
from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax.gotemplate.parse import operands_of

RULE = """
id: template-evaluates-values
title: Template runs values as templates
severity: low
severity-reason: it harms where whoever sets the values may not change the chart
why: >-
  What tpl gets is a program: it reads every value, the files of the chart and, with lookup, the cluster.
  Whoever sets such a value, a tenant perhaps, says what the chart renders.
fix: Take the value as it is, and let tpl run only texts that stand in the chart.
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
  - bad: a value, and a map of values
    lines: [5, 7]
    manifest: |
      apiVersion: v1
      kind: ConfigMap
      metadata:
        name: shop
        labels: {{ tpl .Values.label . | quote }}
      data:
        a: {{- tpl (toYaml .Values.extra) $ | nindent 4 }}
  - good: a text of the chart, a comment, and a word in a text
    manifest: |
      {{/* tpl .Values.label . */}}
      apiVersion: v1
      kind: ConfigMap
      metadata:
        name: shop
      data:
        a: {{ tpl (.Files.Get "config/a.yaml") . | quote }}
        b: {{ "tpl .Values.label ." | quote }}
        # {{- /* tpl .Values.other . */ -}}
        c: tpl .Values.label
"""


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    for action, call in walk(it, ("tpl",)):
        if call.name != "tpl":
            continue
        text = operands_of(call.arguments[:1])
        named = next((one.path for one in text if one.path[:1] == ("Values",)), None)
        if named is not None:
            said = f"runs .{'.'.join(named)} as a template"
            yield marked(it, action, said, (call.at, call.at + len(call.name)), named)
