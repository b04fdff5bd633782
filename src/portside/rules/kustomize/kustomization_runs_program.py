"""A kustomization that runs a program while it is built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.place import dotted
from portside.model.resource import FileResource
from portside.model.violation import Answer, Doubt, Violation
from portside.overlays.functions import functions

RULE = """
id: kustomization-runs-program
title: Kustomization runs a program
severity: medium
severity-reason: whoever can change the program or its image runs code where it is built
why: >-
  A generator or transformer that is a function of its own is a program: it runs with the rights of the
  pipeline or the GitOps controller that builds, and can make anything of any object.
fix: Use built-in generators and transformers, or pin the function's image by digest and drop exec.
profile: recommended
form: object
kinds: [Kustomization]
fix-class: none
controls: [Z002]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - ATT&CK:T1059
examples:
  - bad: a program, an image that moves
    lines: [2, 10]
    manifest: |
      generators:
        - |-
          apiVersion: example.org/v1
          kind: Shop
          metadata:
            name: shop
            annotations:
              config.kubernetes.io/function: "exec: {path: ./plugins/shop.sh}"
      transformers:
        - transformer.yaml
    beside:
      transformer.yaml: |
        apiVersion: example.org/v1
        kind: Shop
        metadata:
          name: shop
          annotations:
            config.kubernetes.io/function: |
              container:
                image: registry.example.org/fn/shop:v1
  - good: built-in ones, and a function by digest
    manifest: |
      generators:
        - generator.yaml
      transformers:
        - |-
          apiVersion: builtin
          kind: LabelTransformer
          metadata: {name: labels}
          labels: {app: shop}
        - |-
          apiVersion: example.org/v1
          kind: Shop
          metadata:
            name: shop
            annotations:
              config.kubernetes.io/function: |
                container:
                  image: registry.example.org/fn/shop@sha256:9b2cc5a0ef3a9d3eb3a2f1b9d3a7bd0a39a1dcb0c6f4f1f94bb9a1b76b1b7c11
    beside:
      generator.yaml: |
        apiVersion: builtin
        kind: ConfigMapGenerator
        metadata: {name: shop}
        literals: [a=b]
  - good: a file that nobody has looked at
    undecided: true
    part: true
    manifest: |
      generators: [generator.yaml]
"""


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Answer]:
    for path, found in functions(it):
        if found is None:
            yield Doubt(f"the file that {dotted(path)} names, which is not in the tree")
        elif found:
            yield Violation(found, path)
