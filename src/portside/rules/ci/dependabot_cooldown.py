"""A bot that takes a release within days."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.finding import Finding
from portside.model.mending import FieldEdit
from portside.model.violation import Violation
from portside.workflows.bots import updates

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: dependabot-cooldown
title: Updates are taken within days of their release
severity: low
severity-reason: a malicious release is usually found within days
why: >-
  Most malicious releases are found and taken down within a few days. A bot that waits a week never
  proposes them. Security updates do not wait.
fix: "Write `cooldown: {default-days: 7}` at each update."
profile: strict
form: object
kinds: [Dependabot]
params:
  days: {type: int, default: 7, description: the least number of days to wait}
fix-class: safe
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
  - zizmor:dependabot-cooldown
examples:
  - bad: nothing is said, and too few days
    lines: [3, 10, 14]
    manifest: |
      version: 2
      updates:
        - package-ecosystem: gomod
          directory: /
          schedule: {interval: weekly}
        - package-ecosystem: docker
          directory: /
          schedule: {interval: weekly}
          cooldown:
            default-days: 2
        - package-ecosystem: npm
          directory: /
          schedule: {interval: weekly}
          cooldown: {semver-major-days: 30}
    fixed: |
      version: 2
      updates:
        - package-ecosystem: gomod
          directory: /
          schedule: {interval: weekly}
          cooldown:
            default-days: 7
        - package-ecosystem: docker
          directory: /
          schedule: {interval: weekly}
          cooldown:
            default-days: 7
        - package-ecosystem: npm
          directory: /
          schedule: {interval: weekly}
          cooldown: {semver-major-days: 30, default-days: 7}
  - good: a week
    manifest: |
      version: 2
      updates:
        - package-ecosystem: gomod
          directory: /
          schedule: {interval: weekly}
          cooldown: {default-days: 7}
"""

_DEFAULT = 3
"""Days that Dependabot waits where nothing is said."""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for update in updates(it):
        days = update.at("cooldown", "default-days")
        waits = days if type(days) is int else _DEFAULT
        if waits >= params["days"]:
            continue
        ecosystem = update.text("package-ecosystem") or "packages"
        said = f"waits {waits} days with updates of {ecosystem}, not {params['days']}"
        if type(days) is int:
            yield update.fault(said, "cooldown", "default-days")
        elif update.at("cooldown") is not None:
            yield update.fault(f"{said}: that is the default", "cooldown")
        else:
            yield update.fault(f"{said}: that is the default")


def mend(it: Resource, found: Finding, params: dict[str, Any]) -> Iterator[FieldEdit]:
    yield FieldEdit("set", (*found.path[:2], "cooldown", "default-days"), params["days"])
