"""A credential in a variable of a build."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.severity import LOW, MEDIUM
from portside.model.violation import Violation
from portside.secrets.names import names_credential
from portside.secrets.texts import in_value
from portside.secrets.values import is_placeholder, is_stand_in, is_template
from portside.syntax.dockerfile.commands import place_of
from portside.syntax.dockerfile.stages import Dockerfile, Value
from portside.syntax.dockerfile.words import Pair

RULE = """
id: secret-in-build-variable
title: Build variable holds a credential
severity: high
severity-reason: everybody who can pull the image can read it in the layers or the history
why: >-
  ENV stays in the configuration of the image, and the values of ARG stay in its history and in
  the cache of the build, even where a later step removes what was made of them. Everybody who
  may pull the image may read them.
fix: >-
  Give it to the one step that needs it with RUN --mount=type=secret, set it where the container
  runs if the program needs it, and replace the credential that was written here.
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
  - "kics:Secrets Stored In Dockerfile"
examples:
  - bad: by name, in both instructions and both ways to write ENV
    file: Dockerfile
    lines: [2, 3, 4]
    manifest: |
      FROM alpine:3.20
      ARG DB_PASSWORD=correct-horse-battery
      ENV APP=shop API_TOKEN="correct-horse-battery"
      ENV ADMIN_PASSWORD correct-horse-battery
      USER 65532
  - bad: by its format, whatever the name
    file: Dockerfile
    lines: [2]
    manifest: |
      FROM alpine:3.20
      ENV GREETING=postgres://shop:correct-horse@db.example.org/shop
      USER 65532
  - bad: to be given by whoever builds, and kept in the environment
    file: Dockerfile
    lines: [2, 3]
    manifest: |
      FROM alpine:3.20
      ARG NPM_TOKEN
      ENV NPM_TOKEN=$NPM_TOKEN
      USER 65532
  - bad: a word that everybody knows weighs less
    file: Dockerfile
    lines: [2]
    manifest: |
      FROM alpine:3.20
      ENV POSTGRES_PASSWORD=changeme
      USER 65532
  - bad: names of tools, shown to a web page too
    file: Dockerfile
    lines: [2, 3]
    manifest: |
      FROM alpine:3.20
      ENV AWS_ACCESS_KEY_ID=AKIDEXAMPLE
      ARG VITE_AWS_ACCESS_KEY_ID=changeme
      USER 65532
  - bad: in the stage that builds
    file: Dockerfile
    lines: [2]
    manifest: |
      FROM alpine:3.20 AS build
      ARG GITHUB_TOKEN
      RUN make

      FROM alpine:3.20
      COPY --from=build /app /app
      USER 65532
  - good: addresses, files and public keys
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      ENV TOKEN_URL=https://example.org/token PASSWORD_FILE=/run/secrets/password
      ENV PUBLIC_KEY=abcdef GPG_KEY=E3FF2839C048B25C084DEBE9B26995E310250568
      ENV GOOGLE_APPLICATION_CREDENTIALS=/var/run/gcp.json
      ENV AUTH_TOKEN=
      USER 65532
  - good: a secret that is mounted for one step
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      RUN --mount=type=secret,id=token TOKEN=$(cat /run/secrets/token) make
      USER 65532
"""


_NAMES = frozenset(
    {
        *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AZURE_CLIENT_SECRET"),
        *("ARTIFACTORY_PSW", "HEROKU_API_KEY", "OPENAI_API_KEY"),
    }
)
"""Names that tools give to credentials, of which some do not look like it."""
_PREFIXES = ("VITE_", "REACT_APP_")
"""What is put in front of a variable to show it to a web page."""
_PUBLIC = ("GPG_", "PGP_", "_PUB")


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    dockerfile: Dockerfile = it.source
    for stage in dockerfile.used():
        for step in stage.steps:
            instruction = step.instruction
            if instruction.keyword not in ("ARG", "ENV"):
                continue
            for pair, value in zip(instruction.pairs, step.values, strict=True):
                found = _fault(instruction.keyword, pair, value)
                if found is not None:
                    said, severity = found
                    place = place_of(instruction, pair.begin, pair.begin + len(pair.name))
                    path = (*dockerfile.path(instruction), pair.name)
                    yield Violation(said, path, severity, place=place)


def _fault(keyword: str, pair: Pair, value: Value) -> tuple[str, int | None] | None:
    """What is wrong with a variable, never with its value in it, and how much if less than usual."""
    name = pair.name
    written = (pair.value or "").strip("\"'")
    secret = _is_secret(name)
    if pair.value is None:
        said = f"takes {name} as an argument of the build, which stays in the history of the image"
        return (said, MEDIUM) if secret else None
    if keyword == "ENV" and secret and is_template(written):
        return f"keeps {name} in the environment of the image", MEDIUM
    hit = in_value(name, value.text.strip("\"'"))
    if hit is not None and not (hit.kind == "a credential" and _is_public(name)):
        said = f"sets {name} to {hit.kind}, which stays in the image"
        return said, LOW if hit.placeholder else None
    if _is_known(name) and not is_stand_in(written):
        return f"sets {name}, which stays in the image", LOW if is_placeholder(written) else None
    return None


def _is_secret(name: str) -> bool:
    return _is_known(name) or (names_credential(name) and not _is_public(name))


def _is_known(name: str) -> bool:
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return name in _NAMES


def _is_public(name: str) -> bool:
    return any(mark in name.upper() for mark in _PUBLIC)
