"""A build that makes a program run with the rights of its owner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.rules.dockerfile.faults import in_modes

RULE = r"""
id: setuid-file-created
title: Build makes a setuid or setgid program
severity: low
severity-reason: a way for any process to get the rights of another user, mostly root
why: >-
  A program with the setuid bit runs with the rights of the user that owns it, whoever starts
  it. A flaw in it makes root of every process in the container that may start it.
fix: Leave the bit out, and give the container the one capability that the program needs.
profile: strict
form: object
kinds: [Dockerfile]
fix-class: none
controls: [D009]
frameworks:
  - OWASP-K8s-2022:K02
  - NIST-800-190:4.1.2
  - PCI-DSS-4.0.1:2.2.1
  - SOC2-TSC:CC7.1
  - ISO27001-2022:A.8.9
  - CIS-Docker:4.8
  - ATT&CK:T1548.001
examples:
  - bad: by number, by letters, and while copying
    file: Dockerfile
    lines: [2, 3, 4]
    manifest: |
      FROM alpine:3.20
      RUN chmod 4755 /usr/bin/tool
      RUN chmod u+s /usr/bin/other && chown root /usr/bin/other
      COPY --chmod=02755 tool /usr/bin/
      USER 65532
  - good: the bit is taken away, or never set
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      RUN chmod u-s /bin/su && chmod 0755 /app && chmod 1777 /scratch
      RUN find / -perm /6000 -exec chmod a-s {} \;
      USER 65532
"""


_SAID = "makes a program that runs with the rights of its owner or group"


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    return in_modes(it, lambda mode: mode.set_id, _SAID)
