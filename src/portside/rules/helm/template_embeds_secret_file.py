"""A secret file of a chart that a template puts into a manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.charts.template import template_of
from portside.charts.template_text import marked
from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax.gotemplate.parse import commands_of

RULE = """
id: template-embeds-secret-file
title: Template takes a secret from a file of the chart
severity: low
severity-reason: by its name alone nobody knows what the file holds
why: >-
  A key or a password file in a chart is in every package of it, in the repository and in the Secret in
  which Helm stores the release.
fix: Keep the file out of the chart, and let a value name a Secret that exists.
profile: recommended
form: object
kinds: [HelmTemplate]
fix-class: none
controls: [H005]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - SLSA-1.2:Build
examples:
  - bad: a key, and a file of passwords
    lines: [6, 7]
    manifest: |
      apiVersion: v1
      kind: Secret
      metadata:
        name: shop
      data:
        tls.key: {{ .Files.Get "certs/tls.key" | b64enc }}
        users: {{ (.Files.Get "files/.htpasswd") | b64enc | quote }}
  - good: a certificate and settings, and a file that a value names
    manifest: |
      {{/* .Files.Get "certs/tls.key" */}}
      apiVersion: v1
      kind: ConfigMap
      metadata:
        name: shop
      data:
        ca.crt: {{ .Files.Get "certs/ca.crt" | quote }}
        shop.yaml: {{ .Files.Get "shop.yaml" | quote }}
        own: {{ .Files.Get .Values.file | quote }}
"""

_ENDS = (
    *(".key", ".p12", ".pfx", ".jks", ".keystore", ".kubeconfig", ".ppk", "id_rsa", "id_ed25519"),
    *("id_ecdsa", ".htpasswd", ".pgpass", ".netrc", ".dockerconfigjson", "-key.pem", ".key.pem"),
)
_READERS = ("Get", "GetBytes", "Lines", "Glob")


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    template = template_of(it).template
    for action in template.actions if "Files" in template.text else ():
        for command in commands_of(action.pipe):
            name = command[1].constant if len(command) > 1 else None
            reads = command[0].path[:1] == ("Files",) and command[0].path[-1] in _READERS
            if reads and name and name.lower().endswith(_ENDS):
                said = f"takes a secret from the file {name} of the chart"
                span = (command[1].at, command[1].at + len(command[1].text))
                yield marked(it, action, said, span, (name,))
