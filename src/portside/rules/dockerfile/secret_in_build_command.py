"""A credential in a command of a build."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.severity import LOW
from portside.model.violation import Violation
from portside.secrets.texts import in_words
from portside.syntax.dockerfile.commands import Ran, runs
from portside.syntax.dockerfile.stages import Dockerfile

RULE = """
id: secret-in-build-command
title: Build command holds a credential
severity: high
severity-reason: everybody who can pull the image can read it in the history
why: >-
  Each command of a build stays in the history of the image as it was written, with what it was
  given. A credential in it, and an account that it leaves in the home folder, go to everybody
  who may pull the image.
fix: >-
  Give it to the step with RUN --mount=type=secret and read it from the file, and replace the
  credential that was written here.
profile: recommended
form: object
kinds: [Dockerfile]
fix-class: none
controls: [D003]
frameworks:
  - OWASP-K8s-2022:K02
  - NIST-800-190:4.1.2
  - PCI-DSS-4.0.1:2.2.1
  - SOC2-TSC:CC7.1
  - ISO27001-2022:A.8.9
  - CIS-Docker:4.10
  - ATT&CK:T1552.001
  - MS-ThreatMatrix:MS-TA9027
  - OWASP-K8s-2025:K03
aliases:
  - trivy:DS-0031
examples:
  - bad: in a URL, behind an option, in a variable of the command
    file: Dockerfile
    lines: [2, 3, 4]
    manifest: |
      FROM alpine:3.20
      RUN git clone https://shop:correct-horse@git.example.org/shop.git
      RUN curl --password correct-horse-battery https://example.org
      RUN DB_PASSWORD=correct-horse-battery make
      USER 65532
  - bad: an account of a cloud
    file: Dockerfile
    lines: [2, 3]
    manifest: |
      FROM amazon/aws-cli:2.17.0
      RUN aws configure set aws_access_key_id $ID
      RUN gcloud auth activate-service-account --key-file=/key.json
      USER 65532
  - good: read from a secret that is mounted
    file: Dockerfile
    manifest: |
      FROM amazon/aws-cli:2.17.0
      RUN --mount=type=secret,id=key aws configure set aws_secret_access_key $(cat /run/secrets/key)
      RUN --mount=type=secret,id=p PASSWORD=$(cat /run/secrets/p) make
      USER 65532
  - good: nothing of the kind
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      RUN git clone https://git.example.org/shop.git && aws configure set region eu-west-1
      USER 65532
"""


_ACCOUNTS = (
    ("aws", ("configure", "set", "aws_access_key_id")),
    ("aws", ("configure", "set", "aws_secret_access_key")),
    ("gcloud", ("auth", "activate-service-account")),
)
_LOGINS = (
    ("az", "login", ("-p", "--password", "--federated-token")),
    ("doctl", "auth", ("-t", "--access-token")),
)


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    dockerfile: Dockerfile = it.source
    for stage in dockerfile.used():
        for ran in runs(stage):
            path = (*dockerfile.path(ran.step.instruction), ran.name)
            yield from _written(ran, path)
            if _leaves_account(ran) and not _has_secret(ran):
                said = f"logs {ran.name} in, which leaves the account in the image"
                yield Violation(said, path, place=ran.place())


def _written(ran: Ran, path: tuple[str | int, ...]) -> Iterator[Violation]:
    words = (*ran.command.assignments, *ran.command.words)
    for index, hit in in_words([word.text for word in words]):
        place = (*ran.text.place(words[index].begin), 1)
        weight = LOW if hit.placeholder else None
        yield Violation(f"has {hit.kind} in a command", path, weight, place=place)


def _leaves_account(ran: Ran) -> bool:
    plain = tuple(text for _, text in ran.plain())
    for name, words in _ACCOUNTS:
        if ran.name == name and plain[: len(words)] == words:
            return True
    return any(
        ran.name == name and plain[:1] == (word,) and bool(ran.has(*options))
        for name, word, options in _LOGINS
    )


def _has_secret(ran: Ran) -> bool:
    return any(
        name == "mount" and "type=secret" in value
        for name, value, _ in ran.step.instruction.options()
    )
