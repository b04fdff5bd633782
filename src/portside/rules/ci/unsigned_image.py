"""An image that is pushed, of which nothing says who built it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.releases import SIGNED, pushes, says

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: unsigned-image
title: Image is pushed without a signature
severity: medium
severity-reason: nobody can tell at admission who built it
why: >-
  A signature says who built an image. Without one a cluster cannot tell an image of this pipeline from one that somebody else pushed under the same tag.
fix: "Sign the digest that was pushed: `cosign sign --yes IMAGE@DIGEST`."
profile: recommended
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
            - run: cosign sign --yes "$IMAGE@$DIGEST"
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
    if not says(it, SIGNED):
        for part, what, keys, span in pushes(it):
            yield part.fault_in(f"{what} pushes an image that has no signature", *keys, span=span)
