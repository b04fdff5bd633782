"""A label whose key or value the API server refuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation

if TYPE_CHECKING:
    from portside.model.place import FieldPath
    from portside.model.resource import Resource

RULE = """
id: invalid-label
title: A label is none that Kubernetes takes
severity: medium
severity-reason: the API server refuses the object, so that nothing of it is in force
why: >-
  A label's value has at most 63 letters, digits, hyphens, underscores and points, and begins and ends
  with a letter or digit; its key is such a name, after the name of a domain and a slash if need be.
  The API server refuses an object with any other label, and pods are not made from such a template.
fix: Shorten the label and leave out what is not allowed; an annotation may hold any text.
profile: recommended
form: object
kinds: ['*']
fix-class: unsafe
controls: [R018]
frameworks:
  - NIST-800-190:4.4.3
  - SOC2-TSC:A1.2
  - ISO27001-2022:A.8.14
aliases:
  - datree:WORKLOAD_INVALID_LABELS_VALUE
  - kics:Metadata Label Is Invalid
  - kube-score:label-values
examples:
  - bad: a value with a space, one that ends with a hyphen, a key of two domains
    lines: [6, 7, 8]
    api: refused
    manifest: |
      apiVersion: v1
      kind: ConfigMap
      metadata:
        name: shop
        labels:
          owner: Ada Lovelace
          release: v1-
          example.org/shop/part: web
  - bad: too long, in a template
    lines: [10]
    api: refused
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata:
            labels:
              app: shop
              commit: a123456789012345678901234567890123456789012345678901234567890123
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - good: values of all forms
    manifest: |
      apiVersion: v1
      kind: ConfigMap
      metadata:
        name: shop
        labels:
          app.kubernetes.io/version: "2.1_b-3"
          part: ""
          X: web
"""

_MIDDLE = str.maketrans("", "", "-_.")
_LONGEST, _LONGEST_DOMAIN = 63, 253
_SURE: set[str] = set()
"""Keys that were found right: the same few are written everywhere."""
_MOST_SURE = 4096


def check(it: Resource, params: Mapping[str, Any]) -> Iterator[Violation]:
    metadata = it.value.get("metadata")
    if type(metadata) is dict:
        yield from _labels(metadata, ("metadata",))
    for pod in it.pods():
        if pod.metadata is not metadata:
            yield from _labels(pod.metadata, pod.metadata_path)


def _labels(metadata: Mapping[str, Any], path: FieldPath) -> Iterator[Violation]:
    labels = metadata.get("labels")
    if type(labels) is not dict:
        return
    for key, value in labels.items():
        if type(value) is str and value and not _is_name(value):
            yield Violation(_said("has a label with a value", value), (*path, "labels", key))
        elif key not in _SURE and not _is_key(key):
            yield Violation(_said("has a label with a key", key), (*path, "labels", key))


def _said(what: str, text: str) -> str:
    if len(text) > _LONGEST and "/" not in text:
        return f"{what} of {len(text)} characters, of which at most {_LONGEST} are allowed"
    return f"{what} that Kubernetes does not take"


def _is_name(text: str) -> bool:
    if len(text) > _LONGEST or not text.isascii():
        return False
    return text.isalnum() or (
        text[:1].isalnum() and text[-1:].isalnum() and text.translate(_MIDDLE).isalnum()
    )


def _is_key(key: str) -> bool:
    domain, slash, name = key.rpartition("/")
    sure = _is_name(name) and (not slash or _is_domain(domain))
    if sure and len(_SURE) < _MOST_SURE:
        _SURE.add(key)
    return sure


def _is_domain(domain: str) -> bool:
    """A subdomain of DNS (RFC 1123): lower case labels between points."""
    if not domain.isascii() or len(domain) > _LONGEST_DOMAIN or domain != domain.lower():
        return False
    return all(
        part[:1].isalnum() and part[-1:].isalnum() and part.replace("-", "").isalnum()
        for part in domain.split(".")
    )
