"""A script with rights that writes what it does not know to the runner's environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.github import HEAVY_TRIGGERS, Action, file_of
from portside.workflows.runner_files import written

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: environment-file-write
title: Script writes to the environment of later steps
severity: high
severity-reason: a line break in the text sets any variable, and so runs code in later steps
why: >-
  What is written to `$GITHUB_ENV` or `$GITHUB_PATH` sets variables and programs for all later steps.
  Where a part of it is somebody else's text, so are `LD_PRELOAD`, `NODE_OPTIONS` or the programs run.
fix: "Write to `$GITHUB_OUTPUT` and hand the value on in `env:`, or write only what is fixed."
profile: recommended
form: object
kinds: [GitHubWorkflow, GitHubAction]
fix-class: none
controls: [B004]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-4
  - "ATT&CK:T1059"
aliases:
  - zizmor:github-env
examples:
  - bad: a variable, a program's output, and a pipe
    lines: [7, 8, 9]
    manifest: |
      on: pull_request_target
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: echo "TITLE=$TITLE" >> "$GITHUB_ENV"
            - run: ./make-path >> $GITHUB_PATH
            - run: cat names | tee -a "${GITHUB_ENV}"
  - bad: other shells
    lines: [7, 9]
    manifest: |
      on: workflow_run
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: echo NAME=%TITLE%>> %GITHUB_ENV%
              shell: cmd
            - run: '"NAME=$env:TITLE" | Out-File -FilePath $env:GITHUB_ENV -Append'
              shell: pwsh
  - bad: an action, whose callers nobody knows
    file: action.yaml
    lines: [6]
    manifest: |
      name: a
      description: a
      runs:
        using: composite
        steps:
          - run: ./versions > $GITHUB_ENV
            shell: bash
  - good: what is fixed, another file, and a workflow without rights
    manifest: |
      on: pull_request_target
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: |
                echo "LEVEL=high" >> "$GITHUB_ENV"
                echo 'A=$B' >> $GITHUB_ENV
                echo "title=$TITLE" >> "$GITHUB_OUTPUT"
  - good: no rights
    manifest: |
      on: pull_request
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: echo "TITLE=$TITLE" >> "$GITHUB_ENV"
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    whole = file_of(it)
    if not isinstance(whole, Action) and not any(it in whole.triggers for it in HEAVY_TRIGGERS):
        return
    for step in whole.steps:
        for name in written(step.run, step.shell) if "GITHUB_" in step.run.upper() else ():
            yield step.fault(f"writes to {name} what may be somebody else's text", "run")
