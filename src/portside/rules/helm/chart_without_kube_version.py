"""A chart that does not say where it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.charts.kinds import is_application
from portside.model.resource import FileResource
from portside.model.violation import Violation

RULE = """
id: chart-without-kube-version
title: Chart does not say which Kubernetes it needs
severity: info
severity-reason: what does not fit shows when it is installed
why: >-
  Without kubeVersion a chart is installed on any cluster, and objects of a version that the cluster does
  not serve fail half-way, or lose fields in silence.
fix: "Set kubeVersion to the range that was tested, such as '>=1.30.0-0'."
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
  - bad: nothing is said
    lines: [1]
    manifest: |
      apiVersion: v2
      name: shop
      version: 1.0.0
  - good: a range
    manifest: |
      apiVersion: v2
      name: shop
      version: 1.0.0
      kubeVersion: ">=1.30.0-0"
  - good: a library, and the dependencies of an old chart
    manifest: |
      apiVersion: v2
      name: common
      version: 1.0.0
      type: library
"""


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    if is_application(it) and not it.value.get("kubeVersion"):
        yield Violation("does not say which Kubernetes it needs", ("kubeVersion",))
