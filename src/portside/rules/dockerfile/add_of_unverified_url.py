"""ADD of a URL or a repository that may change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax.dockerfile.commands import place_of
from portside.syntax.dockerfile.stages import Dockerfile

RULE = """
id: add-of-unverified-url
title: ADD fetches a URL without a checksum
severity: high
severity-reason: whoever controls the server decides what is in the image
why: >-
  ADD fetches the URL or the branch each time the image is built, and takes whatever is there.
  Who breaks into that server, or moves the branch, gets code into the image.
fix: >-
  Give the checksum with --checksum=sha256:…, and for a Git repository the commit behind the #
  sign.
profile: recommended
form: object
kinds: [Dockerfile]
fix-class: none
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
examples:
  - bad: a file by HTTPS
    file: Dockerfile
    lines: [2]
    manifest: |
      FROM alpine:3.20
      ADD https://example.org/tool.tar.gz /opt/
      USER 65532
  - bad: a branch
    file: Dockerfile
    lines: [2]
    manifest: |
      FROM alpine:3.20
      ADD https://github.com/example/app.git#main /src
      USER 65532
  - bad: the address is in a variable
    file: Dockerfile
    lines: [3]
    manifest: |
      FROM alpine:3.20
      ARG URL=https://example.org/tool
      ADD $URL /opt/
      USER 65532
  - good: with its checksum, or at a commit
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.org/a /opt/
      ADD https://github.com/example/app.git#0123456789abcdef0123456789abcdef01234567 /src
      USER 65532
  - good: a file of the context
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      ADD tool.tar.gz /opt/
      USER 65532
  - good: a stage that nothing uses
    file: Dockerfile
    manifest: |
      FROM alpine:3.20 AS debug
      ADD https://example.org/tool /opt/

      FROM alpine:3.20
      USER 65532
"""


_FETCHED = ("http://", "https://", "git://", "git@", "ssh://", "ftp://")
_COMMIT = re.compile(r"#[0-9a-f]{40}([0-9a-f]{24})?(:|\Z)")


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    dockerfile: Dockerfile = it.source
    for stage in dockerfile.used():
        for step in stage.steps:
            instruction = step.instruction
            if instruction.keyword != "ADD" or instruction.flag("checksum"):
                continue
            for value in step.values[:-1]:
                source = value.text.strip("\"'")
                if source.startswith(_FETCHED) and not _COMMIT.search(source):
                    said = "fetches what the server holds that day, and checks nothing of it"
                    place = place_of(instruction, value.word.begin, value.word.end)
                    yield Violation(said, dockerfile.path(instruction), place=place)
