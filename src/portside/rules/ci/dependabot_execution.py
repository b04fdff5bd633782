"""A bot that runs what it updates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.bots import updates

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: dependabot-execution
title: Update bot runs code of packages
severity: low
severity-reason: a malicious package runs code with the bot's access to registries
why: >-
  With `insecure-external-code-execution: allow` the bot runs code of the packages that it looks at, with
  the credentials of private registries at hand.
fix: "Set it to `deny`, or leave it out."
profile: recommended
form: object
kinds: [Dependabot]
fix-class: unsafe
patch:
  - remove: finding
controls: [B018]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-3
  - PCI-DSS-4.0.1:6.3.3
  - ISO27001-2022:A.8.8
aliases:
  - zizmor:dependabot-execution
examples:
  - bad: it is allowed
    lines: [6]
    manifest: |
      version: 2
      updates:
        - package-ecosystem: bundler
          directory: /
          schedule: {interval: weekly}
          insecure-external-code-execution: allow
    fixed: |
      version: 2
      updates:
        - package-ecosystem: bundler
          directory: /
          schedule: {interval: weekly}
  - good: it is denied
    manifest: |
      version: 2
      updates:
        - package-ecosystem: bundler
          directory: /
          schedule: {interval: weekly}
          insecure-external-code-execution: deny
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for update in updates(it):
        if update.text("insecure-external-code-execution") == "allow":
            said = "lets the bot run code of the packages it looks at"
            yield update.fault(said, "insecure-external-code-execution")
