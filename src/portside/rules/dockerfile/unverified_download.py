"""A program is fetched and used without a check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax.dockerfile.commands import Ran, runs
from portside.syntax.dockerfile.instruction import Instruction
from portside.syntax.dockerfile.stages import Dockerfile

RULE = r"""
id: unverified-download
title: Download is used without a checksum
severity: medium
severity-reason: >-
  whoever controls the server decides what is in the image, for as long as nobody compares
why: >-
  What the command fetches is unpacked, installed or made executable in the same RUN, in which
  neither a checksum nor a signature is looked at. A changed file goes unnoticed into the image.
fix: >-
  Compare the SHA-256 (sha256sum -c) or the signature (gpg --verify, cosign verify-blob) in the
  same RUN, or use ADD --checksum.
profile: strict
form: object
kinds: [Dockerfile]
covered-by:
  - remote-script-executed
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
examples:
  - bad: unpacked as it comes
    file: Dockerfile
    lines: [2]
    manifest: |
      FROM alpine:3.20
      RUN curl -fsSL https://example.org/a.tgz | tar xz -C /opt
      USER 65532
  - bad: made executable
    file: Dockerfile
    lines: [2]
    manifest: |
      FROM alpine:3.20
      RUN wget -O /usr/bin/tool https://example.org/tool && chmod +x /usr/bin/tool
      USER 65532
  - good: compared with its checksum
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      RUN wget https://example.org/tool && \
          echo "24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d  tool" | sha256sum -c - && chmod +x tool
      USER 65532
  - good: its signature is verified
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      RUN curl -O https://example.org/a.tgz && curl -O https://example.org/a.tgz.asc && \
          gpg --batch --verify a.tgz.asc && tar xf a.tgz
      USER 65532
  - good: data that is only kept, and a call to a service of the build
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      RUN curl -fsSLo /data.json https://example.org/data.json
      RUN curl -fs http://localhost:8080/a.tgz | tar xz
      USER 65532
"""


_FETCHERS = frozenset({"curl", "wget", "aria2c"})
_USES = frozenset(
    {"tar", "unzip", "bsdtar", "dpkg", "rpm", "install", "gunzip", "cpio", "installer"}
)
_CHECKS = frozenset(
    {
        *(
            "sha1sum",
            "sha224sum",
            "sha256sum",
            "sha384sum",
            "sha512sum",
            "b2sum",
            "shasum",
            "md5sum",
        ),
        *("gpg", "gpgv", "cosign", "minisign", "rpmkeys", "openssl", "slsa-verifier", "cksum"),
    }
)
_LOCAL = ("localhost", "127.0.0.1", "[::1]")


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    dockerfile: Dockerfile = it.source
    for stage in dockerfile.used():
        by_instruction: dict[int, tuple[Instruction, list[Ran]]] = {}
        for ran in runs(stage):
            instruction = ran.step.instruction
            by_instruction.setdefault(id(instruction), (instruction, []))[1].append(ran)
        for instruction, found in by_instruction.values():
            fetched = _unverified(found)
            if fetched is not None:
                said = (
                    f"uses what {fetched.name} fetches, and compares no checksum or signature of it"
                )
                path = (*dockerfile.path(instruction), fetched.name)
                yield Violation(said, path, place=fetched.place())


def _unverified(found: list[Ran]) -> Ran | None:
    """The first download of an instruction that uses what it fetches and checks nothing."""
    names = {ran.name for ran in found}
    if names & _CHECKS or not any(_uses(ran) for ran in found):
        return None
    return next((ran for ran in found if ran.name in _FETCHERS and _is_remote(ran)), None)


def _uses(ran: Ran) -> bool:
    if ran.name == "chmod":
        return any("x" in text or text[:1] in "7" for text in ran.arguments[:2])
    return ran.name in _USES


def _is_remote(ran: Ran) -> bool:
    return not any(host in text for text in ran.arguments for host in _LOCAL)
