"""Something that works and that nobody should use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.github import steps

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: workflow-misfeature
title: Step uses what nobody should use
severity: low
severity-reason: it works otherwise than it looks, and tools cannot read it
why: >-
  `shell: cmd` has no grammar that a tool could read. `pip-install` of actions/setup-python installs into
  the runner's own Python, with whatever is there.
fix: "Use bash or pwsh; install into a virtual environment."
profile: recommended
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
aliases:
  - zizmor:misfeature
examples:
  - bad: cmd for a step and for a job, and an input
    lines: [6, 10, 12]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          defaults: {run: {shell: cmd}}
          steps:
            - run: dir
            - run: dir
              shell: cmd
            - uses: actions/setup-python@83679a892e2d95755f2dac6acb0bfd1e9ac5d548
              with: {pip-install: requests}
  - good: other shells
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: ls
              shell: bash
            - run: ls
              shell: tcc -run {0}
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for step in steps(it):
        if step.run and step.shell in ("cmd", "cmd.exe") and step.shell_path:
            yield Violation("the shell cmd cannot be analysed", step.shell_path)
        elif step.names("actions/setup-python") and "pip-install" in (step.given or {}):
            key = step.input_key("pip-install")
            yield step.fault("installs into the runner's own Python", "with", key)
