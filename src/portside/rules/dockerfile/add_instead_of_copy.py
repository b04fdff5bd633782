"""ADD where COPY would do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.finding import Finding
from portside.model.mending import LineEdit, UnmendableError
from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax.dockerfile.stages import Dockerfile

RULE = """
id: add-instead-of-copy
title: ADD is used where COPY does the same
severity: low
severity-reason: nothing is wrong yet, but ADD does more than it says
why: >-
  ADD unpacks archives and fetches URLs on its own. Where a file of the context is meant, COPY
  does that and nothing else, whatever the file turns into one day.
fix: Write COPY in place of ADD.
profile: strict
form: object
kinds: [Dockerfile]
fix-class: unsafe
controls: [D004]
frameworks:
  - OWASP-K8s-2022:K02
  - NIST-800-190:4.1.2
  - PCI-DSS-4.0.1:2.2.1
  - SOC2-TSC:CC7.1
  - ISO27001-2022:A.8.9
  - SLSA-1.2:Build
  - ATT&CK:T1195.002
  - CIS-Docker:4.9
aliases:
  - checkov:CKV_DOCKER_4
  - trivy:DS-0005
  - "kics:Add Instead of Copy"
  - hadolint:DL3020
examples:
  - bad: a file of the context
    file: Dockerfile
    lines: [2]
    manifest: |
      FROM alpine:3.20
      ADD app.jar /app/
      USER 65532
    fixed: |
      FROM alpine:3.20
      COPY app.jar /app/
      USER 65532
  - bad: one of several is no archive
    file: Dockerfile
    lines: [2]
    manifest: |
      FROM alpine:3.20
      ADD a.tar.gz b.txt /app/
      USER 65532
  - good: an archive that it unpacks, a URL, a repository
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      ADD a.tar.gz /app/
      ADD https://example.org/a /app/
      ADD git@github.com:example/app.git /src
      ADD file:8b8864b3e02a33a579dc216fd51b28a6047bc8eeaa03045b258980fe0cf7fcb3 in /
      USER 65532
  - good: nobody knows what it is
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      ARG FILE
      ADD $FILE /app/
      USER 65532
  - good: a file that is written here
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      ADD <<EOF /etc/motd
      hello
      EOF
      USER 65532
"""


_ARCHIVES = (
    *(".tar", ".tar.bz2", ".tar.gz", ".tar.lz", ".tar.lzma", ".tar.xz", ".tar.zst", ".tb2", ".tbz"),
    *(
        ".tbz2",
        ".tgz",
        ".tlz",
        ".tpz",
        ".txz",
        ".tz",
        ".tzst",
        ".gz",
        ".bz2",
        ".lz",
        ".lzma",
        ".xz",
    ),
    *(".tZ", ".Z", ".zst"),
)
_FETCHED = ("http://", "https://", "git@", "git://", "ssh://")
_HISTORY = ("file:", "multi:", "dir:")
"""How the history of an image spells what ADD once took; Dockerfiles are made from it."""


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    dockerfile: Dockerfile = it.source
    for stage in dockerfile.used():
        for step in stage.steps:
            if step.instruction.keyword == "ADD":
                sources = [value.text.strip("\"'") for value in step.values[:-1] if value.known]
                if sources and sources[0].startswith(_HISTORY):
                    continue
                if any(not _needs_add(source) for source in sources):
                    said = "uses ADD for a file of the context, where COPY does no more than that"
                    yield Violation(said, dockerfile.path(step.instruction))


def _needs_add(source: str) -> bool:
    return source.startswith((*_FETCHED, "<<")) or source.endswith(_ARCHIVES)


def mend(it: FileResource, found: Finding, params: Mapping[str, Any]) -> Iterator[LineEdit]:
    dockerfile: Dockerfile = it.source
    for stage in dockerfile.used():
        for step in stage.steps:
            line, column = step.instruction.at
            if (
                dockerfile.path(step.instruction) == found.path
                and step.instruction.keyword == "ADD"
            ):
                if any(_needs_add(value.text.strip("\"'")) for value in step.values[:-1]):
                    raise UnmendableError("it takes what only ADD can, too")
                yield LineEdit(line, "ADD", "COPY", column=column)
