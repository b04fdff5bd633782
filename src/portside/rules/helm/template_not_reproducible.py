"""A template that renders something else each time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.charts.template_text import marked, walk
from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax.gotemplate.parse import Call

RULE = """
id: template-not-reproducible
title: Template renders something else each time
severity: low
severity-reason: it is a nuisance until it replaces a password that is in use
why: >-
  Random texts, new certificates, the time and answers of DNS differ from one rendering to the next. A
  GitOps controller sees a change each time it looks, and each upgrade replaces what is in use.
fix: >-
  Let a value name a Secret that exists, or make it once in a hook; a checksum of the settings starts new
  pods where they change.
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
  - bad: a password, a certificate, the time
    lines: [1, 7, 8]
    manifest: |
      {{- $ca := genCA "shop" 365 }}
      apiVersion: v1
      kind: Secret
      metadata:
        name: shop
      data:
        password: {{ .Values.password | default (randAlphaNum 16) | b64enc }}
        made: {{ now | date "2006" | b64enc }}
  - good: the old value is kept, as far as it can be asked for
    manifest: |
      {{- $old := lookup "v1" "Secret" .Release.Namespace "shop" }}
      apiVersion: v1
      kind: Secret
      metadata:
        name: shop
      data:
        password: {{ if $old }}{{ $old.data.password }}{{ else }}{{ randAlphaNum 16 | b64enc }}{{ end }}
  - good: a library of Bitnami keeps it
    manifest: |
      {{- $ca := genCA "shop" 365 }}
      apiVersion: v1
      kind: Secret
      metadata:
        name: shop
      data:
        ca.crt: {{ include "common.secrets.lookup" (dict "secret" "shop" "key" "ca.crt" "defaultValue" $ca.Cert "context" $) }}
  - good: a checksum, and words in comments and texts
    manifest: |
      apiVersion: v1
      kind: ConfigMap
      metadata:
        name: shop
        annotations:
          checksum: {{ .Values | toYaml | sha256sum }}
      data:
        now: {{ "now" | quote }} # {{/* now */}}
        later: {{ .Values.now | quote }}
"""

_RANDOM = ("randAlpha", "randAlphaNum", "randNumeric", "randAscii", "randBytes", "randInt")
_MADE = {
    **dict.fromkeys(_RANDOM, "a new random text"),
    **dict.fromkeys(("uuidv4", "shuffle", "bcrypt", "encryptAES"), "a new text"),
    "htpasswd": "a new hash",
    **dict.fromkeys(("genPrivateKey",), "a new key"),
    **dict.fromkeys(("genCA", "genCAWithKey"), "a new certificate"),
    **dict.fromkeys(("genSelfSignedCert", "genSelfSignedCertWithKey"), "a new certificate"),
    **dict.fromkeys(("genSignedCert", "genSignedCertWithKey"), "a new certificate"),
    "now": "the time",
    "getHostByName": "an answer of DNS",
}
_KEEPING = ("lookup", "passwords.manage")
"""Words in the names of templates that keep what is in the cluster already."""


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    found = list(walk(it, _MADE))
    if any(_keeps(call) for _, call in found):
        return
    for action, call in found:
        what = _MADE.get(call.name)
        if what is not None:
            said = f"renders {what} each time: {call.name}"
            yield marked(it, action, said, (call.at, call.at + len(call.name)), (call.name,))


def _keeps(call: Call) -> bool:
    """Whether it asks for what is there: `lookup`, or a template of a library that does."""
    if call.name != "include":
        return call.name == "lookup"
    name = call.arguments[0].constant if call.arguments else None
    return name is not None and any(word in name for word in _KEEPING)
