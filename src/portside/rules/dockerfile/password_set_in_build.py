"""A build that gives an account a password."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.rules.dockerfile.faults import in_commands
from portside.syntax.dockerfile.commands import Ran

RULE = """
id: password-set-in-build
title: Build sets a password
severity: medium
severity-reason: everybody who can pull the image can read or guess the password
why: >-
  The password, or its hash, stays in the layers and in the history of the image, the same for
  every container that is made of it.
fix: >-
  Leave the account without a password (useradd without -p); nobody has to log in to a
  container.
profile: recommended
form: object
kinds: [Dockerfile]
fix-class: none
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
  - checkov:CKV2_DOCKER_17
examples:
  - bad: chpasswd, useradd and an empty password
    file: Dockerfile
    lines: [2, 3, 4]
    manifest: |
      FROM debian:12.6
      RUN echo 'shop:shop' | chpasswd
      RUN useradd -m -p aabbcc shop
      RUN passwd -d root
      USER 65532
  - bad: from standard input
    file: Dockerfile
    lines: [2]
    manifest: |
      FROM debian:12.6
      RUN echo secret | passwd --stdin root
      USER 65532
  - good: accounts without one
    file: Dockerfile
    manifest: |
      FROM debian:12.6
      RUN useradd --create-home --uid 65532 shop && passwd -l root && cat /etc/passwd
      USER 65532
"""


_OPTIONS = {
    "useradd": ("-p", "--password"),
    "usermod": ("-p", "--password"),
    "passwd": ("-d", "--delete", "--stdin"),
}


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    return in_commands(it, _sets)


def _sets(ran: Ran) -> Iterator[tuple[int, str]]:
    """The index of the word at fault, and the sentence; never the password."""
    if ran.name == "chpasswd":
        yield 0, "sets passwords that everybody with the image has"
        return
    options = _OPTIONS.get(ran.name)
    index = ran.has(*options) if options else 0
    if index and ran.name == "passwd" and ran.words[index].text != "--stdin":
        yield 0, "takes the password of an account away, which lets everybody in"
    elif index:
        yield 0, f"sets a password with {ran.name} that everybody with the image has"
