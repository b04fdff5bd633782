"""Files of another run, unpacked where there are rights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.github import workflow
from portside.workflows.shell import commands

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: foreign-artifact
title: Workflow with rights unpacks what a stranger built
severity: medium
severity-reason: files of a pull request overwrite those that the workflow then runs
why: >-
  The artifact was made by a run for a pull request, and holds whatever its author put in. Unpacked into
  the working copy it may replace scripts and programs that later steps run with the repository's rights.
fix: "Unpack into a folder of its own below `${{ runner.temp }}`, and take from it data that is checked."
profile: recommended
form: object
kinds: [GitHubWorkflow]
fix-class: none
controls: [B010]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - SLSA-1.2:Build
  - OWASP-CICD:SEC-9
  - "ATT&CK:T1195.002"
examples:
  - bad: by an action, and by a command
    lines: [7, 9]
    manifest: |
      on: {workflow_run: {workflows: [ci], types: [completed]}}
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093
              with: {run-id: "${{ github.event.workflow_run.id }}", github-token: "${{ github.token }}"}
            - run: gh run download "$RUN"
  - good: a folder of its own, and an artifact of this very run
    manifest: |
      on: {workflow_run: {workflows: [ci], types: [completed]}}
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093
              with: {run-id: "${{ github.event.workflow_run.id }}", path: "${{ runner.temp }}/foreign"}
            - uses: actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093
"""

_ANY_RUN = ("dawidd6/action-download-artifact", "aochmann/actions-download-artifact")


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    whole = workflow(it)
    for step in whole.steps if "workflow_run" in whole.triggers else ():
        given = step.given or {}
        other = step.names(*_ANY_RUN) or (
            step.names("actions/download-artifact") and "run-id" in given
        )
        if other and "runner.temp" not in given.get("path", ""):
            yield step.fault_in("unpacks another run's files into the working copy", "uses")
        for command in commands(step.run) if "download" in step.run else ():
            words = command.arguments
            into = any(it in ("-D", "--dir") or it.startswith("--dir=") for it in words)
            if command.name == "gh" and words[:2] == ["run", "download"] and not into:
                span = (command.start, command.end)
                yield step.fault_in("unpacks another run's files here", "run", span=span)
