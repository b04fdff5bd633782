"""A Secret that a kustomization makes of what is written beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.severity import LOW
from portside.model.violation import Answer, Doubt, Violation
from portside.overlays.secrets import PLACEHOLDER, UNSEEN, secrets

RULE = """
id: secret-generated-from-plain-text
title: Secret is generated from plain text
severity: high
severity-reason: it is a Secret with its values in the repository, by another path
why: >-
  What secretGenerator reads stands in the repository in plain text, in its literals or in the files that
  it names. Everybody who can read the repository has it, and its history keeps it.
fix: Encrypt the file (SOPS) and let a plugin of the controller decrypt it, or let an external store fill the Secret; replace the credentials.
profile: recommended
form: object
kinds: [Kustomization]
fix-class: none
controls: [Z003]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - ATT&CK:T1552.001
  - OWASP-K8s-2022:K08
  - OWASP-K8s-2025:K03
examples:
  - bad: literals, to the one at fault
    lines: [4, 5]
    manifest: |
      secretGenerator:
        - name: db
          literals:
            - password=hunter2-and-more
            - token=changeme
            - username=shop
            - url=${DB_URL}
  - bad: a file of variables, and a key
    lines: [3, 6, 8]
    manifest: |
      secretGenerator:
        - name: db
          envs: [db.env]
        - name: tls
          files:
            - tls.key=certs/shop.key
            - tls.crt=certs/shop.crt
        - {name: old, env: old.env}
    beside:
      db.env: |
        # the database
        DB_PASSWORD=hunter2-and-more
        DB_USER=shop
      old.env: "A=b1c2d3"
      certs/shop.key: |
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIB
        -----END EC PRIVATE KEY-----
      certs/shop.crt: |
        -----BEGIN CERTIFICATE-----
        MIIB
        -----END CERTIFICATE-----
  - good: encrypted by SOPS, and nothing that is secret
    manifest: |
      secretGenerator:
        - name: db
          envs: [db.env]
          files: [shop.yaml]
          literals: [username=shop, host=db.example.org, "password="]
      configMapGenerator:
        - name: settings
          literals: [password=hunter2-and-more]
    beside:
      db.env: |
        DB_PASSWORD=ENC[AES256_GCM,data:0Vt1Y0dD,iv:aXY=,tag:dGFn,type:str]
        sops_version=3.9.1
        sops_mac=ENC[AES256_GCM,data:bWFj,iv:aXY=,tag:dGFn,type:str]
      shop.yaml: |
        password: ENC[AES256_GCM,data:0Vt1Y0dD,iv:aXY=,tag:dGFn,type:str]
        sops:
          mac: ENC[AES256_GCM,data:bWFj,iv:aXY=,tag:dGFn,type:str]
          version: 3.9.1
  - good: a file that is not in the repository
    undecided: true
    manifest: |
      secretGenerator:
        - name: db
          envs: [db.env]
"""


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Answer]:
    for path, said, how in secrets(it):
        if how == UNSEEN:
            yield Doubt(said)
        else:
            yield Violation(said, path, LOW if how == PLACEHOLDER else None)
