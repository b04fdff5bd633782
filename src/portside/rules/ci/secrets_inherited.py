"""A called workflow that gets every secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.github import workflow

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: secrets-inherited
title: Called workflow gets every secret
severity: high
severity-reason: the other workflow reads secrets that it was never meant to have
why: >-
  `secrets: inherit` hands over all secrets of the repository, of its organisation and of its
  environments, those of tomorrow too, whatever the called workflow needs.
fix: "List the secrets that it needs under `secrets:`."
profile: recommended
form: object
kinds: [GitHubWorkflow]
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
  - zizmor:secrets-inherit
examples:
  - bad: all of them
    lines: [5]
    manifest: |
      on: push
      permissions: {}
      jobs:
        release:
          uses: some-owner/workflows/.github/workflows/release.yaml@de0fac2e4500dabe0009e67214ff5f5447ce83dd
          secrets: inherit
  - good: one
    manifest: |
      on: push
      permissions: {}
      jobs:
        release:
          uses: some-owner/workflows/.github/workflows/release.yaml@de0fac2e4500dabe0009e67214ff5f5447ce83dd
          secrets: {token: "${{ secrets.RELEASE_TOKEN }}"}
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for job in workflow(it).jobs:
        if job.calls_workflow and job.text("secrets") == "inherit":
            yield job.fault_in("this workflow gets every secret", "uses")
