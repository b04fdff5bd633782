"""A trigger that runs with the base repository's rights on behalf of anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.github import HEAVY_TRIGGERS, Workflow, workflow

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: dangerous-trigger
title: Trigger gives strangers a workflow with rights
severity: medium
severity-reason: safe only as long as nothing that the stranger sent is run or unpacked
why: >-
  `pull_request_target` and `workflow_run` run with the repository's token and secrets, on behalf of
  whoever opened a pull request. One step that builds, installs or unpacks what they sent is enough.
fix: "Use `pull_request`, and do what needs rights in a workflow that touches nothing of the pull request."
profile: recommended
form: object
kinds: [GitHubWorkflow]
fix-class: none
covered-by: [untrusted-checkout]
controls: [B003]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-4
  - "ATT&CK:T1195"
  - "ATT&CK:T1059"
aliases:
  - zizmor:dangerous-triggers
examples:
  - bad: a list, a map and a word
    lines: [1]
    manifest: |
      on: [push, pull_request_target]
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make
  - bad: when another workflow is done
    lines: [1]
    manifest: |
      on: {workflow_run: {workflows: [ci], types: [completed]}}
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make
  - good: a pull request without rights
    manifest: |
      on: pull_request
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make
  - good: what the trigger is made for, and nothing else
    manifest: |
      on: pull_request_target
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/labeler@8558fd74291d67161a8a78ce36a881fa63b766a9
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    whole = workflow(it)
    for trigger in HEAVY_TRIGGERS:
        if trigger in whole.triggers and not (trigger == HEAVY_TRIGGERS[0] and _labels_only(whole)):
            said = f"{trigger} runs with the repository's rights on behalf of anybody"
            yield whole.fault(said, whole.trigger_key)


def _labels_only(whole: Workflow) -> bool:
    steps = list(whole.steps)
    one_job = len(whole.part("jobs").value) == 1
    return one_job and len(steps) == 1 and steps[0].names("actions/labeler")
