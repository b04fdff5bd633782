"""A token that may do more than its job needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.finding import Finding
from portside.model.mending import FieldEdit
from portside.model.severity import HIGH, LOW, MEDIUM
from portside.model.violation import Violation
from portside.workflows.github import Job, Workflow, workflow

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: excessive-token-permissions
title: Token may do more than the job needs
severity: medium
severity-reason: whoever gets one step to run their code has the token of the whole job
why: >-
  Without `permissions:` the token has what the repository or the organisation gives by default, often
  write access to everything. What is granted to a whole workflow is granted to every step of every job.
fix: "Write `permissions: {}` at the top, and at each job what it needs."
profile: recommended
form: object
kinds: [GitHubWorkflow]
fix-class: unsafe
controls: [B002]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-5
  - SLSA-1.2:Build
  - "ATT&CK:T1078"
aliases:
  - zizmor:excessive-permissions
  - poutine:default_permissions_on_risky_events
examples:
  - bad: nothing is said
    lines: [1, 3, 6]
    manifest: |
      on: push
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps: [{run: make}]
        test:
          runs-on: ubuntu-24.04
          steps: [{run: make test}]
  - bad: everything, and write access for all jobs
    lines: [3, 8]
    manifest: |
      on: push
      permissions:
        contents: write
        issues: read
      jobs:
        build:
          runs-on: ubuntu-24.04
          permissions: write-all
          steps: [{run: make}]
        test:
          runs-on: ubuntu-24.04
          steps: [{run: make test}]
    fixed: |
      on: push
      permissions:
        contents: read
        issues: read
      jobs:
        build:
          runs-on: ubuntu-24.04
          permissions:
            contents: read
          steps: [{run: make}]
        test:
          runs-on: ubuntu-24.04
          steps: [{run: make test}]
  - good: nothing for all, and for each job what it needs
    manifest: |
      on: push
      permissions: {}
      jobs:
        build:
          runs-on: ubuntu-24.04
          permissions: {contents: write}
          steps: [{run: make}]
        test:
          runs-on: ubuntu-24.04
          steps: [{run: make test}]
  - good: one job, for which the workflow speaks, and a workflow whose caller decides
    manifest: |
      on: workflow_call
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps: [{run: make}]
"""

_WEIGHTS = {
    **dict.fromkeys(("actions", "attestations", "contents", "deployments", "id-token"), HIGH),
    **dict.fromkeys(("issues", "packages", "pages", "pull-requests"), HIGH),
    **dict.fromkeys(("models", "statuses"), LOW),
}
_ALL = {"read-all": (MEDIUM, "everything be read"), "write-all": (HIGH, "everything be written")}


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    whole = workflow(it)
    if not _is_for_its_jobs_alone(whole):
        yield from _of_workflow(whole)
    for job in whole.jobs:
        if job.calls_workflow or not whole.is_called_only:
            yield from _of_job(whole, job)


def _is_for_its_jobs_alone(whole: Workflow) -> bool:
    """Whether what it grants to all is granted to one, to none, or decided by its caller."""
    jobs = whole.part("jobs").value
    return (
        len(jobs) == 1
        or whole.is_called_only
        or all(it.permissions is not None for it in whole.jobs)
    )


def _of_workflow(whole: Workflow) -> Iterator[Violation]:
    found = whole.at("permissions")
    if found is None:
        yield whole.fault(
            "its token has whatever the repository grants by default", severity=MEDIUM
        )
    elif type(found) is str and found in _ALL:
        severity, what = _ALL[found]
        yield whole.fault(f"lets {what} by every job", "permissions", severity=severity)
    for scope, level in found.items() if type(found) is dict else ():
        if level == "write":
            said = f"grants {scope}: write to every job"
            severity = _WEIGHTS.get(scope, MEDIUM)
            yield whole.fault(said, "permissions", scope, severity=severity)


def _of_job(whole: Workflow, job: Job) -> Iterator[Violation]:
    found = job.permissions
    if found is None and whole.at("permissions") is None:
        said = f"job {job.name} has whatever the repository grants by default"
        yield job.fault(said, severity=MEDIUM)
    elif type(found) is str and found in _ALL:
        severity, what = _ALL[found]
        yield job.fault(f"lets {what} by job {job.name}", "permissions", severity=severity)


def mend(it: Resource, found: Finding, params: dict[str, Any]) -> Iterator[FieldEdit]:
    """Reading the repository is what is left; what a job writes to has to be granted to it."""
    path = found.path
    if path[-2:-1] == ("permissions",):
        yield FieldEdit("set", path, "read")
    elif path[-1:] == ("permissions",):
        yield FieldEdit("set", path, {"contents": "read"})
    else:
        yield FieldEdit("set", (*path, "permissions", "contents"), "read")
