"""A pipe whose first part may fail unseen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax.dockerfile.commands import Ran, runs
from portside.syntax.dockerfile.instruction import EXEC
from portside.syntax.dockerfile.stages import Dockerfile

RULE = """
id: pipe-without-pipefail
title: Pipe hides a failed command
severity: info
severity-reason: a build goes on after a step that has failed
why: >-
  A shell takes the result of the last command of a pipe for that of the whole. When the
  download in front of it fails, the build goes on with half of it and no one is told.
fix: >-
  Put SHELL ["/bin/bash", "-o", "pipefail", "-c"] in front, or set -o pipefail in the RUN.
profile: strict
form: object
kinds: [Dockerfile]
fix-class: none
controls: [D010]
frameworks:
  - OWASP-K8s-2022:K02
  - NIST-800-190:4.1.2
  - PCI-DSS-4.0.1:2.2.1
  - SOC2-TSC:CC7.1
  - ISO27001-2022:A.8.9
  - SOC2-TSC:A1.2
aliases:
  - "kics:Shell Running A Pipe Without Pipefail Flag"
  - hadolint:DL4006
examples:
  - bad: the shell of the image
    file: Dockerfile
    lines: [2]
    manifest: |
      FROM debian:12.6
      RUN wget -O - https://example.org | wc -l > /number
      USER 65532
  - bad: each stage begins anew
    file: Dockerfile
    lines: [6]
    manifest: |
      FROM debian:12.6 AS build
      SHELL ["/bin/bash", "-o", "pipefail", "-c"]
      RUN a | b

      FROM alpine:3.20
      RUN --mount=from=build,target=/b /b/a | b
      USER 65532
  - good: with pipefail
    file: Dockerfile
    manifest: |
      FROM debian:12.6
      SHELL ["/bin/bash", "-eo", "pipefail", "-c"]
      RUN wget -O - https://example.org | wc -l > /number
      USER 65532
  - good: set for the one command, and no pipe at all
    file: Dockerfile
    manifest: |
      FROM debian:12.6
      RUN set -o pipefail && a | b
      RUN a || b
      RUN ["bash", "-o", "pipefail", "-c", "a | b"]
      USER 65532
"""


_ABLE = frozenset({"bash", "ash", "zsh", "ksh", "busybox"})


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    dockerfile: Dockerfile = it.source
    for stage in dockerfile.used():
        seen: set[int] = set()
        safe: set[int] = set()
        for ran in runs(stage):
            instruction = ran.step.instruction
            if "pipefail" in ran.arguments and ran.name in ("set", "bash", "ash", "zsh"):
                safe.add(id(instruction))
            if not ran.command.reads or id(instruction) in seen | safe:
                continue
            seen.add(id(instruction))
            if not _has_pipefail(ran):
                said = "does not notice when a command in front of a pipe fails"
                yield Violation(said, (*dockerfile.path(instruction), ran.name), place=ran.place())


def _has_pipefail(ran: Ran) -> bool:
    """Whether the shell in force has the option, and is one that knows it."""
    instruction = ran.step.instruction
    array = tuple(word.text for word in instruction.words) if instruction.form == EXEC else ()
    words = array or ran.step.shell
    return "pipefail" in words and words[0].rpartition("/")[2] in _ABLE
