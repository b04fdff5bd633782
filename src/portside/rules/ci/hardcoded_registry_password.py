"""A password of a registry that is written in the workflow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.expression import only_fence
from portside.workflows.github import workflow

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: hardcoded-registry-password
title: Password of a registry is written in the workflow
severity: high
severity-reason: everybody who can read the repository has it, and its history keeps it
why: >-
  A password in a workflow is in every clone of the repository, for ever.
fix: "Store it as a secret, use `${{ secrets.NAME }}`, and change the password."
profile: recommended
form: object
kinds: [GitHubWorkflow]
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
  - zizmor:hardcoded-container-credentials
examples:
  - bad: of a job's container and of a service
    lines: [6, 14]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          container: {image: "r.example.org/a:1", credentials: {username: u, password: not-so-secret}}
          steps:
            - run: make
        test:
          runs-on: ubuntu-24.04
          services:
            db:
              image: r.example.org/db:1
              credentials:
                username: u
                password: not-so-secret
          steps:
            - run: make
  - good: a secret
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          container: {image: "r.example.org/a:1", credentials: {username: u, password: "${{ secrets.R }}"}}
          steps:
            - run: make
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for job in workflow(it).jobs:
        places: list[tuple[str, ...]] = [("container",)]
        places += [("services", name) for name in job.part("services").value]
        for keys in places:
            password = job.text(*keys, "credentials", "password")
            if password and only_fence(password.strip()) is None:
                yield job.fault("the registry's password is written here", *keys, "credentials")
