"""A CMD or ENTRYPOINT that a shell runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax.dockerfile.instruction import SHELL
from portside.syntax.dockerfile.stages import Dockerfile, Stage, Step

RULE = """
id: command-in-shell-form
title: Command of the image runs under a shell
severity: info
severity-reason: >-
  the program is not told when the pod is to end, and is killed after the grace period
why: >-
  In shell form the first process of the container is a shell that does not pass signals on. The
  program does not hear that the pod is to end, goes on until it is killed, and drops what it
  was doing.
fix: >-
  Write the command as an array: ["program", "argument"]; where a shell is needed, let it exec
  the program.
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
  - "kics:Not Using JSON In CMD And ENTRYPOINT Arguments"
  - hadolint:DL3025
examples:
  - bad: CMD and ENTRYPOINT
    file: Dockerfile
    lines: [2, 3]
    manifest: |
      FROM alpine:3.20
      ENTRYPOINT /app/run --port 8080
      CMD start now
      USER 65532
  - bad: an array with wrong quotation marks is none
    file: Dockerfile
    lines: [2]
    manifest: |
      FROM alpine:3.20
      CMD ['/app/run']
      USER 65532
  - good: arrays
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      ENTRYPOINT ["/app/run"]
      CMD ["--port", "8080"]
      USER 65532
  - good: a shell that gives way to the program
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      ENTRYPOINT exec /app/run --port $PORT
      USER 65532
  - good: replaced by a later one
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      CMD /app/run
      CMD ["/app/run"]
      USER 65532
"""


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    dockerfile: Dockerfile = it.source
    for step in _last(dockerfile.final):
        if step.instruction.form == SHELL and not _gives_way(step):
            said = f"writes {step.instruction.keyword} for a shell, which passes no signals on"
            yield Violation(said, dockerfile.path(step.instruction))


def _last(stage: Stage) -> list[Step]:
    """The instructions that hold: of each kind the last one."""
    found = {
        step.instruction.keyword: step
        for step in stage.steps
        if step.instruction.keyword in ("CMD", "ENTRYPOINT")
    }
    return sorted(found.values(), key=lambda it: it.instruction.line.first)


def _gives_way(step: Step) -> bool:
    words = step.instruction.words
    return not words or words[0].text.startswith("exec ")
