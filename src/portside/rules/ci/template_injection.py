"""Text from outside that becomes part of a script before the shell reads it."""

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
id: template-injection
title: Expression becomes part of a script
severity: high
severity-reason: a title, a branch's name or an input is run as code, with the job's token and secrets
why: >-
  `${{ … }}` is replaced before the shell starts: what the expression comes to is code. Whoever decides
  a part of that text, in the title of an issue or the name of a branch, decides what runs.
fix: "Give the value to the step in `env:` and use it quoted: `\\"$TITLE\\"`."
profile: recommended
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
aliases:
  - zizmor:template-injection
  - checkov:CKV_GHA_2
  - poutine:injection
examples:
  - bad: text of an issue, a branch's name, an input and a variable, on lines of their own
    lines: [9, 10, 11, 11]
    manifest: |
      on: {issues: {types: [opened]}, workflow_dispatch: {inputs: {name: {type: string}}}}
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: |
                echo "a new issue"
                echo "${{ github.event.issue.title }}"
                git checkout ${{ github.head_ref || 'main' }}
            - run: echo ${{ inputs.name }} ${{ env.FROM_ELSEWHERE }}
  - bad: a script that is an action's input
    lines: [10]
    manifest: |
      on: issue_comment
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/github-script@60a0d83039c74a4aee543508d2ffcb1c3799cdea
              with:
                script: |
                  console.log("${{ github.event.comment.body }}")
  - bad: the input of an action
    file: action.yaml
    lines: [7]
    manifest: |
      name: greet
      description: greets
      inputs: {name: {description: whom, required: true}}
      runs:
        using: composite
        steps:
          - run: echo "${{ inputs.name }}"
            shell: bash
    fixed: |
      name: greet
      description: greets
      inputs: {name: {description: whom, required: true}}
      runs:
        using: composite
        steps:
          - run: echo "${INPUTS_NAME}"
            shell: bash
            env:
              INPUTS_NAME: "${{ inputs.name }}"
  - good: what GitHub makes, what is compared, and what stands in a variable
    manifest: |
      on: {pull_request: {}}
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: |
                echo ${{ github.event.pull_request.number }} ${{ github.sha }} ${{ runner.os }}
                echo ${{ github.event.pull_request.title == 'x' }} ${{ secrets.TOKEN }}
                echo "$TITLE" ${{ env.LEVEL }}
              env:
                TITLE: ${{ github.event.pull_request.title }}
                LEVEL: high
  - good: a matrix that is written here
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          strategy: {matrix: {go: ["1.23", "1.24"]}}
          steps:
            - run: make GO=${{ matrix.go }}
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for step, spoken, found in flows(it):
        for reference, severity, why in found:
            said = f"{step.spoken_text(spoken, reference)} {why}"
            fault = step.fault_of(said, spoken, reference, severity)
            fault.mends = how(step, spoken)
            yield fault


def mend(it: Resource, found: Finding, params: dict[str, Any]) -> Iterator[Edit]:
    yield from moved(it, found)
