"""Variables that an expression makes as a whole, so that nobody sees what they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.github import Action, file_of
from portside.workflows.part import Part

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: variables-by-expression
title: Nobody sees which variables are set
severity: low
severity-reason: what is set is known at run time only, for good or bad
why: >-
  Where one expression makes the whole of `env:`, a reviewer cannot see which variables a step gets. It
  may hold ones that the runner or a shell acts upon, such as `ACTIONS_ALLOW_UNSECURE_COMMANDS`.
fix: "Write the variables one by one."
profile: auditor
form: object
kinds: [GitHubWorkflow, GitHubAction]
fix-class: none
controls: [B017]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-1
  - "ATT&CK:T1027"
examples:
  - bad: a job and a step
    lines: [6, 9]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          env: "${{ fromJSON(vars.ALL) }}"
          steps:
            - run: make
              env: ${{ matrix.env }}
  - good: one by one
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make
              env: {LEVEL: "${{ vars.LEVEL }}"}
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    whole = file_of(it)
    parts: list[Part] = []
    if not isinstance(whole, Action):
        parts += [whole, *whole.jobs]
    parts += [step for step in whole.steps if step.run]
    for part in parts:
        if type(part.at("env")) is str and "${{" in part.text("env"):
            yield part.fault("an expression makes all variables", "env")
