"""A shell that GitHub does not know by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.github import steps

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: uncommon-shell
title: Script runs in an uncommon shell
severity: low
severity-reason: tools cannot read the script
why: >-
  GitHub knows bash, sh, pwsh, powershell and python by name. A script for anything else is read by no
  tool, and by fewer people.
fix: "Use one of these shells, or keep the script in a file of its own."
profile: auditor
form: object
kinds: [GitHubWorkflow, GitHubAction]
fix-class: none
controls: [B017]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-1
  - "ATT&CK:T1027"
examples:
  - bad: a compiler
    lines: [8]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: int main() { return 0; }
              shell: tcc -run {0}
  - good: bash, by any way
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: ls
              shell: /usr/bin/bash -e {0}
"""

_KNOWN = ("bash", "pwsh", "python", "sh", "powershell", "cmd", "cmd.exe")


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for step in steps(it):
        if step.run and step.shell not in _KNOWN and step.shell_path:
            yield Violation(f"{step.shell} is no shell that GitHub knows by name", step.shell_path)
