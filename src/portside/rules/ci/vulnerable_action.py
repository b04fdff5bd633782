"""An action with a hole that is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.finding import Finding
from portside.model.mending import FieldEdit, UnmendableError
from portside.model.violation import Violation
from portside.workflows.caches import comment_behind
from portside.workflows.github import Job, Step, callers
from portside.workflows.known_actions import ADVISORIES
from portside.workflows.uses import version

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: vulnerable-action
title: Action has a known hole
severity: high
severity-reason: the way in is published
why: >-
  An advisory says how the action is abused, or that a release of it stole secrets.
fix: "Move to a version that mends it, by its commit; where secrets may have been stolen, change them."
profile: recommended
form: object
kinds: [GitHubWorkflow, GitHubAction]
params:
  ignored: {type: list(string), default: [], description: advisories that do not concern you}
fix-class: conditional
controls: [B011]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-3
  - "ATT&CK:T1195.002"
aliases:
  - zizmor:known-vulnerable-actions
  - poutine:known_vulnerability_in_build_component
examples:
  - bad: a version of which a later one mends it
    lines: [7]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/download-artifact@v4.1.1
    fixed: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/download-artifact@v4.1.3
  - bad: a release that stole secrets, by its tag and by what stands behind its commit
    lines: [7, 8]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: tj-actions/changed-files@v45.0.7
            - uses: actions/download-artifact@6b208ae046db98c579e8a3aa621ab581ff575935 # v4.1.1
    fixed: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: tj-actions/changed-files@v46.0.1
            - uses: actions/download-artifact@6b208ae046db98c579e8a3aa621ab581ff575935 # v4.1.1
  - good: mended ones, a major version's newest, and a commit that says no version
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: tj-actions/changed-files@v46.0.5
            - uses: actions/download-artifact@v4
            - uses: tj-actions/changed-files@0e58ed8671d6b60d0890c21b07f8835ace038e67
  - good: one that is known not to matter
    params: {ignored: [GHSA-cxww-7g56-2vh6]}
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/download-artifact@v4.1.1
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for part in callers(it):
        uses = part.uses
        if uses is None or uses.slug not in ADVISORIES:
            continue
        said = comment_behind(part) if uses.is_commit else uses.ref
        for advisory, since, until in ADVISORIES[uses.slug]:
            if advisory not in params["ignored"] and _is_in(said, since, until):
                text = f"{uses.slug} {said} has the hole of {advisory}"
                fault = part.fault_in(f"{text}, which {until} mends", "uses")
                fault.mends = _mends(part, until)
                yield fault


def _is_in(said: str, since: str, until: str) -> bool:
    """Whether the version is one with the hole; `v4` alone is the newest of its major version."""
    found, first, mended = version(said), version(since), version(until)
    if found is None or first is None or mended is None or not first <= found < mended:
        return False
    return said.count(".") == 2 or found[0] < mended[0]


def _mends(part: Step | Job, until: str) -> str:
    """Only a tag can be moved from here, and only within a major version it breaks nothing."""
    uses = part.uses
    found, mended = version(uses.ref) if uses else None, version(until)
    if uses is None or uses.is_commit or found is None or mended is None:
        return "none"
    return "safe" if found[0] == mended[0] else "unsafe"


def mend(it: Resource, found: Finding, params: dict[str, Any]) -> Iterator[FieldEdit]:
    for part in callers(it):
        uses = part.uses
        if uses is None or (*part.path, "uses") != found.path:
            continue
        if uses.is_commit:
            raise UnmendableError("the commit of the version that mends it cannot be known offline")
        holes = ADVISORIES.get(uses.slug, ())
        newest = max((until for _, _, until in holes), key=lambda it: version(it) or (0, 0, 0))
        text = part.text("uses")
        lead = "v" if uses.ref.startswith("v") else ""
        yield FieldEdit("set", found.path, f"{text[: text.rindex('@')]}@{lead}{newest}")
