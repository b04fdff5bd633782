"""A secret that every branch's workflow can read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.expression.flow import is_under, references
from portside.workflows.github import workflow

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: secret-outside-environment
title: Secret is no environment's
severity: medium
severity-reason: whoever can push a branch can read it
why: >-
  A secret of the repository is there for every workflow on every branch. One of an environment is there
  only for jobs that name it, and the environment can ask for an approval or a protected branch.
fix: "Move the secret to an environment, and name that in `environment:`."
profile: auditor
form: object
kinds: [GitHubWorkflow]
params:
  allowed: {type: list(string), default: [github_token], description: secrets that any job may use}
fix-class: none
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
  - zizmor:secrets-outside-env
examples:
  - bad: no environment
    lines: [8]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: make deploy
              env: {TOKEN: "${{ secrets.DEPLOY_TOKEN }}"}
  - good: an environment, and the token that every job has
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          environment: production
          steps:
            - run: make deploy
              env: {TOKEN: "${{ secrets.DEPLOY_TOKEN }}"}
        test:
          runs-on: ubuntu-24.04
          steps:
            - run: make test
              env: {TOKEN: "${{ secrets.GITHUB_TOKEN }}"}
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    whole = workflow(it)
    if "workflow_call" in whole.triggers:
        return
    allowed = {it.lower() for it in params["allowed"]}
    for job in whole.jobs:
        if job.calls_workflow or job.at("environment") is not None:
            continue
        for spoken in job.expressions():
            for it_ in references(spoken.tree):
                if is_under(it_, "secrets") and it_.key.lower() not in allowed:
                    name = job.spoken_text(spoken, it_)
                    yield job.fault_of(f"{name} is there for every branch", spoken, it_)
