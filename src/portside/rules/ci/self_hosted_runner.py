"""A job on a machine of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows import matrix
from portside.workflows.expression import only_fence
from portside.workflows.github import Job, workflow

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: self-hosted-runner
title: Job runs on a machine of one's own
severity: medium
severity-reason: what a job leaves behind on the machine meets the next job
why: >-
  A runner of one's own is often not thrown away after a job. What one job leaves behind, the next one
  runs with, and the machine stands in a network of its owner's. A file cannot show whether it is
  thrown away.
fix: "Use hosted runners, or ones that are made for one job and thrown away, in a network of their own."
profile: auditor
form: object
kinds: [GitHubWorkflow]
fix-class: none
controls: [B007]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-7
  - "ATT&CK:T1543"
aliases:
  - zizmor:self-hosted-runner
examples:
  - bad: a label, a group, and a matrix that lists one
    lines: [5, 8, 12]
    manifest: |
      on: push
      permissions: {}
      jobs:
        a:
          runs-on: [self-hosted, linux]
          steps: [{run: make}]
        b:
          runs-on: {group: builders}
          steps: [{run: make}]
        c:
          strategy: {matrix: {os: [ubuntu-24.04, self-hosted]}}
          runs-on: ${{ matrix.os }}
          steps: [{run: make}]
  - good: hosted ones
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for job in workflow(it).jobs:
        why = "" if job.calls_workflow else _why(job)
        if why:
            yield job.fault(why, "runs-on")


def _why(job: Job) -> str:
    wanted = job.at("runs-on")
    if type(wanted) is dict:
        return "a group of runners is usually one's own machines" if "group" in wanted else ""
    labels = job.labels
    if not labels:
        return ""
    if labels[0] == "self-hosted":
        return "runs on a machine of one's own"
    fence = only_fence(labels[0].strip())
    if fence is None:
        return ""
    if type(wanted) is list:
        return "an expression may choose a machine of one's own"
    code = fence.code.strip().lower()
    if any(it.name == code and "self-hosted" in it.text for it in matrix.values(job)):
        return "the matrix lists a machine of one's own"
    return ""
