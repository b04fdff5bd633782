"""An image that brings an SSH server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax.dockerfile.commands import Ran, commands, place_of
from portside.syntax.dockerfile.packages import distribution_packages
from portside.syntax.dockerfile.stages import Dockerfile, Step

RULE = """
id: ssh-server-in-image
title: Image holds an SSH server
severity: medium
severity-reason: a way in that no policy of the cluster knows of
why: >-
  An SSH server lets people in beside what the API server allows and records. It needs keys or
  passwords in the image, and rights that the program itself has no use for.
fix: Leave the SSH server out, and use kubectl exec or kubectl debug.
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
  - checkov:CKV_DOCKER_1
  - trivy:DS-0004
examples:
  - bad: its port
    file: Dockerfile
    lines: [2]
    manifest: |
      FROM alpine:3.20
      EXPOSE 8080 22/tcp
      USER 65532
  - bad: its package, its keys and the server itself
    file: Dockerfile
    lines: [2, 3, 5]
    manifest: |
      FROM debian:12.6
      RUN apt-get update && apt-get install -y openssh-server=1:9.2
      RUN ssh-keygen -A
      USER 65532
      CMD ["/usr/sbin/sshd", "-D"]
  - good: another port, and a client
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      RUN apk add openssh-client=9.7_p1-r4
      EXPOSE 2222 8022
      USER 65532
  - good: in a stage that nothing uses
    file: Dockerfile
    manifest: |
      FROM alpine:3.20 AS debug
      EXPOSE 22

      FROM alpine:3.20
      USER 65532
"""


_PORTS = frozenset({"22", "22/tcp", "22/udp"})
_SERVERS = frozenset({"openssh-server", "openssh", "dropbear", "openssh-server-pam"})
_KEYWORDS = frozenset({"RUN", "CMD", "ENTRYPOINT"})


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    dockerfile: Dockerfile = it.source
    for stage in dockerfile.lineage(dockerfile.final):
        for step in stage.steps:
            path = dockerfile.path(step.instruction)
            if step.instruction.keyword == "EXPOSE":
                for place in _exposed(step):
                    yield Violation("exposes the port of SSH", path, place=place)
            elif step.instruction.keyword in _KEYWORDS:
                for ran in commands(step):
                    for index, said in _server(ran):
                        yield Violation(said, (*path, ran.name), place=ran.place(index))


def _exposed(step: Step) -> Iterator[tuple[int, int, int]]:
    for value in step.values:
        if value.text.strip("\"'").lower() in _PORTS:
            yield place_of(step.instruction, value.word.begin, value.word.end)


def _server(ran: Ran) -> Iterator[tuple[int, str]]:
    if ran.name == "sshd":
        yield 0, "runs an SSH server"
    elif ran.name == "ssh-keygen" and ran.has("-A"):
        yield 0, "makes the keys of an SSH server, the same for every container"
    for name, index in distribution_packages(ran):
        if name.partition("=")[0] in _SERVERS:
            yield index, "installs an SSH server"
