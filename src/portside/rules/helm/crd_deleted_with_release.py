"""A definition of a kind that goes when its release goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.charts.hooks import objects
from portside.model.resource import FileResource
from portside.model.violation import Answer, Doubt

RULE = """
id: crd-deleted-with-release
title: Uninstalling the chart deletes a kind and all its objects
severity: low
severity-reason: it is data that is lost, by a command that says so
why: >-
  A CustomResourceDefinition among the templates is part of the release. An uninstall, or a condition that
  turns false, deletes it and with it every object of its kind, in all namespaces.
fix: "Move it to crds/, or keep it with the annotation helm.sh/resource-policy: keep."
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
  - bad: a definition among the templates
    lines: [2]
    manifest: |
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata:
        name: shops.example.org
        labels: {{- include "shop.labels" . | nindent 4 }}
      spec:
        group: example.org
  - good: kept, and in the folder for definitions
    manifest: |
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata:
        name: shops.example.org
        annotations:
          helm.sh/resource-policy: keep
      spec:
        group: example.org
  - good: an action may keep it
    undecided: true
    manifest: |
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata:
        name: shops.example.org
        annotations:
          {{- toYaml .Values.crds.annotations | nindent 4 }}
      spec:
        group: example.org
"""

_KIND = "CustomResourceDefinition"
_POLICY = "helm.sh/resource-policy"


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Answer]:
    for one in objects(it, _KIND):
        if one.kind != _KIND or _POLICY in one.annotations:
            continue
        if one.is_open:
            yield Doubt(f"what an action adds to the annotations of {one.name}")
        else:
            yield one.fault("is deleted with the release, and all objects of its kind", "kind")
