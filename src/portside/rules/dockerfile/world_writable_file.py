"""A file of the image that everybody may write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.rules.dockerfile.faults import in_modes

RULE = """
id: world-writable-file
title: Build makes files writable for everybody
severity: low
severity-reason: a program that was broken into can change files that others run
why: >-
  Every process in the container may then change the file, whatever user it runs as. A flaw that
  gives an intruder any user gives him these files too, which others read or run.
fix: >-
  Give the file to the user that needs it (COPY --chown, chown) with a mode such as 0755 or
  0640.
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
      RUN chmod -R 777 /app
      RUN chmod a+rwx /a && echo x > /b
      COPY --chmod=0666 config.json /app/
      USER 65532
  - bad: others alone, and everybody by no letter
    file: Dockerfile
    lines: [2, 3]
    manifest: |
      FROM alpine:3.20
      RUN chmod o+w /app
      RUN install -m 0777 -d /app
      USER 65532
  - good: tight modes, and folders like /tmp
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      RUN chmod 755 /app && chmod g+w,o-w /a && chmod 1777 /scratch && chmod +t,a+w /s2
      RUN chmod +x /app/run && chmod u=rwx,go=rx /x
      COPY --chmod=0755 run /app/
      USER 65532
"""


_SAID = "makes a file that everybody in the container may write"


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    return in_modes(it, lambda mode: mode.open_to_all, _SAID)
