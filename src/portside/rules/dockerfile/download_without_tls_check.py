"""A command that accepts any certificate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.rules.dockerfile.faults import in_commands
from portside.syntax.dockerfile.commands import Ran
from portside.syntax.dockerfile.packages import arguments

RULE = r"""
id: download-without-tls-check
title: Command skips the check of TLS certificates
severity: high
severity-reason: what the build fetches may come from anybody on the way
why: >-
  The option makes the command accept any certificate. Whoever is on the way to the server can
  answer in its place, and what the answer holds becomes a part of the image.
fix: >-
  Remove the option; where a private authority signs the certificates, add its certificate to
  the trust store.
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
  - checkov:CKV2_DOCKER_2
  - checkov:CKV2_DOCKER_3
  - checkov:CKV2_DOCKER_4
  - checkov:CKV2_DOCKER_13
  - checkov:CKV2_DOCKER_15
examples:
  - bad: curl, wget and pip
    file: Dockerfile
    lines: [2, 3, 4]
    manifest: |
      FROM alpine:3.20
      RUN curl -sSkL https://example.org/a -o /a
      RUN apk add wget && wget --no-check-certificate https://example.org/a
      RUN pip install --trusted-host pypi.example.org shop==1.2
      USER 65532
  - bad: settings of npm, yarn, git and yum
    file: Dockerfile
    lines: [2, 3, 4, 4, 5]
    manifest: |
      FROM node:22.3
      RUN npm config set strict-ssl false
      RUN yarn config set "strict-ssl" false
      RUN git config --global http.sslVerify false ; git -c http.sslVerify=false clone https://example.org/a
      RUN yum-config-manager --save --setopt=base.sslverify=0
      USER 65532
  - good: the check is made
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      RUN curl -fsSL --cacert /ca.pem https://example.org/a -o /a-k
      RUN npm config set strict-ssl true && npm install strict-ssl false && \
          git config --global http.sslVerify true
      RUN pip install -r requirements.txt
      USER 65532
  - good: a service of the build itself
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      RUN curl -k https://localhost:8443/ready
      USER 65532
"""


_OFF = frozenset({"false", "0", "no", "off"})
_LOCAL = ("localhost", "127.0.0.1", "[::1]")
_VALUED = frozenset(
    {"o", "H", "d", "u", "X", "A", "e", "x", "F", "T", "b", "c", "m", "w", "E", "K"}
)


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    return in_commands(it, _unchecked)


def _unchecked(ran: Ran) -> Iterator[tuple[int, str]]:
    """The index of the option at fault, and the sentence."""
    name = ran.name
    if name == "curl":
        index = _insecure(ran)
    elif name == "wget":
        index = ran.has("--no-check-certificate")
    elif name.startswith(("pip", "python")):
        index = ran.has("--trusted-host")
    elif name in ("npm", "yarn", "pnpm"):
        told = "set" in ran.arguments
        index = _setting(ran, "strict-ssl") if told else _option_off(ran, "strict-ssl")
    elif name == "git":
        index = _setting(ran, "http.sslVerify")
    else:
        index = _repository(ran)
    if index and not any(host in text for text in ran.arguments for host in _LOCAL):
        yield index, f"makes {name} accept any TLS certificate"


def _insecure(ran: Ran) -> int:
    """The index of `--insecure`, or of a cluster of letters with a k that is no option's value."""
    for index, word in enumerate(ran.words[1:], 1):
        text = word.text
        if text == "--insecure":
            return index
        if text.startswith("-") and not text.startswith("--"):
            for letter in text[1:]:
                if letter == "k":
                    return index
                if letter in _VALUED:
                    break
    return 0


def _setting(ran: Ran, key: str) -> int:
    """The index of a setting `key` that is turned off, as one word or as two."""
    found = arguments(ran)
    for at, (text, index) in enumerate(found):
        name, equals, value = text.partition("=")
        if name.lower() != key.lower():
            continue
        if not equals and at + 1 < len(found):
            value = found[at + 1].name
        if value.lower() in _OFF:
            return index
    return 0


def _option_off(ran: Ran, key: str) -> int:
    """The index of `--key=false` or `--no-key`."""
    index = ran.has(f"--{key}")
    off = bool(index) and ran.words[index].text.partition("=")[2].lower() in _OFF
    return index if off else ran.has(f"--no-{key}")


def _repository(ran: Ran) -> int:
    """`yum-config-manager --setopt=sslverify=0`, and the same as an option of yum and dnf."""
    if not ran.name.startswith(("yum", "dnf", "microdnf", "tdnf")):
        return 0
    for index, word in enumerate(ran.words[1:], 1):
        text = word.text.removeprefix("--setopt").lstrip("= ")
        name, equals, value = text.partition("=")
        if equals and name.rpartition(".")[2].lower() == "sslverify" and value.lower() in _OFF:
            return index
    return 0
