"""An expression that hands every secret to a step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.expression import Call, Node, Reference
from portside.workflows.expression.tree import walk
from portside.workflows.github import file_of

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: all-secrets-exposed
title: Step gets every secret
severity: high
severity-reason: one leak of the step is a leak of everything
why: >-
  `toJSON(secrets)`, or a secret whose name is computed, makes GitHub send all secrets to the runner,
  where anything that runs in the job may find them.
fix: "Name the secrets that the step needs, one by one."
profile: recommended
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
  - zizmor:overprovisioned-secrets
  - poutine:job_all_secrets
examples:
  - bad: all as JSON, and one that is computed
    lines: [9, 10]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make deploy
              env:
                ALL: ${{ toJSON(secrets) }}
                ONE: ${{ secrets[format('{0}_TOKEN', github.ref_name)] }}
  - good: one that is named, either way
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make deploy
              env:
                ONE: ${{ secrets.TOKEN }}
                OTHER: ${{ secrets['TOKEN'] }}
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    whole = file_of(it)
    for spoken in whole.expressions():
        for node in walk(spoken.tree):
            if _is_all(node):
                code = whole.spoken_text(spoken, node)
                yield whole.fault_of(f"{code} sends every secret to the runner", spoken)


def _is_all(node: Node) -> bool:
    if isinstance(node, Call) and node.name == "tojson":
        found = node.arguments[0]
        return isinstance(found, Reference) and found.path == "secrets"
    return (
        isinstance(node, Reference)
        and node.head.lower() == "secrets"
        and len(node.steps) == 1
        and node.steps[0].is_computed
    )
