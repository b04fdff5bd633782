"""An image that is pushed, of which nothing says where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.releases import PROVEN, pushes, says

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: image-without-provenance
title: Image is pushed without provenance
severity: medium
severity-reason: nobody can tell from which commit it was built
why: >-
  Provenance says from which commit, by which workflow and on which runner an image was built, and is signed by the build platform. Without it nobody can check that an image comes from this repository.
fix: "Use actions/attest-build-provenance, or `provenance: mode=max` of docker/build-push-action."
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
              with: {push: true}
            - uses: actions/attest-build-provenance@977bb373ede98d70efdf65b84cb5f73e068dcc2a
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
    if not says(it, PROVEN):
        for part, what, keys, span in pushes(it):
            yield part.fault_in(f"{what} pushes an image that has no provenance", *keys, span=span)
