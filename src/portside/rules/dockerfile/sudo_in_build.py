"""A build that uses sudo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.finding import Finding
from portside.model.mending import LineEdit
from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax.dockerfile.commands import runs
from portside.syntax.dockerfile.stages import Dockerfile

RULE = r"""
id: sudo-in-build
title: Build uses sudo
severity: medium
severity-reason: a way to become root stays in the image
why: >-
  A build runs as root unless USER says otherwise, so sudo is not needed there. What it needs
  stays in the image: a program that makes root of others, and the rules that let it.
fix: Switch with USER root before the step and back after it, and leave sudo out of the image.
profile: strict
form: object
kinds: [Dockerfile]
fix-class: unsafe
controls: [D007]
frameworks:
  - OWASP-K8s-2022:K02
  - NIST-800-190:4.1.2
  - PCI-DSS-4.0.1:2.2.1
  - SOC2-TSC:CC7.1
  - ISO27001-2022:A.8.9
  - MS-ThreatMatrix:MS-TA9010
  - CIS-Docker:4.3
aliases:
  - checkov:CKV2_DOCKER_1
  - trivy:DS-0010
  - "kics:Run Using Sudo"
  - hadolint:DL3004
examples:
  - bad: in front of a command
    file: Dockerfile
    lines: [2]
    manifest: |
      FROM debian:12.6
      RUN sudo apt-get update
      USER 65532
    fixed: |
      FROM debian:12.6
      RUN apt-get update
      USER 65532
  - bad: behind another one, on a continued line
    file: Dockerfile
    lines: [3]
    manifest: |
      FROM debian:12.6
      RUN apt-get update && \
          sudo apt-get install -y curl
      USER 65532
  - good: as a word of another command
    file: Dockerfile
    manifest: |
      FROM debian:12.6
      RUN apt-get purge -y sudo && echo "sudo is gone"
      USER 65532
"""


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    dockerfile: Dockerfile = it.source
    for stage in dockerfile.used():
        for ran in runs(stage):
            if ran.command.name == "sudo":
                path = (*dockerfile.path(ran.step.instruction), "sudo")
                word = ran.command.words[0]
                place = (*ran.text.place(word.begin), ran.text.width(word.begin, word.end))
                yield Violation(
                    "runs a command through sudo, which the build has no need for",
                    path,
                    place=place,
                )


def mend(it: FileResource, found: Finding, params: Mapping[str, Any]) -> Iterator[LineEdit]:
    yield LineEdit(found.line, "sudo ", "", column=found.column)
