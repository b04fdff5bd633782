"""A pipeline that changes a cluster, with nobody asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.deploys import deploys
from portside.workflows.github import Workflow, file_of
from portside.workflows.gitlab import pipeline, scripts
from portside.workflows.scanners import by_action, by_command

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: unreviewed-deploy
title: Pipeline changes a cluster without an approval
severity: high
severity-reason: whoever can push a branch, or run code in the job, changes the cluster
why: >-
  A job that runs `kubectl apply` or `helm upgrade` and names no environment runs for every push, without
  an approval, and with a credential that every branch can use. What it applies nobody has judged.
fix: "Name an `environment:` with required reviewers, scan what is applied in the same job, or let Argo CD or Flux pull it."
profile: recommended
form: object
kinds: [GitHubWorkflow, GitLabPipeline]
fix-class: none
controls: [B009]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - OWASP-CICD:SEC-1
  - "ATT&CK:T1610"
  - NIST-800-190:4.3.1
  - NSA-CISA(via kubescape C-0035)
examples:
  - bad: commands and an action
    lines: [8, 9, 10]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: |
                kubectl apply -f deploy
                helm upgrade --install shop ./chart
            - uses: azure/k8s-deploy@c0b9b1aec7fc6cf0e9d4eb3e0d86b0b5b1d5d1a2
  - bad: GitLab
    file: .gitlab-ci.yml
    lines: [3]
    manifest: |
      deploy:
        script:
          - kubectl -n shop apply -k deploy
  - good: an environment, and what changes nothing
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          environment: production
          steps:
            - run: kubectl apply -f deploy
        check:
          runs-on: ubuntu-24.04
          steps:
            - run: |
                kubectl diff -f deploy
                kubectl apply --dry-run=server -f deploy
                helm upgrade --dry-run shop ./chart
  - good: a cluster that is made for the test
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: helm/kind-action@92086f6be054225fa813e0a4b13787fc9088faab
            - run: kubectl apply -f deploy
  - good: GitLab, with an environment
    file: .gitlab-ci.yml
    manifest: |
      deploy:
        environment: production
        script:
          - kubectl apply -k deploy
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    if it.kind == "GitLabPipeline":
        for job in pipeline(it).jobs:
            lines = list(scripts(job))
            if job.environment or job.name.startswith("."):
                continue
            judged = any(list(by_command(line)) for _, line in lines)
            for keys, line in lines:
                for what, span in deploys(line):
                    yield job.fault_in(_said(what, judged), *keys, span=span)
        return
    whole = file_of(it)
    if isinstance(whole, Workflow):
        yield from _of_github(whole)


def _of_github(whole: Workflow) -> Iterator[Violation]:
    for job in whole.jobs:
        if job.at("environment") is not None or any(it.names(*_THROWN_AWAY) for it in job.steps):
            continue
        judged = any([*by_command(it.run), *by_action(it)] for it in job.steps)
        for step in job.steps:
            if step.names(*_ACTIONS):
                yield step.fault_in(_said(step.text("uses").partition("@")[0], judged), "uses")
            for what, span in deploys(step.run):
                yield step.fault_in(_said(what, judged), "run", span=span)


def _said(what: str, judged: bool) -> str:
    more = "" if judged else ", and nothing in the job has judged what is applied"
    return f"{what} changes a cluster without an environment that could ask for an approval{more}"


_ACTIONS = ("azure/k8s-deploy", "deliverybot/helm", "koslib/helm-eks-action")
_THROWN_AWAY = (
    *("helm/kind-action", "engineerd/setup-kind", "medyagh/setup-minikube"),
    *("absaoss/k3d-action", "nolar/setup-k3d-k3s", "container-tools/kind-action"),
    "manusa/actions-setup-minikube",
)
"""Actions that make a cluster for the job alone."""
