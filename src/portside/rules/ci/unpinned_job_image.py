"""An image of a job, a service or an action that has no tag, or one that moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.images import candidates

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: unpinned-job-image
title: Image of a job moves
severity: high
severity-reason: whoever can push the tag runs code in the pipeline
why: >-
  A job in a container runs whatever the image's tag stands for that day, with the checkout, the token
  and the secrets of the job at hand.
fix: "Name the digest: `image: node:22.11@sha256:…`."
profile: recommended
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
aliases:
  - zizmor:unpinned-images
examples:
  - bad: no tag, and latest, wherever an image may stand
    lines: [6, 9, 11, 15]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          container: node
          services:
            db:
              image: postgres:latest
          steps:
            - uses: docker://registry.example.org:5000/lint
        test:
          runs-on: ubuntu-24.04
          container:
            image: ghcr.io/example/test:latest
          steps:
            - run: make test
  - bad: what a matrix lists, and what nobody can tell before it runs
    lines: [9, 11]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          strategy:
            matrix:
              image: ["node:22", "node", ""]
          runs-on: ubuntu-24.04
          container: ${{ matrix.image }}
          services:
            db: {image: "${{ inputs.db || 'postgres:17' }}"}
          steps:
            - run: make
  - bad: an action that is an image
    file: action.yaml
    lines: [5]
    manifest: |
      name: lint
      description: lints
      runs:
        using: docker
        image: docker://ghcr.io/example/lint
  - bad: GitLab
    file: .gitlab-ci.yml
    lines: [2, 4, 5]
    manifest: |
      default:
        image: node
      test:
        image: {name: "golang:latest"}
        services: [postgres, "redis:7.4"]
        script: make test
  - good: digests, and versions, which are another rule's
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          container: node:22.11
          services:
            db:
              image: postgres@sha256:9b2cc5a0ef3a9d3eb3a2f1b9d3a7bd0a39a1dcb0c6f4f1f94bb9a1b76b1b7c11
          steps:
            - run: make
  - good: an action that builds its image from its own Dockerfile
    file: action.yaml
    manifest: |
      name: lint
      description: lints
      runs:
        using: docker
        image: Dockerfile
  - good: GitLab, whose variables are set elsewhere
    file: .gitlab-ci.yml
    manifest: |
      test:
        image: $CI_REGISTRY_IMAGE/test
        services:
          - name: postgres:17.2
            alias: db
        script: make test
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for part, keys, named in candidates(it):
        if named is None:
            yield part.fault("runs an image that is known only at run time, and may move", *keys)
        elif named.name and not named.digest and named.tag in ("", "latest"):
            tag = "whose tag latest moves" if named.tag else "which has no tag: that means latest"
            yield part.fault(f"runs {named.name}, {tag}", *keys)
