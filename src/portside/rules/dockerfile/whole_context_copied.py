"""All of the build context goes into the image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax.dockerfile.stages import Dockerfile

RULE = """
id: whole-context-copied
title: Build copies its whole context
severity: low
severity-reason: >-
  whatever lies in the folder gets into the image: history, settings, keys
why: >-
  The stage that becomes the image copies the whole context. What .dockerignore does not name
  goes into the image, .git with all that was ever committed, .env and keys among it.
fix: Copy the files that the program needs by name, or name .git, .env and keys in .dockerignore.
profile: auditor
form: object
kinds: [Dockerfile]
fix-class: none
controls: [D008]
frameworks:
  - OWASP-K8s-2022:K02
  - NIST-800-190:4.1.2
  - PCI-DSS-4.0.1:2.2.1
  - SOC2-TSC:CC7.1
  - ISO27001-2022:A.8.9
  - CIS-Docker:4.3
  - MS-ThreatMatrix:MS-TA9012
  - NSA-CISA-1.2:build/minimal
examples:
  - bad: the context as it is
    file: Dockerfile
    lines: [2]
    manifest: |
      FROM alpine:3.20
      COPY . /app
      USER 65532
  - bad: ADD, and an array
    file: Dockerfile
    lines: [2, 3]
    manifest: |
      FROM alpine:3.20
      ADD ./ /app
      COPY ["*", "/app/"]
      USER 65532
  - good: parts of it, or not the delicate ones
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      COPY src/ /app/
      COPY --exclude=.git --exclude=.env . /app
      USER 65532
  - good: into a stage that only builds
    file: Dockerfile
    manifest: |
      FROM golang:1.23 AS build
      COPY . /src
      RUN go build

      FROM alpine:3.20
      COPY --from=build . /app
      USER 65532
"""


_WHOLE = frozenset({".", "./", "*", "./*", "/", "/."})


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    dockerfile: Dockerfile = it.source
    for stage in dockerfile.lineage(dockerfile.final):
        for step in stage.steps:
            instruction = step.instruction
            if instruction.keyword not in ("COPY", "ADD") or instruction.flag("from") is not None:
                continue
            if instruction.flag("exclude") is None and any(
                value.text in _WHOLE for value in step.values[:-1]
            ):
                said = "copies the whole context into the image, but for what .dockerignore names"
                yield Violation(said, dockerfile.path(instruction))
