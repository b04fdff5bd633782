"""Commands of the runner that GitHub has switched off, switched on again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.github import Action, file_of
from portside.workflows.part import Part

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: insecure-runner-commands
title: Old commands of the runner are allowed
severity: medium
severity-reason: whoever can make a step print a line sets variables, and so runs code
why: >-
  With `ACTIONS_ALLOW_UNSECURE_COMMANDS` any line that a step prints may set a variable or the path for
  later steps. GitHub switched that off in 2020, because printed text often is somebody else's.
fix: "Remove the variable, and write to the files that `$GITHUB_ENV` and `$GITHUB_PATH` name."
profile: recommended
form: object
kinds: [GitHubWorkflow, GitHubAction]
fix-class: safe
patch:
  - remove: finding.ACTIONS_ALLOW_UNSECURE_COMMANDS
controls: [B013]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-6
  - "ATT&CK:T1552"
aliases:
  - zizmor:insecure-commands
  - checkov:CKV_GHA_1
examples:
  - bad: for all, for a job and for a step
    lines: [3, 7, 11]
    manifest: |
      on: push
      permissions: {}
      env: {ACTIONS_ALLOW_UNSECURE_COMMANDS: true}
      jobs:
        build:
          runs-on: ubuntu-24.04
          env:
            ACTIONS_ALLOW_UNSECURE_COMMANDS: "true"
          steps:
            - run: make
              env: {ACTIONS_ALLOW_UNSECURE_COMMANDS: "True"}
    fixed: |
      on: push
      permissions: {}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make
  - good: off, and a step that runs no script
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make
              env: {ACTIONS_ALLOW_UNSECURE_COMMANDS: false}
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    whole = file_of(it)
    parts: list[Part] = []
    if not isinstance(whole, Action):
        parts += [whole, *(job for job in whole.jobs if not job.calls_workflow)]
    parts += [step for step in whole.steps if step.run]
    for part in parts:
        if part.text("env", "ACTIONS_ALLOW_UNSECURE_COMMANDS").strip().lower() == "true":
            yield part.fault("allows the old commands of the runner", "env")
