"""A chart that comes over a connection that nobody checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.charts.dependencies import dependencies
from portside.charts.sources import is_plain_http
from portside.model.resource import FileResource
from portside.model.violation import Violation

RULE = """
id: chart-fetched-insecurely
title: Chart is fetched over a connection that nobody checks
severity: medium
severity-reason: whoever stands between can put their own templates into the chart
why: >-
  Over plain HTTP, or with certificates unchecked, anybody on the way can answer for the repository of
  charts. What they answer is rendered and applied with the rights of whoever installs it.
fix: Use https or oci, and give Helm the certificate of the authority to check instead of an option that skips it.
profile: recommended
form: object
kinds: [HelmChart, Kustomization, GitHubWorkflow, GitHubAction, GitLabPipeline]
fix-class: unsafe
controls: [H002]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - SLSA-1.2:Build
  - ATT&CK:T1195.002
  - NIST-800-190:4.2.1
examples:
  - bad: a dependency
    lines: [7]
    manifest: |
      apiVersion: v2
      name: shop
      version: 1.0.0
      dependencies:
        - name: redis
          version: 17.3.2
          repository: http://charts.example.org
  - bad: a chart of a kustomization
    file: kustomization.yaml
    lines: [4]
    manifest: |
      helmCharts:
        - name: redis
          version: 17.3.2
          repo: http://charts.example.org
  - bad: commands of a workflow
    file: .github/workflows/ci.yaml
    lines: [8, 9, 10]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        deploy:
          runs-on: ubuntu-24.04
          steps:
            - run: |
                helm repo add shop http://charts.example.org
                helm upgrade --install shop shop/shop --insecure-skip-tls-verify
                helm pull oci://registry.example.org/shop --plain-http --version 1.2.3
  - bad: a command of a pipeline
    file: .gitlab-ci.yml
    lines: [3]
    manifest: |
      deploy:
        script:
          - helm install shop shop --repo=http://charts.example.org
  - good: https, oci, charts of the same tree, aliases of repositories
    manifest: |
      apiVersion: v2
      name: shop
      version: 1.0.0
      dependencies:
        - {name: redis, version: 17.3.2, repository: "https://charts.example.org"}
        - {name: queue, version: 1.2.3, repository: "oci://registry.example.org/charts"}
        - {name: common, version: 1.2.3, repository: "file://../common"}
        - {name: store, version: 1.2.3, repository: "@example"}
        - {name: local, version: 1.2.3, repository: "http://localhost:8879/charts"}
  - good: commands that check, and words that are no option of Helm
    file: .github/workflows/ci.yaml
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        deploy:
          runs-on: ubuntu-24.04
          steps:
            - run: |
                helm repo add shop https://charts.example.org
                helm upgrade --install shop shop/shop --set url=http://shop.example.org
                echo helm --plain-http
"""

_UNCHECKED = ("--insecure-skip-tls-verify", "--plain-http", "--insecure")


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    if it.kind == "HelmChart":
        for one in dependencies(it):
            if is_plain_http(one.repository):
                said = f"{one.name} is fetched over plain HTTP"
                yield Violation(said, (*one.path, "repository"))
    elif it.kind == "Kustomization":
        yield from _of_kustomization(it)
    else:
        yield from _of_commands(it)


def _of_kustomization(it: FileResource) -> Iterator[Violation]:
    charts = it.value.get("helmCharts")
    for index, chart in enumerate(charts if type(charts) is list else ()):
        repository = chart.get("repo") if type(chart) is dict else None
        if type(repository) is str and is_plain_http(repository):
            said = f"{chart.get('name')} is fetched over plain HTTP"
            yield Violation(said, ("helmCharts", index, "repo"))


def _of_commands(it: FileResource) -> Iterator[Violation]:
    from portside.workflows.helm import programs

    for part, keys, command in programs(it, ("helm",)):
        said = _said([word.value for word in command.program[1:]])
        if said:
            span = (command.program[0].start, command.end)
            yield part.fault_in(said, *keys, span=span)


def _said(words: list[str]) -> str:
    """What is wrong with the words of a command of Helm; empty for nothing."""
    for word in words:
        name, equals, value = word.partition("=")
        if name in _UNCHECKED and value != "false":
            return f"helm does not check who the server is: {name}"
        if is_plain_http(value if equals and name == "--repo" else word):
            return "helm fetches charts over plain HTTP"
    return ""
