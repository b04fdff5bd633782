"""A secret among the words of a program that sends them away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.github import steps
from portside.workflows.gitlab import pipeline, scripts

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: secret-sent-by-curl
title: Secret on the command line of curl
severity: high
severity-reason: a changed address sends the secret to somebody else
why: >-
  A secret in a line of curl stands in the list of processes, and one changed word of the line sends it
  somewhere else. Attackers who get a foot into a pipeline send secrets out in just this way.
fix: "Give the secret in a variable and let curl read it from a file or from its standard input (`-H @-`)."
profile: strict
form: object
kinds: [GitHubWorkflow, GitHubAction, GitLabPipeline]
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
  - checkov:CKV_GHA_3
  - checkov:CKV_GITLABCI_1
examples:
  - bad: a secret of GitHub
    lines: [9]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: |
                make
                curl -d "${{ secrets.TOKEN }}" https://example.org
  - bad: a variable of GitLab
    file: .gitlab-ci.yml
    lines: [4]
    manifest: |
      deploy:
        script:
          - make
          - curl -d token=$CI_JOB_TOKEN $CI_API_V4_URL/x
  - good: no secret in the line
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - run: curl --fail https://example.org
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    if it.kind == "GitLabPipeline":
        for part in pipeline(it).with_settings:
            for keys, line in scripts(part):
                if line.startswith("curl") and "$CI" in line:
                    yield part.fault_in("curl sends a variable of the pipeline", *keys)
        return
    for step in steps(it):
        at = 0
        for line in step.run.split("\n") if "curl" in step.run else ():
            if "curl" in line and "secret" in line:
                begin = at + len(line) - len(line.lstrip())
                span = (begin, at + len(line.rstrip()))
                yield step.fault_in("curl sends a secret", "run", span=span)
                break
            at += len(line) + 1
