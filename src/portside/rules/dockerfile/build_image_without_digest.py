"""An image that a build takes something from, without a digest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax.dockerfile.commands import place_of
from portside.syntax.dockerfile.images import bases, tag_of
from portside.syntax.dockerfile.stages import Dockerfile

RULE = """
id: build-image-without-digest
title: Image used in the build is not pinned by digest
severity: low
severity-reason: a tag can be moved to another image by whoever may push to the registry
why: >-
  The build takes its base, files or its own frontend from an image that is named by a tag
  alone. Tags can be pushed again, by mistake or by an intruder, and no scan of yesterday says
  anything of the image of today.
fix: >-
  Add the digest behind the tag, as in alpine:3.20@sha256:…, and let a bot keep it up to date.
profile: strict
form: object
kinds: [Dockerfile]
covered-by:
  - base-image-untagged
  - base-image-latest
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
examples:
  - bad: the base
    file: Dockerfile
    lines: [1]
    manifest: |
      FROM debian:12.6
      USER 65532
  - bad: images in COPY, in mounts and in the syntax line
    file: Dockerfile
    lines: [1, 3, 4]
    manifest: |
      # syntax=docker/dockerfile:1.9
      FROM debian:12.6@sha256:e8a1f4a0a1b2f6d25b0c7d9b6f6d3c4c3a1b2f6d25b0c7d9b6f6d3c4c3a1b2f6
      COPY --from=busybox:1.36 /bin/busybox /bin/
      RUN --mount=type=bind,from=tools:1,target=/t /t/run
      USER 65532
  - good: digests, stages and the empty image
    file: Dockerfile
    manifest: |
      FROM go@sha256:e8a1f4a0a1b2f6d25b0c7d9b6f6d3c4c3a1b2f6d25b0c7d9b6f6d3c4c3a1b2f6 AS build
      RUN make

      FROM scratch
      COPY --from=build /app /app
      COPY --from=0 /etc/passwd /etc/passwd
      USER 65532
  - good: nobody knows the image
    file: Dockerfile
    manifest: |
      ARG BASE
      FROM $BASE
      USER 65532
"""


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    dockerfile: Dockerfile = it.source
    syntax = dockerfile.source.directives.get("syntax")
    if syntax is not None and not _is_pinned(syntax.value):
        place = (*syntax.at, len(syntax.value))
        yield Violation(_said(syntax.value), ("global", "syntax"), place=place)
    for stage in bases(dockerfile):
        if not _is_pinned(stage.base.text):
            yield Violation(_said(stage.base.text), dockerfile.path(stage.instruction))
    for stage in dockerfile.used():
        for image in dockerfile.other_images(stage):
            value = image.value
            if value.known and not _is_pinned(value.text):
                place = place_of(image.instruction, value.word.begin, value.word.end)
                path = (*dockerfile.path(image.instruction), "from")
                yield Violation(_said(value.text), path, place=place)


def _said(image: str) -> str:
    return f"takes {image} by its tag, which may be another image tomorrow"


def _is_pinned(image: str) -> bool:
    """By digest; the empty image needs none, nor has a context of the build one."""
    return image in ("", "scratch") or bool(tag_of(image)[1])
