"""A machine of one's own that runs what anybody sends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.github import workflow

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: self-hosted-runner-for-strangers
title: Pull requests run on a machine of one's own
severity: high
severity-reason: anybody who opens a pull request runs code inside the owner's network
why: >-
  A pull request of a fork brings its own code, and on a public repository anybody can open one. On a
  runner of one's own that code meets the network around it, and stays if the machine is not thrown away.
fix: "Run pull requests on hosted runners, or on ones that are made for one job and thrown away."
profile: recommended
form: object
kinds: [GitHubWorkflow]
params:
  ephemeral: {type: list(string), default: [], description: labels of runners that are thrown away after each job}
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
  - poutine:pr_runs_on_self_hosted
examples:
  - bad: a pull request
    lines: [5]
    manifest: |
      on: [push, pull_request]
      permissions: {}
      jobs:
        build:
          runs-on: [self-hosted, linux]
          steps: [{run: make}]
  - good: pushes only, and hosted runners
    manifest: |
      on: push
      permissions: {}
      jobs:
        build:
          runs-on: [self-hosted, linux]
          steps: [{run: make}]
  - good: a runner that is thrown away
    params: {ephemeral: [one-job]}
    manifest: |
      on: pull_request
      permissions: {}
      jobs:
        build:
          runs-on: [self-hosted, one-job]
          steps: [{run: make}]
"""

_FROM_FORKS = ("pull_request", "pull_request_target", "issue_comment", "pull_request_review")


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    whole = workflow(it)
    trigger = next((it for it in _FROM_FORKS if it in whole.triggers), "")
    for job in whole.jobs if trigger else ():
        labels = job.labels
        if "self-hosted" in labels and not set(labels) & set(params["ephemeral"]):
            yield job.fault(f"{trigger} runs on a machine of one's own", "runs-on")
