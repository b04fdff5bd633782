"""An action of this repository that is looked for in the working copy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.finding import Finding
from portside.model.mending import FieldEdit
from portside.model.violation import Violation
from portside.workflows.github import callers

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: working-copy-action
title: Action is taken from the working copy
severity: low
severity-reason: an earlier step may have changed it, or checked out another repository
why: >-
  `./folder` is looked up in the working copy, where whatever earlier steps checked out or changed is.
  `$/folder` is this repository at the commit of the workflow.
fix: "Write `$/` in place of `./`."
profile: strict
form: object
kinds: [GitHubWorkflow, GitHubAction]
fix-class: safe
controls: [B017]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-1
  - "ATT&CK:T1027"
aliases:
  - zizmor:self-repository
examples:
  - bad: a step and a workflow
    lines: [7, 9]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: ./.github/actions/build
        test:
          uses: ./.github/workflows/test.yaml
    fixed: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: $/.github/actions/build
        test:
          uses: $/.github/workflows/test.yaml
  - good: the repository itself
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: $/.github/actions/build
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for part in callers(it):
        if part.text("uses").strip().startswith("./"):
            yield part.fault_in("is taken from the working copy", "uses")


def mend(it: Resource, found: Finding, params: dict[str, Any]) -> Iterator[FieldEdit]:
    for part in callers(it):
        if (*part.path, "uses") == found.path:
            yield FieldEdit("set", found.path, f"$/{part.text('uses').strip()[2:]}")
