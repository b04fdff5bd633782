"""A generated object whose name stays the same when it changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation

RULE = """
id: generated-name-without-hash
title: Generated object keeps its name when it changes
severity: low
severity-reason: what runs is no longer what the repository says, until somebody restarts it
why: >-
  The hash in the name of a generated ConfigMap or Secret makes pods start anew with its new content.
  Without it they go on with the old one, each until it happens to be restarted.
fix: >-
  Leave disableNameSuffixHash out; where something outside needs the name, put a checksum of the content
  into an annotation of the pods.
profile: strict
form: object
kinds: [Kustomization]
fix-class: unsafe
controls: [Z004]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
examples:
  - bad: for all that is generated
    lines: [2]
    manifest: |
      generatorOptions:
        disableNameSuffixHash: true
      configMapGenerator:
        - {name: shop, literals: [a=b]}
  - bad: for one of them
    lines: [4]
    manifest: |
      secretGenerator:
        - name: shop
          envs: [shop.env]
          options: {disableNameSuffixHash: true}
        - name: other
          envs: [other.env]
  - good: hashes, said to be on
    manifest: |
      generatorOptions: {disableNameSuffixHash: false, labels: {app: shop}}
      configMapGenerator:
        - {name: shop, literals: [a=b]}
  - good: nothing is generated here
    manifest: |
      generatorOptions: {disableNameSuffixHash: true}
      resources: [../base]
"""

_GENERATORS = ("configMapGenerator", "secretGenerator")
_OPTION = "disableNameSuffixHash"


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    said = "keeps the name of what it generates when the content changes"
    if _is_off(it.value.get("generatorOptions")) and any(it.value.get(key) for key in _GENERATORS):
        yield Violation(said, ("generatorOptions", _OPTION))
        return
    for field in _GENERATORS:
        listed = it.value.get(field)
        for index, one in enumerate(listed if type(listed) is list else ()):
            if type(one) is dict and _is_off(one.get("options")):
                yield Violation(said, (field, index, "options", _OPTION))


def _is_off(options: Any) -> bool:
    return type(options) is dict and options.get(_OPTION) is True
