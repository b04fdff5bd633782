"""An action whose name is one slip away from a well-known one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.github import callers
from portside.workflows.known_actions import POPULAR, slip_of

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: typosquatted-action
title: Action is named almost like a well-known one
severity: high
severity-reason: whoever registers the misspelt name runs code here
why: >-
  Anybody can register an account whose name is one letter away from a well-known one, and wait for
  workflows that are misspelt.
fix: "Correct the name, or list the action in `known` if it is meant."
profile: recommended
form: object
kinds: [GitHubWorkflow, GitHubAction]
params:
  known: {type: list(string), default: [], description: repositories that are meant as they are written}
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
  - zizmor:typosquat-uses
examples:
  - bad: a letter left out, and two that changed places
    lines: [7, 8]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: action/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
            - uses: actinos/setup-node@de0fac2e4500dabe0009e67214ff5f5447ce83dd
  - good: the right name, another action of the same owner, and quite another
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
            - uses: actions/checkouts@de0fac2e4500dabe0009e67214ff5f5447ce83dd
            - uses: some-owner/some-action@de0fac2e4500dabe0009e67214ff5f5447ce83dd
  - good: one that is meant
    params: {known: [action/checkout]}
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: action/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    known = {name.lower() for name in params["known"]}
    for part in callers(it):
        uses = part.uses
        if uses is None or uses.slug in POPULAR or uses.slug in known:
            continue
        meant = slip_of(uses.slug)
        if meant:
            said = f"{uses.slug} is one slip away from {meant}"
            yield part.fault_in(said, "uses", span=(0, len(uses.slug)))
