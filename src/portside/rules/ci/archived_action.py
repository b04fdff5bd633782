"""An action whose repository is archived."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.github import callers
from portside.workflows.known_actions import ARCHIVED

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: archived-action
title: Action is archived
severity: medium
severity-reason: nobody mends what is found in it
why: >-
  Nobody looks after an archived repository: a hole that is found in the action stays open, and the runner
  moves on without it.
fix: "Use an action that is looked after, or do it in a script."
profile: recommended
form: object
kinds: [GitHubWorkflow, GitHubAction]
params:
  archived: {type: list(string), default: [], description: further repositories that are known to be archived}
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
  - zizmor:archived-uses
examples:
  - bad: an action that GitHub has given up
    lines: [7]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/create-release@0cb9c9b65d5d1901c1f53e5e66eaf4afd303e70e
  - good: one that is looked after
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    more = {name.lower() for name in params["archived"]}
    for part in callers(it):
        uses = part.uses
        if uses and (uses.slug in ARCHIVED or uses.slug in more):
            span = (0, len(uses.slug))
            yield part.fault_in(f"{uses.slug} is archived: nobody mends it", "uses", span=span)
