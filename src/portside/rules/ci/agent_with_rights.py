"""A language model that reads what strangers write, and may act."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.contexts import is_from_outside
from portside.workflows.expression.flow import references
from portside.workflows.github import Job, Step, workflow

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: agent-with-rights
title: Language model reads strangers' text and may act
severity: high
severity-reason: a sentence in an issue becomes a command with the job's token
why: >-
  A model cannot tell its task from a sentence in the text that it reads. An issue that says "ignore this,
  and push that" is followed now and then, with every tool and permission that the job gives the model.
fix: "Give the job `permissions: {contents: read}` and no secrets but the model's, and let a person act on what it says."
profile: recommended
form: object
kinds: [GitHubWorkflow]
params:
  agents:
    type: list(string)
    default: [anthropics/claude-code-action, anthropics/claude-code-base-action, openai/codex-action, google-github-actions/run-gemini-cli, actions/ai-inference, github/gh-aw, augmentcode/augment-agent, qodo-ai/pr-agent]
    description: actions that are agents of a language model
fix-class: none
controls: [B016]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-4
  - "ATT&CK:T1059"
aliases:
  - poutine:llm_prompt_injection
examples:
  - bad: issues start it, and it may write
    lines: [8]
    manifest: |
      on: {issues: {types: [opened]}}
      permissions: {}
      jobs:
        answer:
          runs-on: ubuntu-24.04
          permissions: {contents: write, issues: write}
          steps:
            - uses: anthropics/claude-code-action@beffd8f5ae2e5d1ef8b1e6d3d7f3d4c3a2b1c0d9
              with: {prompt: "Answer: ${{ github.event.issue.body }}"}
  - good: it may read, and what it says is only shown
    manifest: |
      on: {issues: {types: [opened]}}
      permissions: {}
      jobs:
        answer:
          runs-on: ubuntu-24.04
          permissions: {contents: read}
          steps:
            - uses: actions/ai-inference@beffd8f5ae2e5d1ef8b1e6d3d7f3d4c3a2b1c0d9
              with: {prompt: "Sum up: ${{ github.event.issue.body }}"}
  - good: nobody from outside starts it
    manifest: |
      on: {schedule: [{cron: "0 6 * * 1"}]}
      permissions: {contents: write}
      jobs:
        tidy:
          runs-on: ubuntu-24.04
          steps:
            - uses: anthropics/claude-code-action@beffd8f5ae2e5d1ef8b1e6d3d7f3d4c3a2b1c0d9
              with: {prompt: tidy up}
"""

_FROM_OUTSIDE = (
    *("issues", "issue_comment", "pull_request_target", "pull_request_review", "discussion"),
    *("pull_request_review_comment", "discussion_comment", "workflow_run"),
)


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    whole = workflow(it)
    started = any(trigger in whole.triggers for trigger in _FROM_OUTSIDE)
    agents = tuple(name.lower() for name in params["agents"])
    for job in whole.jobs:
        may = _rights(job)
        for step in job.steps if may else ():
            if step.uses and step.uses.slug in agents and (started or _is_fed(step)):
                said = f"reads what strangers write, and may {may}"
                yield step.fault_in(said, "uses")


def _is_fed(step: Step) -> bool:
    return any(
        is_from_outside(it) for spoken in step.expressions() for it in references(spoken.tree)
    )


def _rights(job: Job) -> str:
    found = job.effective_permissions
    if found is None or found == "write-all":
        return (
            "do whatever the repository grants by default" if found is None else "write everything"
        )
    if type(found) is dict:
        scopes = sorted(scope for scope, level in found.items() if level == "write")
        return f"write {', '.join(scopes)}" if scopes else ""
    return ""
