"""A build that moves the base image to another state of its distribution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.rules.dockerfile.faults import in_commands
from portside.syntax.dockerfile.commands import Ran
from portside.syntax.dockerfile.packages import verb

RULE = """
id: distribution-upgrade
title: Build upgrades the whole distribution
severity: low
severity-reason: what is in the image depends on the day of the build
why: >-
  A dist-upgrade replaces whatever the base image brought, and may remove packages for it. What
  the image holds depends on the day of the build, and is no longer what the base was tested
  with.
fix: Build on a newer base image instead, pinned by digest.
profile: strict
form: object
kinds: [Dockerfile]
fix-class: none
controls: [D006]
frameworks:
  - OWASP-K8s-2022:K02
  - NIST-800-190:4.1.2
  - PCI-DSS-4.0.1:2.2.1
  - SOC2-TSC:CC7.1
  - ISO27001-2022:A.8.9
  - SLSA-1.2:Build
  - NIST-800-190:4.1.1
aliases:
  - trivy:DS-0024
  - "kics:Run Using Upgrade Commands"
examples:
  - bad: apt-get and apt
    file: Dockerfile
    lines: [2, 3]
    manifest: |
      FROM debian:12.6
      RUN apt-get update && apt-get -y -q dist-upgrade
      RUN apt full-upgrade -y
      USER 65532
  - good: only mended packages
    file: Dockerfile
    manifest: |
      FROM debian:12.6
      RUN apt-get update && apt-get upgrade -y && echo dist-upgrade
      USER 65532
"""


_UPGRADES = frozenset(
    {"dist-upgrade", "full-upgrade", "distro-sync", "distribution-synchronization", "dup"}
)


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    return in_commands(it, _upgrade)


def _upgrade(ran: Ran) -> Iterator[tuple[int, str]]:
    """The index of the command, and the sentence."""
    told = verb(ran)
    if told in _UPGRADES:
        yield 0, f"replaces the state of the base image with {ran.name} {told}"
