"""A package index that is updated in a layer of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import FileResource
from portside.model.violation import Violation
from portside.syntax.dockerfile.commands import Ran, runs
from portside.syntax.dockerfile.packages import FAMILIES, INSTALLS, UPDATES, verbs
from portside.syntax.dockerfile.stages import Dockerfile

RULE = """
id: package-index-updated-alone
title: Package index is updated in a layer of its own
severity: low
severity-reason: the build goes on using the index of the day on which the layer was made
why: >-
  The index of packages is fetched by an instruction that installs nothing. Its layer is kept in
  the cache, so that later builds install from an index that is long out of date, without what
  was mended since.
fix: >-
  Update and install in one RUN: apt-get update && apt-get install.
profile: strict
form: object
kinds: [Dockerfile]
fix-class: none
controls: [D006]
frameworks:
  - OWASP-K8s-2022:K02
  - NIST-800-190:4.1.2
  - PCI-DSS-4.0.1:2.2.1
  - SOC2-TSC:CC7.1
  - ISO27001-2022:A.8.9
  - SLSA-1.2:Build
  - NIST-800-190:4.1.1
aliases:
  - checkov:CKV_DOCKER_5
  - trivy:DS-0017
examples:
  - bad: in another instruction than the installation
    file: Dockerfile
    lines: [2, 4]
    manifest: |
      FROM debian:12.6
      RUN apt-get update
      RUN apt-get install -y curl=7.88.1-10
      RUN apk update && echo done
      USER 65532
  - good: in the same one
    file: Dockerfile
    manifest: |
      FROM debian:12.6
      RUN apt-get update && apt-get install -y curl=7.88.1-10
      RUN apk --update add curl=8.5.0 ; yum update && yum install -y git
      RUN sbt update && echo apt update
      USER 65532
"""


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Violation]:
    dockerfile: Dockerfile = it.source
    for stage in dockerfile.used():
        updates: dict[tuple[int, str], Ran] = {}
        for ran in runs(stage):
            family = FAMILIES.get(ran.name)
            if family is None:
                continue
            key = (id(ran.step.instruction), family)
            told = verbs(ran)
            if told & INSTALLS:
                updates.pop(key, None)
            elif told & UPDATES:
                updates.setdefault(key, ran)
        for ran in updates.values():
            said = f"updates the index of {ran.name} and installs nothing from it in the same layer"
            yield Violation(
                said, (*dockerfile.path(ran.step.instruction), ran.name), place=ran.place()
            )
