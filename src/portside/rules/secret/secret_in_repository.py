"""A Secret whose values stand in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import Resource
from portside.model.severity import LOW
from portside.model.violation import Violation

RULE = """
id: secret-in-repository
title: Secret with its values in a file
severity: high
severity-reason: base64 hides nothing, and a repository forgets nothing
why: >-
  The values of a Secret are encoded, not encrypted. In a file of a repository they are known to all
  who can read it, now and later, and stay in its history when the file is gone.
fix: Encrypt the file (SOPS, Sealed Secrets) or let an external store fill the Secret, clean the history, and replace the credentials.
profile: recommended
form: object
kinds: [Secret]
fix-class: none
controls: [S003]
frameworks:
  - OWASP-K8s-2022:K08
  - OWASP-K8s-2025:K03
  - NIST-800-190:4.1.4
  - PCI-DSS-4.0.1:8.6.2
  - SOC2-TSC:CC6.1
  - ISO27001-2022:A.5.17
  - CIS-K8s-1.12:5.4.2
  - ATT&CK:T1552.001
  - MS-ThreatMatrix:MS-TA9027
  - NSA-CISA-1.2:net/secrets
aliases:
  - checkov:CKV_SECRET_13
examples:
  - bad: encoded and plain values
    lines: [6, 8]
    manifest: |
      apiVersion: v1
      kind: Secret
      metadata: {name: shop}
      type: Opaque
      data:
        db: aHVudGVyMg==
      stringData:
        api: 81bd7fe92c
  - bad: the key of a certificate, but not the certificate
    lines: [7]
    manifest: |
      apiVersion: v1
      kind: Secret
      metadata: {name: shop}
      type: kubernetes.io/tls
      data:
        tls.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t
        tls.key: LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t
  - bad: a word that everybody knows works all the same
    lines: [5]
    manifest: |
      apiVersion: v1
      kind: Secret
      metadata: {name: shop}
      stringData:
        password: changeme
  - good: nothing in it
    manifest: |
      apiVersion: v1
      kind: Secret
      metadata: {name: shop}
      data: {db: ""}
  - good: a token that the cluster fills in
    manifest: |
      apiVersion: v1
      kind: Secret
      metadata: {name: shop, annotations: {kubernetes.io/service-account.name: shop}}
      type: kubernetes.io/service-account-token
  - good: encrypted by SOPS
    api: refused
    manifest: |
      apiVersion: v1
      kind: Secret
      metadata: {name: shop}
      stringData:
        db: "ENC[AES256_GCM,data:0Vt1Y0dD,iv:aXY=,tag:dGFn,type:str]"
      sops: {mac: "ENC[AES256_GCM,data:bWFj,iv:aXY=,tag:dGFn,type:str]", version: 3.9.1}
  - good: names, addresses and certificates are no secrets, a template is none yet
    manifest: |
      apiVersion: v1
      kind: Secret
      metadata: {name: shop}
      stringData:
        username: shop
        host: db.example.org
        port: "5432"
        ca.crt: "-----BEGIN CERTIFICATE-----"
        password: "{{ .Values.password }}"
"""


def check(it: Resource, params: Mapping[str, Any]) -> Iterator[Violation]:
    from portside.secrets.found import decoded
    from portside.secrets.names import is_public
    from portside.secrets.values import is_placeholder, is_template

    if "sops" in it.value or it.value.get("type") == "bootstrap.kubernetes.io/token":
        return
    for field in ("data", "stringData"):
        values = it.value.get(field)
        for key, value in values.items() if type(values) is dict else ():
            text = value if field == "stringData" else decoded(value) or value
            if type(text) is not str or not text.strip() or is_public(key):
                continue
            if is_template(text[:200]) or "-BEGIN CERTIFICATE-" in text[:40]:
                continue
            known = LOW if is_placeholder(text) else None
            yield Violation(f"the value of {key} stands in the file", (field, key), known)
