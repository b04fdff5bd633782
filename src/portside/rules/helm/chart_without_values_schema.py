"""A chart that takes whatever values it is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.charts.kinds import is_application
from portside.model.resource import FileResource
from portside.model.violation import Answer, Doubt, Violation

RULE = """
id: chart-without-values-schema
title: Chart has no schema of its values
severity: info
severity-reason: it is a hindrance to mistakes that is missing, and no fault by itself
why: >-
  Without a schema Helm takes every value in silence. One that is misspelt, securityContxt say, has no
  effect, and a protection that somebody believes to be on is off.
fix: Write values.schema.json beside values.yaml, with additionalProperties false where keys are known.
profile: strict
form: object
kinds: [HelmChart]
fix-class: none
controls: [H006]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
examples:
  - bad: values without a schema
    lines: [1]
    beside:
      values.yaml: "replicas: 2"
    manifest: |
      apiVersion: v2
      name: shop
      version: 1.0.0
  - good: a schema
    beside:
      values.yaml: "replicas: 2"
      values.schema.json: '{"type": "object"}'
    manifest: |
      apiVersion: v2
      name: shop
      version: 1.0.0
  - good: a library, which takes no values of its own
    beside:
      values.yaml: "replicas: 2"
    manifest: |
      apiVersion: v2
      name: common
      type: library
      version: 1.0.0
  - good: no values at all
    manifest: |
      apiVersion: v2
      name: shop
      version: 1.0.0
"""


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Answer]:
    if not is_application(it):
        return
    if it.source is None:
        yield Doubt("whether a values.schema.json lies beside it")
    elif "values.yaml" in it.source and "values.schema.json" not in it.source:
        yield Violation("nothing says which values it takes: there is no values.schema.json")
