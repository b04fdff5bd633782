"""A workflow of which any number runs at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.finding import Finding
from portside.model.mending import FieldEdit, UnmendableError
from portside.model.violation import Violation
from portside.workflows.github import Job, workflow

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: concurrency-limits
title: Workflow runs any number of times at once
severity: low
severity-reason: costs runners, and two deployments may overtake each other
why: >-
  Without `concurrency:` every push starts another run beside those that are under way. Without
  `cancel-in-progress` nobody can tell whether an older one is meant to end.
fix: "Write `concurrency: {group: '${{ github.workflow }}-${{ github.ref }}', cancel-in-progress: true}`."
profile: strict
form: object
kinds: [GitHubWorkflow]
fix-class: unsafe
controls: [B017]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-1
  - "ATT&CK:T1027"
aliases:
  - zizmor:concurrency-limits
examples:
  - bad: nothing is said
    lines: [1]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make
    fixed: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make
      concurrency:
        group: "${{ github.workflow }}-${{ github.ref }}"
        cancel-in-progress: true
  - bad: a group alone
    lines: [2]
    manifest: |
      on: push
      concurrency: one
      permissions: {}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps: [{run: make}]
  - good: both, for all or for each job
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          concurrency: {group: one, cancel-in-progress: false}
          steps:
            - run: make
  - good: a workflow that others call
    manifest: |
      on: workflow_call
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    whole = workflow(it)
    if whole.is_called_only:
        return
    if type(whole.at("concurrency")) is str:
        yield whole.fault("does not say whether an older run ends", "concurrency")
    elif whole.at("concurrency") is None:
        jobs = [job for job in whole.jobs if not job.calls_workflow]
        for said, found in (
            ("which do not say whether an older run ends", [it for it in jobs if _is_bare(it)]),
            (
                "of which any number runs at once",
                [it for it in jobs if it.at("concurrency") is None],
            ),
        ):
            if found:
                names = ", ".join(job.name for job in found[:5])
                yield whole.fault(f"has jobs {said}: {names}", whole.trigger_key)


def _is_bare(job: Job) -> bool:
    return type(job.at("concurrency")) is str


def mend(it: Resource, found: Finding, params: dict[str, Any]) -> Iterator[FieldEdit]:
    if found.path[-1:] == ("concurrency",):
        raise UnmendableError("whether an older run may end is for you to say")
    group = "${{ github.workflow }}-${{ github.ref }}"
    yield FieldEdit("set", ("concurrency",), {"group": group, "cancel-in-progress": True})
