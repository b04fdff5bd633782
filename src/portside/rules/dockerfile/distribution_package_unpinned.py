"""A package of a distribution without a version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.rules.dockerfile.faults import in_commands
from portside.syntax.dockerfile.commands import Ran
from portside.syntax.dockerfile.packages import FAMILIES, distribution_packages

RULE = r"""
id: distribution-package-unpinned
title: Distribution package has no version
severity: info
severity-reason: a rebuild gets another version, most often one with faults mended
why: >-
  The package manager takes the version of the day, so that two builds of one Dockerfile differ.
  Distributions remove old versions, and a pinned one soon fails to install: a base image by
  digest and regular builds serve better, and this is for those who need the same bytes each
  time.
fix: Write the version, as in curl=8.5.0-2, or use a snapshot of the repository.
profile: auditor
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
  - "kics:Apt Get Install Pin Version Not Defined"
  - hadolint:DL3008
  - hadolint:DL3018
examples:
  - bad: apt and apk
    file: Dockerfile
    lines: [2, 4]
    manifest: |
      FROM debian:12.6
      RUN apt-get update && apt-get install -y -t stable curl
      RUN apt-get install -y git=1:2.39.2-1
      RUN apk add --no-cache --virtual .build gcc
      USER 65532
  - bad: one finding for each command
    file: Dockerfile
    lines: [2]
    manifest: |
      FROM debian:12.6
      RUN apt-get install -y curl git
      USER 65532
  - good: versions, files, another release, nothing at all
    file: Dockerfile
    manifest: |
      FROM debian:12.6
      RUN apt-get install -y curl=7.88.1-10 /tmp/shop.deb ./a.deb git/stable && \
          apt-get install -f
      RUN apk add "curl>8" git~2.45 /tmp/shop.apk
      USER 65532
"""


_SIGNS = {"apt": ("=", "/", "$"), "apk": ("=", "~", ">", "<", "$")}
_ENDS = (".deb", ".apk")


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    return in_commands(it, _unpinned)


def _unpinned(ran: Ran) -> Iterator[tuple[int, str]]:
    """The index of the first package without a version, and the sentence."""
    signs = _SIGNS.get(FAMILIES.get(ran.name, ""))
    if signs is None:
        return
    for name, index in distribution_packages(ran):
        if not any(sign in name for sign in signs) and not name.endswith(_ENDS):
            yield index, f"installs {name} in whatever version {ran.name} finds that day"
            return
