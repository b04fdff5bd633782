"""A credential in a ConfigMap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import Resource
from portside.model.violation import Violation

RULE = """
id: credential-in-config-map
title: Credential in a ConfigMap
severity: high
severity-reason: a ConfigMap is read by many who may not read Secrets, and is never encrypted
why: >-
  ConfigMaps are for what everybody may know: many roles read them, they are shown in full, and
  encryption at rest leaves them out. A credential there is one that everybody has.
fix: Move it into a Secret, and replace the credential itself.
profile: recommended
form: object
kinds: [ConfigMap]
fix-class: none
controls: [S002]
frameworks:
  - OWASP-K8s-2022:K08
  - OWASP-K8s-2025:K03
  - NIST-800-190:4.1.4
  - PCI-DSS-4.0.1:8.6.2
  - SOC2-TSC:CC6.1
  - ISO27001-2022:A.5.17
  - ATT&CK:T1552.001
  - MS-ThreatMatrix:MS-TA9027
  - NSA-CISA-1.2:net/secrets
aliases:
  - trivy:KSV-0109
  - kubescape:C-0012
  - polaris:sensitiveConfigmapContent
examples:
  - bad: a key that names a password
    lines: [5]
    manifest: |
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: shop}
      data:
        password: supersecret
  - bad: in a file of settings, to the line
    lines: [7, 11]
    manifest: |
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: shop}
      data:
        shop.properties: |
          user=shop
          db.password=hunter2
        shop.json: |
          {
            "name": "shop",
            "apiKey": "81bd7fe92c"
          }
  - bad: a private key
    lines: [5]
    manifest: |
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: shop}
      data:
        tls: "-----BEGIN EC PRIVATE KEY-----\\nMHcCAQEEIB\\n-----END EC PRIVATE KEY-----"
  - good: certificates, templates, settings about passwords, and nothing behind the name
    manifest: |
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: shop}
      data:
        ca.crt: "-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----"
        password.min-length: "12"
        shop.properties: |
          # password=hunter2
          db.password=
          db.password.file=/run/secrets/db
          db.token=${DB_TOKEN}
        nginx.conf: |
          proxy_pass http://web:8080;
"""


def check(it: Resource, params: Mapping[str, Any]) -> Iterator[Violation]:
    from portside.secrets.found import decoded, violation
    from portside.secrets.texts import in_lines, in_value

    for field in ("data", "binaryData"):
        values = it.value.get(field)
        if type(values) is not dict:
            continue
        for key, value in values.items():
            text = decoded(value) if field == "binaryData" else value
            if type(text) is not str or not text:
                continue
            if "\n" not in text.strip():
                hit = in_value(key, text)
                found = [hit] if hit is not None else [*in_lines(text)][:1]
            else:
                found = [*in_lines(text)]
            for hit in found:
                yield violation(it, (field, key), hit)
