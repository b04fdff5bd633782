"""A workflow with rights that checks out what a stranger sent, and runs it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.severity import HIGH
from portside.model.violation import Violation
from portside.workflows.expression.flow import is_under, references
from portside.workflows.github import HEAVY_TRIGGERS, Job, Step, workflow
from portside.workflows.shell import commands

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: untrusted-checkout
title: Workflow with rights runs a stranger's code
severity: critical
severity-reason: anybody who opens a pull request has the repository's token and secrets
why: >-
  The workflow runs with the repository's rights and checks out the pull request. Its build files, tests
  and package scripts are the stranger's, and so is what runs next.
fix: "Build pull requests under `pull_request`, and hand results to a workflow with rights as data."
profile: recommended
form: object
kinds: [GitHubWorkflow]
fix-class: none
controls: [B003]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-4
  - "ATT&CK:T1195"
  - "ATT&CK:T1059"
aliases:
  - poutine:untrusted_checkout_exec
examples:
  - bad: the head of a pull request is built, and one is only looked at
    lines: [9, 16]
    manifest: |
      on: pull_request_target
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
              with:
                ref: ${{ github.event.pull_request.head.sha }}
            - run: make test
        look:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
              with:
                ref: refs/pull/${{ github.event.number }}/merge
  - bad: a comment starts it
    lines: [8]
    manifest: |
      on: issue_comment
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: |
                gh pr checkout "$NUMBER"
                npm ci
              env: {NUMBER: "${{ github.event.issue.number }}"}
  - good: the base is checked out
    manifest: |
      on: pull_request_target
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
            - run: make test
  - good: a pull request without rights
    manifest: |
      on: pull_request
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
              with:
                ref: ${{ github.event.pull_request.head.sha }}
            - run: make test
"""

_ON_BEHALF = (*HEAVY_TRIGGERS, "issue_comment", "pull_request_review_comment")
_HEADS = (
    ("github", "head_ref"),
    ("github", "event", "pull_request", "head"),
    ("github", "event", "pull_request", "merge_commit_sha"),
    ("github", "event", "workflow_run", "head_sha"),
    ("github", "event", "workflow_run", "head_branch"),
    ("github", "event", "workflow_run", "head_repository"),
)


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    whole = workflow(it)
    if not any(trigger in whole.triggers for trigger in _ON_BEHALF):
        return
    for job in whole.jobs:
        for at, step in enumerate(job.steps):
            found = _checkout(step)
            if found is not None:
                yield _said(job, at, found)


def _said(job: Job, at: int, found: Violation) -> Violation:
    later = job.steps[at + 1 :]
    if job.steps[at].run or any(it.run or it.text("uses").startswith("./") for it in later):
        return found.but(message=f"{found.message}, and runs what is in it")
    return found.but(severity=HIGH)


def _checkout(step: Step) -> Violation | None:
    if step.names("actions/checkout"):
        for name in ("ref", "repository"):
            key = step.input_key(name)
            text = step.text("with", key)
            for spoken in step.spoken("with", key):
                if text.startswith("refs/pull/") or _is_a_head(spoken.tree):
                    return step.fault_of("checks out what the pull request holds", spoken)
    for command in commands(step.run) if "checkout" in step.run or "fetch" in step.run else ():
        words = command.arguments
        if (command.name == "gh" and words[:2] == ["pr", "checkout"]) or (
            command.name == "git" and any("pull/" in it for it in words)
        ):
            span = (command.start, command.end)
            return step.fault_in("checks out what the pull request holds", "run", span=span)
    return None


def _is_a_head(tree: Any) -> bool:
    return any(is_under(it, *head) for it in references(tree) for head in _HEADS)
