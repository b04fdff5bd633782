"""A variable that turns certificate checks off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax.dockerfile.commands import place_of, runs
from portside.syntax.dockerfile.stages import Dockerfile, Stage

RULE = """
id: tls-check-disabled-by-variable
title: Variable turns off the check of TLS certificates
severity: high
severity-reason: >-
  what is fetched, in the build or when the program runs, may come from anybody on the way
why: >-
  The variable makes tools and runtimes accept any certificate. Whoever is on the way between
  the build, or the running container, and the server can answer in its place. Set by ENV it
  stays in force wherever the image runs.
fix: >-
  Remove the variable; where a private authority signs the certificates, add its certificate to
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
  - checkov:CKV2_DOCKER_5
  - checkov:CKV2_DOCKER_6
  - checkov:CKV2_DOCKER_12
  - checkov:CKV2_DOCKER_14
  - checkov:CKV2_DOCKER_16
examples:
  - bad: each runtime has its own
    file: Dockerfile
    lines: [2, 3, 4, 5, 6]
    manifest: |
      FROM node:22.3
      ENV NODE_TLS_REJECT_UNAUTHORIZED=0
      ENV PYTHONHTTPSVERIFY 0
      ARG GIT_SSL_NO_VERIFY=true
      ENV NPM_CONFIG_STRICT_SSL="false"
      ENV PIP_TRUSTED_HOST=pypi.example.org
      USER 65532
  - bad: for one command of a build
    file: Dockerfile
    lines: [2, 3]
    manifest: |
      FROM node:22.3
      RUN NODE_TLS_REJECT_UNAUTHORIZED=0 npm ci
      RUN export GIT_SSL_NO_VERIFY=1 && git clone https://example.org/a
      USER 65532
  - good: turned on
    file: Dockerfile
    manifest: |
      FROM node:22.3
      ENV NODE_TLS_REJECT_UNAUTHORIZED=1 PYTHONHTTPSVERIFY=1
      ENV npm_config_strict_ssl=true
      ARG PIP_TRUSTED_HOST
      USER 65532
"""


_ZERO = frozenset({"0"})
_OFF = frozenset({"false", "0", "no", "off"})
_VARIABLES: dict[str, frozenset[str] | None] = {
    "NODE_TLS_REJECT_UNAUTHORIZED": _ZERO,
    "PYTHONHTTPSVERIFY": _ZERO,
    "NPM_CONFIG_STRICT_SSL": _OFF,
    "GIT_SSL_NO_VERIFY": None,
    "PIP_TRUSTED_HOST": None,
}
"""The values that turn the check off; None where any text does."""
_SAID = "turns the check of TLS certificates off with {}"


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    dockerfile: Dockerfile = it.source
    for stage in dockerfile.used():
        yield from _set_by_instructions(dockerfile, stage)
        for ran in runs(stage):
            words = ran.command.assignments
            if ran.name in ("export", "env", "declare"):
                words += ran.words[1:]
            for word in dict.fromkeys((*words, *ran.command.words)):
                name, _, value = word.text.partition("=")
                if _turns_off(name, value):
                    path = (*dockerfile.path(ran.step.instruction), name)
                    place = (*ran.text.place(word.begin), ran.text.width(word.begin, word.end))
                    yield Violation(_SAID.format(name), path, place=place)


def _set_by_instructions(dockerfile: Dockerfile, stage: Stage) -> Iterator[Violation]:
    for step in stage.steps:
        instruction = step.instruction
        if instruction.keyword not in ("ARG", "ENV"):
            continue
        for pair, value in zip(instruction.pairs, step.values, strict=True):
            if _turns_off(pair.name, value.text.strip("\"'")):
                place = place_of(instruction, pair.begin, pair.end)
                path = (*dockerfile.path(instruction), pair.name)
                yield Violation(_SAID.format(pair.name), path, place=place)


def _turns_off(name: str, value: str) -> bool:
    key = name.upper() if name.islower() else name
    if key not in _VARIABLES or not value:
        return False
    values = _VARIABLES[key]
    return values is None or value.lower() in values
