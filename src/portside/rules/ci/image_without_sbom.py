"""An image that is pushed, of which nothing says what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.releases import LISTED, pushes, says

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: image-without-sbom
title: Image is pushed without a list of what is in it
severity: medium
severity-reason: nobody can say which images hold a broken library
why: >-
  When a hole in a library is published, only a list of what is in each image says which of them must be built anew.
fix: "Attach one: `sbom: true` of docker/build-push-action, or syft with `cosign attest --type spdxjson`."
profile: strict
form: object
kinds: [GitHubWorkflow, GitLabPipeline]
fix-class: none
controls: [B012]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - SLSA-1.2:Build
  - OWASP-CICD:SEC-9
  - PCI-DSS-4.0.1:6.3.2
  - NIST-800-190:4.1.5
examples:
  - bad: an action and a command that push
    lines: [7, 9]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: docker/build-push-action@263435318d21b8e681c14492fe198d362a7d2c83
              with: {push: true}
            - run: docker push ghcr.io/example/shop:1
  - bad: GitLab
    file: .gitlab-ci.yml
    lines: [4]
    manifest: |
      publish:
        script:
          - docker build -t "$CI_REGISTRY_IMAGE" .
          - docker push "$CI_REGISTRY_IMAGE"
  - good: it has one
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: docker/build-push-action@263435318d21b8e681c14492fe198d362a7d2c83
              with: {push: true, sbom: true}
            - run: make
  - good: nothing is pushed
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: docker/build-push-action@263435318d21b8e681c14492fe198d362a7d2c83
            - run: docker build .
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    if not says(it, LISTED):
        for part, what, keys, span in pushes(it):
            yield part.fault_in(
                f"{what} pushes an image that has no list of what is in it (SBOM)", *keys, span=span
            )
