"""Compilers in the stage that becomes the image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax.dockerfile.commands import runs
from portside.syntax.dockerfile.packages import distribution_packages
from portside.syntax.dockerfile.stages import Dockerfile

RULE = """
id: build-tools-in-image
title: Image keeps the tools it was built with
severity: low
severity-reason: an intruder finds what is needed to build and attack
why: >-
  The stage that becomes the image installs a compiler, a debugger or the like. They make the
  image larger, bring weaknesses of their own, and serve whoever gets in.
fix: Build in a stage of its own, and COPY --from it what the program needs.
profile: strict
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
  - bad: a compiler in the only stage
    file: Dockerfile
    lines: [2]
    manifest: |
      FROM debian:12.6
      RUN apt-get update && apt-get install -y build-essential=12.9
      USER 65532
  - good: in a stage that only builds
    file: Dockerfile
    manifest: |
      FROM debian:12.6 AS build
      RUN apt-get update && apt-get install -y gcc=4:12.2.0-3
      RUN make

      FROM debian:12.6
      COPY --from=build /app /app
      USER 65532
  - good: removed in the same layer, and a runtime
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      RUN apk add --virtual .build gcc=13.2.1 && make && apk del .build
      RUN apk add python3=3.12.3
      USER 65532
"""


_TOOLS = frozenset(
    {
        *("build-essential", "build-base", "gcc", "g++", "make", "cmake", "clang", "gdb", "strace"),
        *("golang", "go", "rust", "cargo", "rustc", "maven", "gradle", "autoconf", "automake"),
        *("gcc-c++", "musl-dev", "libc6-dev", "default-jdk", "nmap", "tcpdump", "netcat", "socat"),
    }
)
_REMOVES = frozenset({"del", "remove", "purge", "autoremove", "erase"})


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    dockerfile: Dockerfile = it.source
    for stage in dockerfile.lineage(dockerfile.final):
        found = runs(stage)
        removing = {id(ran.step.instruction) for ran in found if _REMOVES & set(ran.arguments)}
        for ran in found:
            if id(ran.step.instruction) in removing:
                continue
            for name, index in distribution_packages(ran):
                tool = name.partition("=")[0]
                if tool in _TOOLS:
                    path = (*dockerfile.path(ran.step.instruction), tool)
                    yield Violation(f"leaves {tool} in the image", path, place=ran.place(index))
