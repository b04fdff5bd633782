"""An action that installs a tool, of which nobody has said the version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.github import steps

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: unpinned-tool
title: Action installs the latest version of a tool
severity: medium
severity-reason: the action is pinned, and what it downloads is not
why: >-
  Some actions do nothing but download a program. Without a version they take the newest release,
  whatever the action itself is pinned to, and so a bad release of the program runs at once.
fix: "Set the action's `version` to a release."
profile: recommended
form: object
kinds: [GitHubWorkflow, GitHubAction]
params:
  installers:
    type: list(string)
    default: [aquasecurity/setup-trivy, 1password/load-secrets-action]
    description: actions that take the latest version of a tool unless they are told another
fix-class: none
controls: [B001]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - SLSA-1.2:Build
  - OWASP-CICD:SEC-3
  - "ATT&CK:T1195.002"
aliases:
  - zizmor:unpinned-tools
examples:
  - bad: no version, latest, and one that is known only at run time
    lines: [7, 9, 11]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        scan:
          runs-on: ubuntu-24.04
          steps:
            - uses: aquasecurity/setup-trivy@e6c2c5e321ed9123bda567646e2f96565e34abe1
            - uses: aquasecurity/setup-trivy@e6c2c5e321ed9123bda567646e2f96565e34abe1
              with: {version: latest}
            - uses: aquasecurity/setup-trivy@e6c2c5e321ed9123bda567646e2f96565e34abe1
              with: {version: "${{ inputs.trivy }}"}
  - good: a release
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        scan:
          runs-on: ubuntu-24.04
          steps:
            - uses: aquasecurity/setup-trivy@e6c2c5e321ed9123bda567646e2f96565e34abe1
              with: {version: v0.65.0}
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for step in steps(it):
        if not step.names(*params["installers"]) or step.given is None:
            continue
        version = step.given.get("version")
        if version is None:
            yield step.fault_in("installs the latest version of its tool", "uses")
        elif version == "latest" or version.startswith("${{"):
            said = "is latest" if version == "latest" else "is known only at run time"
            key = step.input_key("version")
            yield step.fault(f"the version of the tool it installs {said}", "with", key)
