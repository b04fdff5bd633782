"""A condition that is always true, because text stands beside its expression."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.expression import fenced
from portside.workflows.github import conditions

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: unsound-condition
title: Condition is always true
severity: medium
severity-reason: what the condition should have kept from running runs
why: >-
  Where anything stands beside `${{ … }}` in an `if:`, a line break at the end of a block too, the whole is
  a text, and a text that is not empty is true.
fix: "Leave `${{ }}` out, or put it around the whole condition; write a block as `if: |-`."
profile: recommended
form: object
kinds: [GitHubWorkflow, GitHubAction]
fix-class: unsafe
controls: [B017]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-1
  - "ATT&CK:T1027"
aliases:
  - zizmor:unsound-condition
examples:
  - bad: a comparison beside it, and the line break of a block
    lines: [8, 10]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make deploy
              if: ${{ github.ref }} == 'refs/heads/main'
            - run: make deploy
              if: |
                ${{ github.ref == 'refs/heads/main' }}
  - good: all of it within, and all of it without
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make deploy
              if: ${{ github.ref == 'refs/heads/main' }}
            - run: make deploy
              if: |-
                ${{ github.ref == 'refs/heads/main' }}
            - run: make deploy
              if: |
                github.ref == 'refs/heads/main'
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for part in conditions(it):
        text = part.text("if")
        first = next(fenced(text), None)
        if first is not None and len(text) > first.end - first.start:
            yield part.fault("is always true: text stands beside the expression", "if")
