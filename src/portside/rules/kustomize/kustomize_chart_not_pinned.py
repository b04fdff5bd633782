"""A chart of a kustomization in whatever version is newest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.charts.dependencies import is_exact
from portside.model.resource import FileResource
from portside.model.violation import Violation

RULE = """
id: kustomize-chart-not-pinned
title: Chart of a kustomization is not pinned
severity: medium
severity-reason: the next build may take other templates, and nobody has changed anything
why: >-
  Without a version Kustomize lets Helm fetch the newest chart, and with a range one of many. The lock of a
  chart does not exist here: what the line says is all that holds it.
fix: Give version the exact version that was tested, or vendor the chart into the chart home.
profile: recommended
form: object
kinds: [Kustomization]
fix-class: unsafe
controls: [Z002]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - ATT&CK:T1059
examples:
  - bad: no version, a range
    lines: [2, 6]
    manifest: |
      helmCharts:
        - name: redis
          repo: https://charts.example.org
        - name: queue
          repo: oci://registry.example.org/charts
          version: 1.x
  - good: a version, and a chart of the same tree
    manifest: |
      helmGlobals: {chartHome: ../charts}
      helmCharts:
        - name: redis
          repo: https://charts.example.org
          version: 17.3.2
        - name: shop
          releaseName: shop
"""

_FIELDS = (("helmCharts", "repo"), ("helmChartInflationGenerator", "chartRepoUrl"))


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    for field, repository in _FIELDS:
        charts = it.value.get(field)
        for index, chart in enumerate(charts if type(charts) is list else ()):
            if type(chart) is not dict or not chart.get(repository):
                continue
            version = chart.get("version") or chart.get("chartVersion")
            name = chart.get("name") or chart.get("chartName")
            if type(version) is not str or not is_exact(version):
                said = f"takes any chart {name} of version {version or '*'}"
                yield Violation(said, (field, index, "version"))
