"""A credential in a command, an argument, an annotation or a label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.fields import at
from portside.model.place import FieldPath
from portside.model.resource import Resource
from portside.model.severity import LOW
from portside.model.violation import Violation
from portside.model.workload import Container

RULE = """
id: credential-in-command
title: Credential in a command, an argument, an annotation or a label
severity: high
severity-reason: commands are shown by every list of processes, annotations by every tool
why: >-
  The words of a command are seen by all processes of the node, by logs and by whoever may list pods;
  annotations and labels are copied into metrics, dashboards and other objects. None of it is a place
  for a credential.
fix: Mount the credential as a file from a Secret and pass the file's path, and replace the credential itself.
profile: recommended
form: object
kinds: ["*"]
fix-class: none
controls: [S006]
frameworks:
  - OWASP-K8s-2022:K08
  - OWASP-K8s-2025:K03
  - NIST-800-190:4.1.4
  - PCI-DSS-4.0.1:8.6.2
  - SOC2-TSC:CC6.1
  - ISO27001-2022:A.5.17
  - ATT&CK:T1552.001
  - MS-ThreatMatrix:MS-TA9027
examples:
  - bad: as an option, with and without an equals sign, and in a script
    lines: [8, 11, 15]
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop}
      spec:
        containers:
          - name: web
            image: registry.example.org/web:2.1
            args: [--db-password=hunter2]
            command:
              - /web
              - --api-key
              - 81bd7fe92c
            livenessProbe:
              exec:
                command: [sh, -c, "PGPASSWORD=hunter2 psql -c 'select 1'"]
  - bad: a key in an annotation
    lines: [6]
    manifest: |
      apiVersion: v1
      kind: Service
      metadata:
        name: shop
        annotations:
          example.org/hook: https://hooks.slack.com/services/T00000000/B00000000/abcdefghijklmnop0123
      spec: {ports: [{port: 80}]}
  - good: files, switches, references and lengths
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata:
        name: shop
        annotations: {example.org/token-audience: api, example.org/secret-name: shop}
      spec:
        containers:
          - name: web
            image: registry.example.org/web:2.1
            command: [/web, --password-file=/run/secrets/db, --token, $(TOKEN), --secret, /etc/s]
            args: ["--secret-name=shop", "--require-password=true", "echo $PASSWORD", "--token"]
"""


_SHORTEST = 12
_COMMANDS = (
    ("command",),
    ("args",),
    ("livenessProbe", "exec", "command"),
    ("readinessProbe", "exec", "command"),
    ("startupProbe", "exec", "command"),
    ("lifecycle", "postStart", "exec", "command"),
    ("lifecycle", "preStop", "exec", "command"),
)
_HOLDERS = frozenset(it[0] for it in _COMMANDS)


def check(it: Resource, params: Mapping[str, Any]) -> Iterator[Violation]:
    metadata = it.value.get("metadata")
    if type(metadata) is dict and ("annotations" in metadata or "labels" in metadata):
        yield from _described(metadata, ("metadata",))
    for pod in it.pods():
        if pod.metadata and pod.metadata is not metadata:
            yield from _described(pod.metadata, pod.metadata_path)
        for container in pod.containers:
            if not _HOLDERS.isdisjoint(container.body):
                yield from _commands(container)


def _commands(container: Container) -> Iterator[Violation]:
    for steps in _COMMANDS:
        if steps[0] in container.body:
            yield from _worded(container, at(container.body, *steps), steps)


def _worded(container: Container, words: Any, steps: tuple[str, ...]) -> Iterator[Violation]:
    if type(words) is not list or not words:
        return
    from portside.secrets.texts import in_words

    for index, hit in in_words([it if type(it) is str else "" for it in words]):
        said = f"container {container.body.get('name')} has {hit.kind} in its {steps[0]}"
        path = (*container.path, *steps, index)
        yield Violation(said, path, LOW if hit.placeholder else None)


def _described(metadata: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    from portside.secrets.formats import credential

    for field in ("annotations", "labels"):
        values = metadata.get(field)
        for key, value in values.items() if type(values) is dict else ():
            if type(value) is not str or len(value) < _SHORTEST:
                continue
            kind = credential(value) or _applied(key, value)
            if kind:
                yield Violation(f"{key} holds {kind}", (*path, field, key))


def _applied(key: str, value: str) -> str:
    """What kubectl keeps of the object it applied last: of a Secret, all of it."""
    if key != "kubectl.kubernetes.io/last-applied-configuration":
        return ""
    secret = '"kind":"Secret"' in value and ('"data":{"' in value or '"stringData":{"' in value)
    return "the values of the Secret that was applied" if secret else ""
