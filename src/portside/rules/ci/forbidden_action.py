"""An action that the organisation's configuration does not allow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.github import steps

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: forbidden-action
title: Action is not allowed here
severity: high
severity-reason: the organisation has decided against it
why: >-
  The configuration says which actions may be used, or which may not.
fix: "Use an action that is allowed, or ask for this one."
profile: recommended
form: object
kinds: [GitHubWorkflow, GitHubAction]
params:
  allowed: {type: list(string), default: [], description: "the only actions allowed, as owner/*, owner/repository, owner/repository/* or with @ref; empty for all"}
  denied: {type: list(string), default: [], description: "actions that are not allowed, in the same way"}
fix-class: none
controls: [B011]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-3
  - "ATT&CK:T1195.002"
aliases:
  - zizmor:forbidden-uses
examples:
  - bad: one that is denied
    params: {denied: ["some-owner/*"]}
    lines: [7]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: some-owner/some-action@de0fac2e4500dabe0009e67214ff5f5447ce83dd
            - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
  - bad: one that is not among those allowed
    params: {allowed: ["actions/*"]}
    lines: [7]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: some-owner/some-action@de0fac2e4500dabe0009e67214ff5f5447ce83dd
            - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
  - good: nothing is configured
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: some-owner/some-action@de0fac2e4500dabe0009e67214ff5f5447ce83dd
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    allowed, denied = params["allowed"], params["denied"]
    for step in steps(it) if allowed or denied else ():
        uses = step.uses
        if uses is None:
            continue
        if any(map(uses.fits, denied)):
            yield step.fault_in(f"{uses.slug} is denied", "uses")
        elif allowed and not any(map(uses.fits, allowed)):
            yield step.fault_in(f"{uses.slug} is not among the actions allowed", "uses")
