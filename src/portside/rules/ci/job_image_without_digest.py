"""An image of a job that has a version and no digest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.images import candidates

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: job-image-without-digest
title: Image of a job has no digest
severity: low
severity-reason: the tag of a version seldom moves, but it can
why: >-
  A tag can be pushed again. Only a digest says what will run tomorrow.
fix: "Name the digest behind the version: `node:22.11@sha256:…`."
profile: strict
form: object
kinds: [GitHubWorkflow, GitHubAction, GitLabPipeline]
fix-class: unsafe
controls: [B001]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - SLSA-1.2:Build
  - OWASP-CICD:SEC-3
  - "ATT&CK:T1195.002"
examples:
  - bad: versions
    lines: [6, 8]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          container: {image: "node:22.11"}
          services:
            db: {image: "postgres:17.2"}
          steps:
            - run: make
  - good: a digest, and no tag at all, which is another rule's
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          container: node
          services:
            db:
              image: postgres:17@sha256:9b2cc5a0ef3a9d3eb3a2f1b9d3a7bd0a39a1dcb0c6f4f1f94bb9a1b76b1b7c11
          steps:
            - run: make
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for part, keys, named in candidates(it):
        if named and named.name and named.tag not in ("", "latest") and not named.digest:
            yield part.fault(f"runs {named.name}:{named.tag} without a digest", *keys)
