"""A bot that merges whatever it finds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.bots import renovate_rules

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: unreviewed-update
title: Update bot merges by itself
severity: low
severity-reason: a malicious release gets in without anybody looking
why: >-
  `automerge` of major versions, or without tests, takes whatever a maintainer of a package, or whoever
  took over their account, has released.
fix: "Limit automerge to minor and patch updates that passed tests, with `minimumReleaseAge`."
profile: recommended
form: object
kinds: [Renovate]
fix-class: unsafe
patch:
  - {set: finding, value: false}
controls: [B018]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-3
  - PCI-DSS-4.0.1:6.3.3
  - ISO27001-2022:A.8.8
examples:
  - bad: everything, also without tests
    lines: [3, 5, 6]
    manifest: |
      {
        "extends": ["config:recommended"],
        "automerge": true,
        "packageRules": [
          {"matchUpdateTypes": ["major", "minor"], "automerge": true, "minimumReleaseAge": "7 days"},
          {"matchUpdateTypes": ["patch"], "automerge": true, "ignoreTests": true}
        ]
      }
    fixed: |
      {
        "extends": ["config:recommended"],
        "automerge": false,
        "packageRules": [
          {"matchUpdateTypes": ["major", "minor"], "automerge": false, "minimumReleaseAge": "7 days"},
          {"matchUpdateTypes": ["patch"], "automerge": true, "ignoreTests": false}
        ]
      }
  - good: small updates of some age
    manifest: |
      {
        "extends": ["config:recommended"],
        "packageRules": [
          {"matchUpdateTypes": ["minor", "patch"], "automerge": true, "minimumReleaseAge": "7 days"},
          {"matchUpdateTypes": ["major"], "automerge": false}
        ]
      }
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for part in renovate_rules(it):
        if part.at("automerge") is not True:
            continue
        types = part.many("matchUpdateTypes")
        if part.at("ignoreTests") is True:
            yield part.fault("merges updates without tests", "ignoreTests")
        elif not types or "major" in types:
            yield part.fault("merges major updates by itself", "automerge")
