"""Debug logs that are switched on for good."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.github import file_of
from portside.workflows.gitlab import pipeline
from portside.workflows.part import Part

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: debug-logging
title: Debug logs are always on
severity: medium
severity-reason: debug logs show variables, and secrets that masking misses
why: >-
  The runner's debug log shows the variables and the answers of each step. GitLab's trace prints every
  variable of the job, secrets too, for everybody who may read the job.
fix: "Remove the variable; switch debugging on for a single run."
profile: recommended
form: object
kinds: [GitHubWorkflow, GitHubAction, GitLabPipeline]
fix-class: safe
patch:
  - remove: finding
controls: [B013]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-6
  - "ATT&CK:T1552"
aliases:
  - poutine:debug_enabled
examples:
  - bad: for a job and for a step
    lines: [6, 9]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          env: {ACTIONS_STEP_DEBUG: true}
          steps:
            - run: make
              env: {ACTIONS_RUNNER_DEBUG: "1"}
  - bad: GitLab, for all jobs and for one
    file: .gitlab-ci.yml
    lines: [2, 5]
    manifest: |
      variables:
        CI_DEBUG_TRACE: "true"
      build:
        variables:
          CI_DEBUG_SERVICES: {value: "true"}
        script: make
    fixed: |
      build:
        script: make
  - good: switched off
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          env: {ACTIONS_STEP_DEBUG: false, LEVEL: "true"}
          steps:
            - run: make
"""

_NAMES = frozenset(
    (
        *("ACTIONS_STEP_DEBUG", "ACTIONS_RUNNER_DEBUG", "RUNNER_DEBUG"),
        *("CI_DEBUG_TRACE", "CI_DEBUG_SERVICES"),
    )
)


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    parts: list[Part] = []
    key = "env"
    if it.kind == "GitLabPipeline":
        parts, key = list(pipeline(it).with_settings), "variables"
    else:
        whole = file_of(it)
        parts = [whole, *getattr(whole, "jobs", ()), *whole.steps]
    for part in parts:
        for name in _NAMES & part.part(key).value.keys():
            found = part.text(key, name) or part.text(key, name, "value")
            if found.strip().lower() in ("true", "1"):
                yield part.fault(f"{name} switches debug logs on for every run", key, name)
