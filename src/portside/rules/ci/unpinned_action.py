"""An action or a workflow of another repository that is named by a tag or a branch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.github import callers

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: unpinned-action
title: Action is not pinned to a commit
severity: high
severity-reason: whoever can move the tag runs code with this workflow's token and secrets
why: >-
  A tag or a branch can be moved to other code at any time. Whoever takes over the action's repository,
  or one account of it, runs in every pipeline that names the tag, and reads its secrets.
fix: "Name the whole commit hash, and keep the tag behind it for people and update bots: `@<hash> # v4.1.7`."
profile: recommended
form: object
kinds: [GitHubWorkflow, GitHubAction]
params:
  trusted:
    type: list(string)
    default: []
    description: actions that may be named by a tag, as owner/*, owner/repository or owner/repository/*
fix-class: none
controls: [B001]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - SLSA-1.2:Build
  - OWASP-CICD:SEC-3
  - "ATT&CK:T1195.002"
aliases:
  - zizmor:unpinned-uses
  - poutine:unpinnable_action
examples:
  - bad: a tag, a branch, and half a commit hash
    lines: [7, 8, 9]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/checkout@v4
            - uses: some-owner/some-action/folder@main
            - uses: some-owner/some-action@de0fac2
  - bad: a workflow of another repository
    lines: [5]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        release:
          uses: some-owner/workflows/.github/workflows/release.yaml@v2
  - bad: a composite action
    file: action.yaml
    lines: [6]
    manifest: |
      name: build
      description: builds
      runs:
        using: composite
        steps:
          - uses: actions/setup-go@v5
  - good: commits, folders of this repository, and an image, which is another rule's
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
            - uses: ./.github/actions/build
            - uses: docker://alpine:3.22
        release:
          uses: ./.github/workflows/release.yaml
  - good: an owner who is trusted with tags
    params: {trusted: ["actions/*"]}
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/checkout@v4
  - good: a step that never runs
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        build:
          runs-on: ubuntu-24.04
          steps:
            - uses: actions/checkout@v4
              if: false
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    for part in callers(it):
        uses = part.uses
        if uses is None or uses.is_commit or any(map(uses.fits, params["trusted"])):
            continue
        what = f"{uses.slug} is named by {uses.ref or 'nothing'}, which can be moved to other code"
        yield part.fault_in(what, "uses")
