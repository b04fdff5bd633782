"""A cache that is restored where something is released."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.finding import Finding
from portside.model.mending import FieldEdit, UnmendableError
from portside.model.violation import Violation
from portside.workflows.caches import restored, turned_off
from portside.workflows.github import workflow

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: cache-in-release
title: Release is built from a cache
severity: medium
severity-reason: whoever can run code on the default branch's cache can put code into the release
why: >-
  A cache is filled by other runs. One of them, a test or a dependency's script, can put changed files
  into it, and the release is built from these.
fix: "Turn the cache off in workflows that release."
profile: recommended
form: object
kinds: [GitHubWorkflow]
fix-class: safe
controls: [B010]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - SLSA-1.2:Build
  - OWASP-CICD:SEC-9
  - "ATT&CK:T1195.002"
aliases:
  - zizmor:cache-poisoning
examples:
  - bad: a tag starts it, and a cache is restored, asked for or not
    lines: [7, 9, 10]
    manifest: |
      on: {push: {tags: ["v*"]}}
      permissions: {contents: read}
      jobs:
        release:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/cache@0057852bfaa89a56745cba8c7296529d2fc39830
              with: {path: ~/.cache, key: all}
            - uses: actions/setup-go@44694675825211faa026b3c33043df3e48a5fa00
            - uses: actions/setup-python@83679a892e2d95755f2dac6acb0bfd1e9ac5d548
              with: {cache: pip}
  - bad: it publishes
    lines: [7]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/setup-go@44694675825211faa026b3c33043df3e48a5fa00
            - uses: goreleaser/goreleaser-action@e435ccd777264be153ace6237001ef4d979d3a7a
    fixed: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/setup-go@44694675825211faa026b3c33043df3e48a5fa00
              with:
                cache: false
            - uses: goreleaser/goreleaser-action@e435ccd777264be153ace6237001ef4d979d3a7a
  - good: caches are off where it releases
    manifest: |
      on: release
      permissions: {contents: read}
      jobs:
        release:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/setup-go@44694675825211faa026b3c33043df3e48a5fa00
              with: {cache: false}
            - uses: actions/setup-python@83679a892e2d95755f2dac6acb0bfd1e9ac5d548
  - good: nothing is released
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/setup-go@44694675825211faa026b3c33043df3e48a5fa00
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for step, certain in restored(workflow(it)):
        said = "restores a cache" if certain else "may restore a cache"
        yield step.fault(f"{said} where something is released", "uses")


def mend(it: Resource, found: Finding, params: dict[str, Any]) -> Iterator[FieldEdit]:
    for step, _ in restored(workflow(it)):
        if (*step.path, "uses") == found.path:
            inputs = dict(turned_off(step))
            if not inputs:
                raise UnmendableError("the action has no input that turns its cache off")
            for name, value in inputs.items():
                path = (*step.path, "with", step.input_key(name))
                yield FieldEdit("remove" if value is None else "set", path, value)
