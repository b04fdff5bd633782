"""A scan whose findings stop nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.finding import Finding
from portside.model.mending import FieldEdit, UnmendableError
from portside.model.violation import Violation
from portside.workflows.github import file_of
from portside.workflows.gitlab import pipeline, scripts
from portside.workflows.scanners import by_action, by_command

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: scan-does-not-gate
title: Scan stops nothing
severity: medium
severity-reason: what it finds is built and deployed all the same
why: >-
  A scan that may fail, whose exit code is thrown away or set to 0, is a report that nobody has to read.
fix: "Let it fail the job; with a baseline only new findings do (`portside scan --baseline`)."
profile: recommended
form: object
kinds: [GitHubWorkflow, GitHubAction, GitLabPipeline]
fix-class: unsafe
controls: [B008]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-1
  - PCI-DSS-4.0.1:6.3.1
  - SOC2-TSC:CC7.1
  - NSA-CISA-1.2:upgrade/vuln-scan
aliases:
  - poutine:if_always_true
examples:
  - bad: a step that may fail, a command whose end is ignored, an exit code of 0
    lines: [8, 10, 11, 13]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: aquasecurity/trivy-action@18f2510ee396bbf400402947b394f2dd8c87dbb0
              continue-on-error: true
            - run: |
                portside scan deploy || true
                trivy image --exit-code 0 shop:1
            - uses: bridgecrewio/checkov-action@99bb2caf247dfd9f03cf984373bc6043d4e32ebf
              with: {soft_fail: true}
  - bad: GitLab
    file: .gitlab-ci.yml
    lines: [3, 6]
    manifest: |
      scan:
        script: portside scan deploy
        allow_failure: true
      lint:
        script:
          - checkov -d . --soft-fail
    fixed: |
      scan:
        script: portside scan deploy
      lint:
        script:
          - checkov -d . --soft-fail
  - good: it stops the job, and a report for people beside a scan that does
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: portside scan deploy
            - uses: aquasecurity/trivy-action@18f2510ee396bbf400402947b394f2dd8c87dbb0
              with: {exit-code: "1"}
            - uses: github/codeql-action/upload-sarif@b8d3b6e8af63cde30bdc382c0bc28114f4346c88
              if: always()
              continue-on-error: true
  - good: a file for GitHub's own pages, before the scan that stops
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: trivy fs --format sarif --output t.sarif --exit-code 0 .
            - run: trivy fs --exit-code 1 .
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    if it.kind == "GitLabPipeline":
        yield from _of_gitlab(it)
        return
    gates = {why.tool for step in file_of(it).steps for why in by_command(step.run) if not why.said}
    for step in file_of(it).steps:
        tolerant = step.at("continue-on-error") is True
        found = list(by_command(step.run)) + list(by_action(step))
        for scan in found:
            if tolerant:
                yield step.fault(f"{scan.tool} may fail, and nothing happens", "continue-on-error")
                break
            if scan.said and scan.tool not in gates:
                keys = scan.keys or ("run",)
                yield step.fault_in(f"{scan.tool} {scan.said}", *keys, span=scan.span)


def _of_gitlab(it: Resource) -> Iterator[Violation]:
    for job in pipeline(it).jobs:
        for keys, line in scripts(job):
            for scan in by_command(line):
                if job.allows_failure:
                    yield job.fault(f"{scan.tool} may fail, and nothing happens", "allow_failure")
                elif scan.said:
                    yield job.fault_in(f"{scan.tool} {scan.said}", *keys, span=scan.span)


def mend(it: Resource, found: Finding, params: dict[str, Any]) -> Iterator[FieldEdit]:
    if found.path[-1] not in ("continue-on-error", "allow_failure"):
        raise UnmendableError("what makes the scan pass is a part of its command")
    yield FieldEdit("remove", found.path)
