"""A part of a secret, which GitHub does not know to be one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.expression import Call, Reference
from portside.workflows.expression.flow import is_under
from portside.workflows.expression.tree import walk
from portside.workflows.github import file_of

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: unredacted-secret
title: Part of a secret is not hidden in logs
severity: high
severity-reason: the log shows what should have been masked
why: >-
  GitHub masks a secret where it appears whole. A value that is taken out of a secret with `fromJSON` is
  another text, and stands in the log as it is.
fix: "Store each value as a secret of its own."
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
  - zizmor:unredacted-secrets
examples:
  - bad: a password out of a JSON secret
    lines: [9]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make deploy
              env:
                PASSWORD: ${{ fromJSON(secrets.LOGIN).password }}
  - good: a secret, and JSON that is none
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make deploy
              env:
                PASSWORD: ${{ secrets.PASSWORD }}
                LEVEL: ${{ fromJSON(vars.SETTINGS).level }}
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    whole = file_of(it)
    for spoken in whole.expressions():
        for node in walk(spoken.tree):
            if isinstance(node, Call) and node.name == "fromjson":
                found = node.arguments[0]
                if isinstance(found, Reference) and is_under(found, "secrets"):
                    code = whole.spoken_text(spoken, node)
                    yield whole.fault_of(f"what {code} gives is not masked in logs", spoken)
