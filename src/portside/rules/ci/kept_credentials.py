"""A checkout that somebody has told to leave the token, or may have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.expression import only_fence
from portside.workflows.github import steps

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: kept-credentials
title: Checkout is told to leave the token
severity: low
severity-reason: every later step of the job can read it
why: >-
  Somebody wants later git commands to have the token, or an expression decides. Every other step of the
  job can read it, too.
fix: "Give the token to the step that pushes, and set `persist-credentials: false`."
profile: auditor
form: object
kinds: [GitHubWorkflow, GitHubAction]
fix-class: none
controls: [B005]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-6
  - "ATT&CK:T1552"
  - PCI-DSS-4.0.1:8.6.2
aliases:
  - zizmor:artipacked
examples:
  - bad: it is kept, and an expression decides
    lines: [7, 9, 12]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
              with: {persist-credentials: true}
            - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
              with: {persist-credentials: "${{ inputs.keep }}"}
            - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
              with: ${{ fromJSON(vars.CHECKOUT) }}
  - good: it is not kept
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
              with: {persist-credentials: false}
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for step in steps(it):
        if not step.names("actions/checkout"):
            continue
        if step.given is None:
            yield step.fault("an expression decides whether the token is left", "with")
            continue
        said = step.given.get("persist-credentials", "")
        if said == "true":
            yield step.fault("is told to leave the token in the working copy")
        elif only_fence(said) is not None:
            yield step.fault("an expression decides whether the token is left")
