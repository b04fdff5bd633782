"""A checkout that leaves the token in the working copy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.finding import Finding
from portside.model.mending import FieldEdit
from portside.model.severity import HIGH, LOW
from portside.model.violation import Violation
from portside.workflows.expression import only_fence
from portside.workflows.github import Action, Step, file_of
from portside.workflows.uses import version

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: persisted-credentials
title: Checkout leaves the token behind
severity: low
severity-reason: every later step can read the token, and an uploaded folder may carry it
why: >-
  actions/checkout writes the token to the disk for later git commands. Every later step can read it, and
  where the working copy is uploaded as an artifact, so can everybody who may download that.
fix: "Set `persist-credentials: false`, unless a later step pushes."
profile: strict
form: object
kinds: [GitHubWorkflow, GitHubAction]
fix-class: conditional
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
  - zizmor:artipacked
examples:
  - bad: nothing is said, and the working copy is uploaded
    lines: [7, 14]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/checkout@v4
            - uses: actions/upload-artifact@v4
              with:
                path: .
        test:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/checkout@v6
    fixed: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/checkout@v4
              with:
                persist-credentials: false
            - uses: actions/upload-artifact@v4
              with:
                path: .
        test:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/checkout@v6
              with:
                persist-credentials: false
  - good: it is not kept, or somebody wants it to be
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/checkout@v4
              with: {persist-credentials: false}
            - uses: actions/checkout@v4
              with: {persist-credentials: true, path: other}
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    whole = file_of(it)
    for steps in [whole.steps] if isinstance(whole, Action) else [job.steps for job in whole.jobs]:
        yield from _of_steps(steps)


def _of_steps(steps: tuple[Step, ...]) -> Iterator[Violation]:
    uploads = [at for at, step in enumerate(steps) if _uploads_all(step)]
    for at, step in enumerate(steps):
        if not _keeps(step):
            continue
        later = [upload for upload in uploads if upload > at]
        pushes = any(_may_push(it) for it in steps[at + 1 :])
        mends = "unsafe" if pushes else "safe"
        if later:
            said = "leaves the token in the working copy, which is then uploaded"
            yield Violation(said, step.path, HIGH, mends=mends)
        elif not uploads:
            is_new = step.uses is not None and (version(step.uses.ref) or (0, 0, 0)) >= (6, 0, 0)
            where = "on the runner" if is_new else "in the working copy"
            yield Violation(f"leaves the token {where}", step.path, LOW, mends=mends)


def _keeps(step: Step) -> bool:
    if not step.names("actions/checkout") or step.given is None:
        return False
    said = step.given.get("persist-credentials", "")
    # Who writes `true` wants it, and what an expression makes of it nobody can tell.
    return said not in ("false", "true") and only_fence(said) is None


def _uploads_all(step: Step) -> bool:
    if not step.names("actions/upload-artifact") or not step.given:
        return False
    paths = [line.strip() for line in step.given.get("path", "").splitlines()]
    return any(it.rstrip("/") in (".", "..") or _is_workspace(it) for it in paths if it)


def _is_workspace(path: str) -> bool:
    fence = only_fence(path)
    return fence is not None and "github.workspace" in fence.code


_KNOWN = ("actions/", "docker/", "github/codeql-action", "golangci/", "codecov/", "astral-sh/")
"""Owners whose actions use no credentials of the working copy, but for checkout itself."""


def _may_push(step: Step) -> bool:
    """Whether a step after the checkout could need its credentials."""
    if step.run:
        return any(word in step.run for word in ("git ", "gh ", "make", "./", "npm", "yarn"))
    return step.uses is None or not step.uses.slug.startswith(_KNOWN)


def mend(it: Resource, found: Finding, params: dict[str, Any]) -> Iterator[FieldEdit]:
    yield FieldEdit("set", (*found.path, "with", "persist-credentials"), False)
