"""A file with credentials that is copied into the image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.severity import MEDIUM
from portside.model.violation import Violation
from portside.syntax.dockerfile.commands import place_of
from portside.syntax.dockerfile.stages import Dockerfile, Step, Value
from portside.syntax.dockerfile.words import Pair

RULE = """
id: secret-file-copied
title: Build copies a file with credentials
severity: high
severity-reason: everybody who can pull the image can read it, even if a later step removes it
why: >-
  The file that is copied is one that holds credentials by its name. Each layer keeps what it
  added, so that the file can be taken out of the image even where a later instruction removes
  it.
fix: >-
  Mount it for the one step that needs it with RUN --mount=type=secret, and name the file in
  .dockerignore.
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
  - bad: settings, keys, and accounts of tools
    file: Dockerfile
    lines: [2, 3, 4, 5]
    manifest: |
      FROM alpine:3.20
      COPY .env /app/
      COPY keys/id_ed25519 /keys/
      ADD .aws /aws
      COPY ["package.json", ".npmrc", "/app/"]
      USER 65532
  - bad: in the stage that builds it weighs less, and yet
    file: Dockerfile
    lines: [2]
    manifest: |
      FROM alpine:3.20 AS build
      COPY .netrc /src/
      RUN make

      FROM alpine:3.20
      COPY --from=build /app /app
      USER 65532
  - good: examples, public keys and what has a similar name
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      COPY .env.example .envrc.md id_rsa.pub /app/
      COPY environment src/config.json /app/
      USER 65532
  - bad: where a variable says that they are
    file: Dockerfile
    lines: [2, 4]
    manifest: |
      FROM alpine:3.20
      COPY ./config $AWS_CONFIG_FILE
      COPY settings /app/
      ENV GOOGLE_APPLICATION_CREDENTIALS=/app/google.json
      USER 65532
  - good: a variable that names what is mounted when it runs
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      COPY src /src
      ENV GOOGLE_APPLICATION_CREDENTIALS=/var/run/google.json
      USER 65532
  - good: mounted for one step
    file: Dockerfile
    manifest: |
      FROM alpine:3.20
      RUN --mount=type=secret,id=npmrc,target=/app/.npmrc npm ci
      USER 65532
"""


_FILES = frozenset(
    {
        *(".env", ".npmrc", ".netrc", "_netrc", ".pypirc", ".pgpass", ".my.cnf", ".dockercfg"),
        *(".git-credentials", ".htpasswd", "kubeconfig", ".kubeconfig", "credentials.json"),
        *("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", ".aws", ".ssh", ".kube", ".gnupg"),
        *("service-account.json", "serviceaccount.json", ".vault-token", "terraform.tfstate"),
    }
)
_ENDS = (".p12", ".pfx", ".jks", ".kdbx", ".keystore", "-key.pem", ".key", ".ppk", ".tfstate")
_PATHS = (".docker/config.json", ".aws/credentials", ".aws/config", ".kube/config")
_VARIABLES = frozenset(
    {
        *("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "GOOGLE_APPLICATION_CREDENTIALS"),
        *("HF_TOKEN_PATH", "KUBECONFIG", "NETRC", "PGPASSFILE", "NPM_CONFIG_USERCONFIG"),
    }
)
"""Variables that tell a tool where its credentials are."""
_SAMPLES = frozenset({"example", "sample", "template", "dist", "test", "schema"})


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    dockerfile: Dockerfile = it.source
    final = list(dockerfile.lineage(dockerfile.final))
    for stage in dockerfile.used():
        weight = None if stage in final else MEDIUM
        copied = [step for step in stage.steps if step.instruction.keyword in ("COPY", "ADD")]
        for step in copied:
            path = dockerfile.path(step.instruction)
            for said, value in _copied(step):
                place = place_of(step.instruction, value.word.begin, value.word.end)
                yield Violation(said, (*path, value.word.text), weight, place=place)
        folders = [it.values[-1].text for it in copied if it.instruction.flag("from") is None]
        for step in stage.steps:
            for said, pair in _pointed(step, folders):
                place = place_of(step.instruction, pair.begin, pair.begin + len(pair.name))
                path = dockerfile.path(step.instruction)
                yield Violation(said, (*path, pair.name), weight, place=place)


def _copied(step: Step) -> Iterator[tuple[str, Value]]:
    """The files of an instruction that hold credentials."""
    for value in step.values[:-1]:
        name = value.text.strip("\"'").rstrip("/")
        if _holds_secrets(name):
            yield f"copies {name.rpartition('/')[2]}, which holds credentials by its name", value
    target = step.values[-1]
    variable = target.word.text.strip("\"'").strip("${}")
    if variable in _VARIABLES:
        yield f"copies to where {variable} says that credentials are", target


def _pointed(step: Step, folders: list[str]) -> Iterator[tuple[str, Pair]]:
    """The variables that name a file of credentials below one of `folders`, where COPY puts it."""
    if step.instruction.keyword not in ("ARG", "ENV"):
        return
    for pair, value in zip(step.instruction.pairs, step.values, strict=True):
        if pair.name in _VARIABLES and value.text and value.known:
            file = _path(value.text)
            if any(f"{file}/".startswith(f"{_path(it)}/") or not _path(it) for it in folders):
                yield f"has {pair.name} name a file that is copied into the image", pair


def _path(text: str) -> str:
    """A path without what makes it relative or absolute."""
    return text.strip("\"'").removeprefix(".").strip("/")


def _holds_secrets(path: str) -> bool:
    lower = path.lower()
    base = lower.rpartition("/")[2]
    if base in _FILES or lower.endswith(_PATHS) or base.endswith(_ENDS):
        return True
    return base.startswith(".env.") and _SAMPLES.isdisjoint(base.split(".")[2:])
