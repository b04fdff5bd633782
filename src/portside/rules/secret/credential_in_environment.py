"""A credential as the plain value of an environment variable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from portside.model.resource import Resource
from portside.model.severity import LOW
from portside.model.violation import Doubt, Violation
from portside.model.workload import Container

if TYPE_CHECKING:
    from portside.secrets.texts import Hit

RULE = """
id: credential-in-environment
title: Credential in a plain environment variable
severity: high
severity-reason: everybody who reads the manifest, its history or the live object has it
why: >-
  What stands in a manifest is in its repository for ever, in every copy of it, in the output of
  kubectl describe and in crash reports. A credential there must be taken for known.
fix: Put it into a Secret (or an external store), take it from there with `valueFrom`, and replace the credential itself.
profile: recommended
form: object
kinds: [Workload]
fix-class: none
controls: [S001]
frameworks:
  - OWASP-K8s-2022:K08
  - OWASP-K8s-2025:K03
  - NIST-800-190:4.1.4
  - PCI-DSS-4.0.1:8.6.2
  - SOC2-TSC:CC6.1
  - ISO27001-2022:A.5.17
  - CIS-K8s-1.12:5.4.1
  - ATT&CK:T1552.001
  - MS-ThreatMatrix:MS-TA9027
  - NSA-CISA-1.2:net/secrets
aliases:
  - checkov:CKV_SECRET_6
  - kubescape:C-0012
  - kubescape:C-0259
  - polaris:sensitiveContainerEnvVar
examples:
  - bad: named as a password, in an ordinary and in an init container
    lines: [10, 15]
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop}
      spec:
        initContainers:
          - name: setup
            image: registry.example.org/setup:1.4
            env:
              - name: API_KEY
                value: 81bd7fe92c
        containers:
          - name: web
            image: registry.example.org/web:2.1
            env:
              - {name: DB_PASSWORD, value: hunter2}
  - bad: a password in a URL under a harmless name
    lines: [10]
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop}
      spec:
        containers:
          - name: web
            image: registry.example.org/web:2.1
            env:
              - name: DATABASE
                value: postgres://shop:s3cr3t@db.example.org/shop
  - bad: a word that stands for a password, and works as one
    lines: [10]
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop}
      spec:
        containers:
          - name: web
            image: registry.example.org/web:2.1
            env:
              - name: ADMIN_PASSWORD
                value: changeme
  - good: files, lengths, switches, references, public keys and plain addresses
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop}
      spec:
        containers:
          - name: web
            image: registry.example.org/web:2.1
            env:
              - {name: DB_PASSWORD_FILE, value: /run/secrets/db}
              - {name: SECRET_KEY_PATH, value: /etc/key}
              - {name: TOKEN, value: /var/run/secrets/token}
              - {name: TOKEN_TTL, value: "3600"}
              - {name: PASSWORD_MIN_LENGTH, value: "12"}
              - {name: PUBLIC_KEY, value: AAAAB3NzaC1yc2E}
              - {name: REQUIRE_PASSWORD, value: "true"}
              - {name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}
              - {name: API_TOKEN, value: $(OTHER_TOKEN)}
              - {name: VAULT_SECRET, value: "vault:secret/data/shop#token"}
              - {name: TOKEN_URL, value: "https://login.example.org/token"}
              - {name: EMPTY_PASSWORD, value: ""}
  - good: a value that nobody has filled in may be anything
    undecided: true
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop}
      spec:
        containers:
          - name: web
            image: registry.example.org/web:2.1
            env:
              - {name: DB_PASSWORD, value: "${DB_PASSWORD}"}
"""


def check(it: Resource, params: Mapping[str, Any]) -> Iterator[Violation | Doubt]:
    for pod in it.pods():
        for container in pod.containers:
            listed = container.body.get("env")
            if type(listed) is list and listed:
                yield from _asked(container, listed)


def _asked(container: Container, listed: list[Any]) -> Iterator[Violation | Doubt]:
    from portside.secrets.names import names_credential
    from portside.secrets.texts import in_value

    for index, variable in enumerate(listed):
        if type(variable) is dict and variable.get("value"):
            name, value = str(variable.get("name")), str(variable["value"])
            hit = in_value(name, value)
            if hit is not None or names_credential(name):
                yield from _told(container, index, name, value, hit)


def _told(
    container: Container, index: int, name: str, value: str, hit: Hit | None
) -> Iterator[Violation | Doubt]:
    """What is said of a variable that holds a credential, or is called as if it did."""
    from portside.secrets.values import is_unfilled

    if hit is not None:
        said = f"container {container.body.get('name')} has {hit.kind} in the plain value of {name}"
        path = (*container.path, "env", index, "value")
        yield Violation(said, path, LOW if hit.placeholder else None)
    elif is_unfilled(value):
        yield Doubt(f"the value of {name} is a template that nobody has filled in")
