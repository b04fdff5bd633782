"""A base that somebody else may change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.severity import LOW
from portside.model.violation import Violation
from portside.overlays.references import references
from portside.overlays.remote import COMMIT, TAG, remote

RULE = """
id: remote-base-not-pinned
title: Remote base is not pinned
severity: medium
severity-reason: a push to somebody else's repository changes your cluster
why: >-
  A branch, or an address without a revision, is read anew with each build. What its owner pushes, or
  whoever has taken the repository over, is applied without a review here. A portside.lock does not
  change that: it pins what is judged, and Kustomize does not read it.
fix: "Append ?ref= with the full hash of a commit, or vendor the base into the repository."
profile: recommended
form: object
kinds: [Kustomization]
fix-class: unsafe
controls: [Z001]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - SLSA-1.2:Build
  - ATT&CK:T1195.002
  - NIST-800-190:4.1.5
examples:
  - bad: a branch, no revision at all, forms of Git
    lines: [2, 3, 4, 5, 7, 9]
    manifest: |
      resources:
        - https://github.com/example/shop//deploy?ref=main
        - github.com/example/shop/deploy
        - git@git.example.org:example/shop.git//deploy?ref=release-1
        - https://raw.githubusercontent.com/example/shop/main/deploy/crd.yaml
      components:
        - git::https://git.example.org/example/parts.git
      bases:
        - ssh://git@git.example.org/example/base.git?timeout=90
  - bad: a tag weighs less
    lines: [2, 3]
    manifest: |
      resources:
        - https://github.com/example/shop//deploy?ref=v1.4.2
        - https://github.com/example/shop/releases/download/v1.4.2/install.yaml
  - bad: a component, a schema and a patch
    lines: [4, 6, 8]
    manifest: |
      apiVersion: kustomize.config.k8s.io/v1alpha1
      kind: Component
      crds:
        - https://example.org/schemas/shop.json
      openapi:
        path: https://example.org/schemas/openapi.json
      patches:
        - path: https://example.org/patches/shop.yaml
  - good: full hashes, in a query and in an address
    manifest: |
      resources:
        - https://github.com/example/shop//deploy?ref=4f1c2d9e0d5c4f4e9f430a3e1c0a7b11deadbeef
        - github.com/example/shop/deploy?version=4f1c2d9e0d5c4f4e9f430a3e1c0a7b11deadbeef&timeout=90s
        - https://raw.githubusercontent.com/example/shop/4f1c2d9e0d5c4f4e9f430a3e1c0a7b11deadbeef/deploy/crd.yaml
  - good: what is in the tree, and resources that stand here
    manifest: |
      resources:
        - ../base
        - github.com.yaml
        - deployment.yaml
      components: [../../components/mesh]
      patches:
        - path: patch.yaml
      generators:
        - |-
          apiVersion: builtin
          kind: ConfigMapGenerator
          metadata: {name: https://example.org}
"""


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    for path, text in references(it.value):
        found = remote(text)
        if found is None or found.pin == COMMIT:
            continue
        if found.pin == TAG:
            said = f"builds on {found.host} at the tag {found.ref}, which its owner can move"
            yield Violation(said, path, LOW)
        else:
            yield Violation(f"builds on {found.host} {_revision(found.ref)}", path)


def _revision(ref: str) -> str:
    return f"at {ref}, which moves" if ref else "at whatever revision is newest"
