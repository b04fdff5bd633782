"""A GitLab pipeline that includes configuration from elsewhere without saying which state of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.violation import Violation
from portside.workflows.gitlab import includes, pipeline
from portside.workflows.uses import is_commit

if TYPE_CHECKING:
    from portside.model.resource import Resource

RULE = """
id: unpinned-include
title: Included pipeline is not pinned
severity: high
severity-reason: whoever can change the other project runs code in this pipeline
why: >-
  What is included from another project, another site or the catalogue becomes part of this pipeline.
  A branch or a tag of it can change at any time, and so can what an address answers; its jobs see this
  project's variables.
fix: "Say the commit in `ref:` (or behind `@` for a component), and the hash of a remote file in `integrity:`."
profile: recommended
form: object
kinds: [GitLabPipeline]
params:
  trusted:
    type: list(string)
    default: []
    description: projects or addresses, by their beginnings, whose branches and tags are trusted
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
examples:
  - bad: a branch, nothing at all, an address, and a component's version
    lines: [3, 5, 7, 8]
    manifest: |
      include:
        - project: platform/pipelines
          ref: main
          file: /deploy.yml
        - project: platform/pipelines
          file: /build.yml
        - remote: https://pipelines.example.org/scan.yml
        - component: gitlab.example.org/platform/lint/lint@1.2
      build:
        script: make
  - bad: an address alone
    lines: [1]
    manifest: |
      include: https://pipelines.example.org/scan.yml
      build:
        script: make
  - good: commits, a hash, GitLab's own templates, and files of this repository
    manifest: |
      include:
        - local: ci/test.yml
        - template: Jobs/SAST.gitlab-ci.yml
        - project: platform/pipelines
          ref: de0fac2e4500dabe0009e67214ff5f5447ce83dd
          file: /deploy.yml
        - remote: https://pipelines.example.org/scan.yml
          integrity: sha256-L3/GAoKaw0Arw6hDCKeKQlV1QPEgHYxGBHsH4zG1IY8=
        - component: gitlab.example.org/platform/lint/lint@de0fac2e4500dabe0009e67214ff5f5447ce83dd
      build:
        script: make
  - good: a project that is trusted
    params: {trusted: [platform/]}
    manifest: |
      include:
        - project: platform/pipelines
          ref: main
          file: /deploy.yml
      build:
        script: make
"""


def check(it: Resource, params: dict[str, Any]) -> Iterator[Violation]:
    trusted = tuple(params["trusted"])
    for part, keys, kind, name in includes(pipeline(it)):
        if trusted and name.startswith(trusted):
            continue
        if kind == "project":
            ref = part.text("ref")
            if not is_commit(ref):
                what = f"by {ref}, which can move" if ref else "as it is on its default branch"
                yield part.fault(f"includes a file of {name} {what}", "ref" if ref else "project")
        elif kind == "remote" and not part.at("integrity"):
            yield part.fault("includes what an address answers, whatever that is", *keys)
        elif kind == "component" and not is_commit(name.rpartition("@")[2]):
            version = name.rpartition("@")[2]
            yield part.fault(f"includes a component by {version}, which can move", *keys)
