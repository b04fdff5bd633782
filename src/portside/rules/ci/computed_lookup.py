"""A property whose name is known at run time only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.expression.flow import computed_steps
from portside.workflows.github import file_of

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: computed-lookup
title: What is looked up is computed
severity: low
severity-reason: nobody can tell what it comes to
why: >-
  `inputs[inputs.name]` may be any input. Neither a reader nor a tool can tell which.
fix: "Name the property."
profile: strict
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
  - bad: an input chosen by an input
    lines: [8]
    manifest: |
      on: workflow_dispatch
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make
              if: ${{ inputs[inputs.name] == 'yes' }}
  - good: names, however they are written
    manifest: |
      on: workflow_dispatch
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make
              if: ${{ inputs['name'] == 'yes' && github.event.commits[0].id }}
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    whole = file_of(it)
    for spoken in whole.expressions():
        for step in computed_steps(spoken.tree):
            begin = spoken.fence.code_start
            span = (begin + step.start, begin + step.end)
            keys = spoken.path
            yield whole.fault_in("what it looks up is computed", *keys, span=span)
