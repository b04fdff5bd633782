"""The image says nothing of its user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.finding import Finding
from portside.model.mending import LineEdit
from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax.dockerfile.stages import Dockerfile

RULE = """
id: dockerfile-without-user
title: Image has no USER
severity: medium
severity-reason: without a USER the base image decides, and most of them leave it at root
why: >-
  The stage that becomes the image has no USER, nor have the stages that it is built from, so
  the user is that of the base image. That is root for nearly all of them.
fix: >-
  Add USER with a numeric id that is not 0, such as USER 65532:65532, or build on an image that
  is made to run without root.
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
  - checkov:CKV_DOCKER_3
  - trivy:DS-0002
  - "kics:Missing User Instruction"
examples:
  - bad: no USER at all
    file: Dockerfile
    lines: [1]
    manifest: |
      FROM alpine:3.20
      RUN id
    fixed: |
      FROM alpine:3.20
      RUN id
      USER 65532:65532
  - bad: a USER of a stage that only builds does not count
    file: Dockerfile
    lines: [4]
    manifest: |
      FROM golang:1.23 AS build
      USER 65532

      FROM alpine:3.20
      COPY --from=build /app /app
  - bad: an empty image has no user either
    file: Dockerfile
    lines: [1]
    manifest: |
      FROM scratch
      COPY app /app
  - good: a USER
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      USER 65532
  - good: inherited from the stage it is built from
    file: Dockerfile
    manifest: |
      FROM alpine:3.20 AS base
      USER 65532

      FROM base
      COPY app /app
  - good: the base is made to run without root
    file: Dockerfile
    manifest: |
      FROM gcr.io/distroless/static-debian12:nonroot
      COPY app /app
  - good: Windows has no root
    file: Dockerfile
    manifest: |
      FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
      COPY app.exe /app.exe
  - good: so are these, but for their -dev images
    file: Dockerfile
    manifest: |
      FROM cgr.dev/chainguard/static:latest
      COPY app /app
  - good: nobody knows the base
    file: Dockerfile
    manifest: |
      ARG BASE
      FROM $BASE
      COPY app /app
"""


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    dockerfile: Dockerfile = it.source
    stages = list(dockerfile.lineage(dockerfile.final))
    if any(step.instruction.keyword == "USER" for stage in stages for step in stage.steps):
        return
    base = stages[-1].base
    if base.known and not _runs_without_root(base.text.lower()):
        said = "sets no USER, so the image runs as the user of its base, most likely root"
        yield Violation(said, dockerfile.path(dockerfile.final.instruction))


def _runs_without_root(image: str) -> bool:
    """Images that say in their name or tag that their user is not root, and those of Windows."""
    name, _, tag = image.partition("@")[0].rpartition(":")
    if image.startswith("cgr.dev/"):
        return not tag.endswith("-dev")
    if "/windows/" in name or name.endswith(("/nanoserver", "/servercore")):
        return True
    return "nonroot" in tag or "rootless" in tag or "unprivileged" in name


def mend(it: FileResource, found: Finding, params: Mapping[str, Any]) -> Iterator[LineEdit]:
    dockerfile: Dockerfile = it.source
    steps = [*dockerfile.final.steps]
    last = steps[-1].instruction.last if steps else dockerfile.final.instruction.last
    yield LineEdit(last, "", "USER 65532:65532")
