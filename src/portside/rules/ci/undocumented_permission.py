"""A permission of which nobody has said what it is for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.github import workflow
from portside.workflows.part import Part

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: undocumented-permission
title: Nobody says what a permission is for
severity: low
severity-reason: nobody dares to take it away again
why: >-
  A permission without a reason stays when its reason is gone.
fix: "Write behind it, as a comment, what needs it."
profile: auditor
form: object
kinds: [GitHubWorkflow]
fix-class: none
controls: [B002]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-5
  - SLSA-1.2:Build
  - "ATT&CK:T1078"
aliases:
  - zizmor:undocumented-permissions
examples:
  - bad: two without a word
    lines: [4, 10]
    manifest: |
      on: push
      permissions:
        contents: read
        issues: write
        packages: write # to push the image
      jobs:
        build:
          runs-on: ubuntu-24.04
          permissions:
            id-token: write
          steps: [{run: make}]
  - good: comments, and what every job needs
    manifest: |
      on: push
      permissions:
        contents: read
        # to comment on what was built
        issues: write
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps: [{run: make}]
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    whole = workflow(it)
    for part in (whole, *whole.jobs):
        bare = [it for it in part.part("permissions").value if not _needs_no_word(part, it)]
        if bare:
            said = f"nobody says what these are for: {', '.join(bare)}"
            yield part.fault(said, "permissions", bare[0])


def _needs_no_word(part: Part, scope: str) -> bool:
    is_usual = scope == "contents" and part.text("permissions", scope) == "read"
    return is_usual or _is_explained(part, scope)


def _is_explained(part: Part, scope: str) -> bool:
    """Whether a comment stands behind the permission, or alone in the line before it."""
    document = part.source.document
    lines = document.lines.text.split("\n")
    position = document.key_position((*part.path, "permissions", scope))
    if position is None:
        return True
    at = position[0] - document.first_line - 1
    behind = lines[at][position[1] - 1 :].partition("#")[2].strip()
    before = lines[at - 1].strip() if at else ""
    return bool(behind or (before.startswith("#") and before.strip("# ")))
