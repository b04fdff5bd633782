"""A base image with the tag latest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax.dockerfile.images import bases, tag_of
from portside.syntax.dockerfile.stages import Dockerfile

RULE = """
id: base-image-latest
title: Base image is the latest one
severity: medium
severity-reason: each build may start from another image
why: >-
  The tag latest moves with every release of the base image. The same Dockerfile makes another
  image tomorrow, and what was tested and scanned is not what is built next.
fix: >-
  Name a version, and better its digest too, as in alpine:3.20@sha256:….
profile: recommended
form: object
kinds: [Dockerfile]
fix-class: unsafe
controls: [D002]
frameworks:
  - OWASP-K8s-2022:K02
  - NIST-800-190:4.1.2
  - PCI-DSS-4.0.1:2.2.1
  - SOC2-TSC:CC7.1
  - ISO27001-2022:A.8.9
  - CIS-Docker:4.2
  - SLSA-1.2:Build
  - MS-ThreatMatrix:MS-TA9002
aliases:
  - checkov:CKV_DOCKER_7
  - trivy:DS-0001
  - "kics:Image Version Using 'latest'"
  - hadolint:DL3007
examples:
  - bad: latest
    file: Dockerfile
    lines: [1]
    manifest: |
      FROM debian:latest
      USER 65532
  - bad: by a variable that has a value
    file: Dockerfile
    lines: [2]
    manifest: |
      ARG VERSION=latest
      FROM debian:${VERSION}
      USER 65532
  - good: a version
    file: Dockerfile
    manifest: |
      FROM debian:12.6
      USER 65532
  - good: the digest decides, whatever the tag
    file: Dockerfile
    manifest: |
      FROM debian:latest@sha256:e8a1f4a0a1b2f6d25b0c7d9b6f6d3c4c3a1b2f6d25b0c7d9b6f6d3c4c3a1b2f6
      USER 65532
"""


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    dockerfile: Dockerfile = it.source
    for stage in bases(dockerfile):
        if tag_of(stage.base.text) == ("latest", ""):
            said = f"builds on {stage.base.text}, which is another image after each release"
            yield Violation(said, dockerfile.path(stage.instruction))
