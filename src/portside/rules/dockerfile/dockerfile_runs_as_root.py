"""The last USER of the image is root."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.finding import Finding
from portside.model.mending import LineEdit
from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax.dockerfile.stages import Dockerfile

RULE = """
id: dockerfile-runs-as-root
title: Image runs as root
severity: medium
severity-reason: a way out of the container starts with more rights on the node
why: >-
  The last USER of the stage that becomes the image is root, so each process starts with the
  rights of root unless the workload says otherwise. A flaw in the program, or in the kernel, is
  then worth more.
fix: >-
  End the stage with a USER of a numeric id that is not 0, such as USER 65532:65532, after the
  files that it needs were given to it.
profile: recommended
form: object
kinds: [Dockerfile]
fix-class: unsafe
controls: [D001]
frameworks:
  - OWASP-K8s-2022:K02
  - NIST-800-190:4.1.2
  - PCI-DSS-4.0.1:2.2.1
  - SOC2-TSC:CC7.1
  - ISO27001-2022:A.8.9
  - CIS-Docker:4.1
  - NSA-CISA-1.2:build/non-root
  - MS-ThreatMatrix:MS-TA9018
aliases:
  - checkov:CKV_DOCKER_8
  - trivy:DS-0002
  - "kics:Last User Is 'root'"
  - hadolint:DL3002
examples:
  - bad: the last USER counts
    file: Dockerfile
    lines: [4]
    manifest: |
      FROM alpine:3.20
      USER 65532
      RUN id
      USER root
  - bad: by number, with a group
    file: Dockerfile
    lines: [3]
    manifest: |
      FROM alpine:3.20
      RUN id
      USER 0:0
    fixed: |
      FROM alpine:3.20
      RUN id
      USER 65532:65532
  - bad: by a variable that has a value
    file: Dockerfile
    lines: [3]
    manifest: |
      FROM alpine:3.20
      ARG ID=0
      USER $ID
  - bad: the stage that it is built from says so
    file: Dockerfile
    lines: [2]
    manifest: |
      FROM alpine:3.20 AS base
      USER root
      RUN id

      FROM base
      RUN id
  - good: root to install, another one to run
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      USER root
      RUN id
      USER 65532:65532
  - good: a stage that only builds
    file: Dockerfile
    manifest: |
      FROM golang:1.23 AS build
      USER root
      RUN go build

      FROM alpine:3.20
      COPY --from=build /app /app
      USER 65532
  - good: nobody knows which user that is
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      ARG ID
      USER $ID
"""


_ROOT = ("root", "0")


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    dockerfile: Dockerfile = it.source
    for stage in dockerfile.lineage(dockerfile.final):
        for step in reversed(stage.steps):
            if step.instruction.keyword == "USER":
                user = step.values[0]
                if user.known and user.text.partition(":")[0] in _ROOT:
                    yield Violation(
                        "makes root the user of the image", dockerfile.path(step.instruction)
                    )
                return


def mend(it: FileResource, found: Finding, params: Mapping[str, Any]) -> Iterator[LineEdit]:
    dockerfile: Dockerfile = it.source
    for stage in dockerfile.lineage(dockerfile.final):
        for step in stage.steps:
            if dockerfile.path(step.instruction) == found.path:
                line, _ = step.instruction.at
                yield LineEdit(line, step.values[0].text, "65532:65532")
