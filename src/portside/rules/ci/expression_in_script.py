"""Any expression in a script, even one that nobody from outside decides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.finding import Finding
from portside.model.mending import Edit
from portside.model.violation import Violation
from portside.workflows.injection import flows
from portside.workflows.moved import how, moved

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: expression-in-script
title: Script is put together by expressions
severity: low
severity-reason: harmless as it is, and one edit away from an injection
why: >-
  An expression in a script is replaced before the shell starts. It is safe only as long as nobody from
  outside decides its value, which a reviewer must find out again with every change.
fix: "Give the value to the step in `env:` and use it quoted."
profile: strict
form: object
kinds: [GitHubWorkflow, GitHubAction]
fix-class: conditional
controls: [B004]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-4
  - "ATT&CK:T1059"
examples:
  - bad: the name of a commit, within quotes
    lines: [7]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: echo "built from ${{ github.sha }}"
    fixed: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: echo "built from ${SHA}"
              env:
                SHA: "${{ github.sha }}"
  - bad: a commit, a result, a fixed variable, and a choice
    lines: [8, 9, 9]
    manifest: |
      on: {workflow_dispatch: {inputs: {level: {type: choice, options: [a, b]}}}}
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: |
                echo ${{ github.sha }}
                echo ${{ inputs.level }} ${{ env.LEVEL }}
              env: {LEVEL: high}
    fixed: |
      on: {workflow_dispatch: {inputs: {level: {type: choice, options: [a, b]}}}}
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: |
                echo ${SHA}
                echo ${INPUTS_LEVEL} ${ENV_LEVEL}
              env: {LEVEL: high, SHA: "${{ github.sha }}", INPUTS_LEVEL: "${{ inputs.level }}", ENV_LEVEL: "${{ env.LEVEL }}"}
  - good: a variable
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: echo "$SHA"
              env: {SHA: "${{ github.sha }}"}
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for step, spoken, found in flows(it, harmless=True):
        for reference, _, _ in found:
            said = f"{step.spoken_text(spoken, reference)} stands in a script"
            fault = step.fault_of(said, spoken, reference)
            fault.mends = how(step, spoken)
            yield fault
        if not found:
            said = f"{step.spoken_text(spoken, spoken.tree)} stands in a script"
            fault = step.fault_of(said, spoken, spoken.tree)
            fault.mends = how(step, spoken)
            yield fault


def mend(it: Resource, found: Finding, params: dict[str, Any]) -> Iterator[Edit]:
    yield from moved(it, found)
