"""A workflow or a job without a name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.severity import INFO
from portside.model.violation import Violation
from portside.workflows.github import workflow

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: anonymous-workflow
title: Workflow or job has no name
severity: low
severity-reason: hard to find, and easy to take for another
why: >-
  GitHub shows a workflow without a name by its file, and a job without one by its key. Required checks
  go by the name: one that is missing or doubled is easily another's.
fix: "Give it a `name:`."
profile: strict
form: object
kinds: [GitHubWorkflow]
fix-class: none
controls: [B017]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-1
  - "ATT&CK:T1027"
aliases:
  - zizmor:anonymous-definition
examples:
  - bad: neither has one
    lines: [1, 4]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make
  - good: both have
    manifest: |
      name: build
      on: push
      permissions: {}
      jobs:
        build:
          name: build
          runs-on: ubuntu-24.04
          steps: [{run: make}]
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    whole = workflow(it)
    if whole.at("name") is None:
        yield whole.fault("the workflow has no name")
    for job in whole.jobs:
        if not job.calls_workflow and job.at("name") is None:
            yield job.fault(f"job {job.name} has no name", severity=INFO)
