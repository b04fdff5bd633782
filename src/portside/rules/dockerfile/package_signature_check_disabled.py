"""A package manager that installs unsigned packages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.rules.dockerfile.faults import in_commands
from portside.syntax.dockerfile.commands import Ran

RULE = """
id: package-signature-check-disabled
title: Package manager skips the check of signatures
severity: high
severity-reason: packages may come from anybody who can write to the mirror or is on the way to it
why: >-
  The option makes the package manager install what nobody has signed, or whose signature is
  wrong. A mirror that was broken into, or somebody on the way to it, then decides what is in
  the image.
fix: Remove the option, and install the key of the repository where it has one of its own.
profile: recommended
form: object
kinds: [Dockerfile]
fix-class: none
controls: [D005]
frameworks:
  - OWASP-K8s-2022:K02
  - NIST-800-190:4.1.2
  - PCI-DSS-4.0.1:2.2.1
  - SOC2-TSC:CC7.1
  - ISO27001-2022:A.8.9
  - ATT&CK:T1557
  - SLSA-1.2:Build
  - PCI-DSS-4.0.1:4.2.1
aliases:
  - checkov:CKV2_DOCKER_7
  - checkov:CKV2_DOCKER_8
  - checkov:CKV2_DOCKER_9
  - checkov:CKV2_DOCKER_10
  - checkov:CKV2_DOCKER_11
examples:
  - bad: each package manager has its own
    file: Dockerfile
    lines: [2, 3, 4, 5, 6]
    manifest: |
      FROM alpine:3.20
      RUN apk add --allow-untrusted /tmp/shop.apk
      RUN apt-get install -y --allow-unauthenticated curl
      RUN apt-get -y --force-yes install curl
      RUN dnf install -y --nogpgcheck curl
      RUN rpm -i --nosignature /tmp/shop.rpm
      USER 65532
  - bad: as a setting of apt
    file: Dockerfile
    lines: [2]
    manifest: |
      FROM debian:12.6
      RUN apt-get -o APT::Get::AllowUnauthenticated=true update && apt-get install curl
      USER 65532
  - good: signatures are checked
    file: Dockerfile
    manifest: |
      FROM debian:12.6
      RUN apt-get update && apt-get install -y --no-install-recommends curl=7.88.1-10
      RUN apk add curl && yum install -y curl && rpm -i /tmp/shop.rpm
      USER 65532
"""


_OPTIONS = {
    "apk": ("--allow-untrusted",),
    "apt": ("--allow-unauthenticated", "--force-yes"),
    "apt-get": ("--allow-unauthenticated", "--force-yes"),
    "yum": ("--nogpgcheck", "--no-gpgchecks"),
    "dnf": ("--nogpgcheck", "--no-gpgchecks"),
    "tdnf": ("--nogpgcheck",),
    "microdnf": ("--nogpgcheck", "--no-gpgchecks"),
    "zypper": ("--no-gpg-checks", "--allow-unsigned-rpm"),
    "rpm": ("--nosignature", "--nodigest", "--noverify", "--nofiledigest"),
}
_SETTINGS = (
    "allowunauthenticated=true",
    "allowunauthenticated=1",
    "allowinsecurerepositories=true",
)


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    return in_commands(it, _unchecked)


def _unchecked(ran: Ran) -> Iterator[tuple[int, str]]:
    """The index of the option at fault, and the sentence."""
    options = _OPTIONS.get(ran.name)
    if options is None:
        return
    index = ran.has(*options) or _setting(ran)
    if index:
        yield index, f"makes {ran.name} install packages whose signature nobody has checked"


def _setting(ran: Ran) -> int:
    for index, word in enumerate(ran.words[1:], 1):
        if word.text.lower().endswith(_SETTINGS):
            return index
    return 0
