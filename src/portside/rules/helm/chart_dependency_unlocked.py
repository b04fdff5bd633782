"""A chart that depends on whatever version is newest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.charts.dependencies import dependencies, is_in_step, lock_name, lock_of
from portside.model.resource import FileResource
from portside.model.severity import LOW
from portside.model.violation import Answer, Doubt, Violation

RULE = """
id: chart-dependency-unlocked
title: Chart dependency is not locked
severity: medium
severity-reason: the next build may take other code, and nobody has changed anything
why: >-
  A range of versions is decided when the chart is built. Without a lock beside it, or with one that was
  made for other dependencies, what was tested and what is installed are not the same charts. A
  portside.lock does not change that: it pins what is judged, and Helm does not read it.
fix: >-
  Run helm dependency update and commit the lock that it writes, again after each change of the
  dependencies.
profile: recommended
form: object
kinds: [HelmChart]
fix-class: unsafe
controls: [H001]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - SLSA-1.2:Build
  - MS-ThreatMatrix:MS-TA9002
  - NIST-800-190:4.1.5
examples:
  - bad: ranges, and no lock
    lines: [5, 8]
    manifest: |
      apiVersion: v2
      name: shop
      version: 1.0.0
      dependencies:
        - name: redis
          version: ^17.0.0
          repository: https://charts.example.org
        - name: queue
          repository: oci://registry.example.org/charts
  - bad: exact versions without a lock weigh less
    lines: [5]
    manifest: |
      apiVersion: v2
      name: shop
      version: 1.0.0
      dependencies:
        - name: redis
          version: 17.3.2
          repository: https://charts.example.org
  - bad: the lock is one of other dependencies
    lines: [4]
    beside:
      Chart.lock: |
        dependencies:
        - name: redis
          repository: https://charts.example.org
          version: 16.0.1
        digest: sha256:717c0212d4bd522d2a6ef66bc3c6b8f4275bb2f90d48f38da9e55304d92856b1
    manifest: |
      apiVersion: v2
      name: shop
      version: 1.0.0
      dependencies:
        - name: redis
          version: ^17.0.0
          repository: https://charts.example.org
  - bad: an old chart, whose dependencies have a file of their own
    file: requirements.yaml
    lines: [2]
    manifest: |
      dependencies:
        - name: redis
          version: "*"
          repository: https://charts.example.org
  - good: a range with the lock that Helm made for it, in a library chart too
    beside:
      Chart.lock: |
        dependencies:
        - name: redis
          repository: https://charts.example.org
          version: 17.3.2
        digest: sha256:4fd5001cb995b926119e5f6ab27d0d01d1c67f900831a49c2fc2abb359829a87
    manifest: |
      apiVersion: v2
      name: shop
      type: library
      version: 1.0.0
      dependencies:
        - name: redis
          version: ^17.0.0
          repository: https://charts.example.org
  - good: charts of the same tree, and one that lies in the chart
    beside:
      charts/redis-17.3.2.tgz: ""
    manifest: |
      apiVersion: v2
      name: shop
      version: 1.0.0
      dependencies:
        - {name: common, version: 1.x, repository: "file://../common"}
        - {name: redis, version: ^17.0.0, repository: "https://charts.example.org"}
  - good: nobody has looked for a lock
    part: true
    undecided: true
    manifest: |
      apiVersion: v2
      name: shop
      version: 1.0.0
      dependencies:
        - {name: redis, version: ^17.0.0, repository: "https://charts.example.org"}
"""


def check(it: FileResource, params: Mapping[str, Any]) -> Iterator[Answer]:
    remote = [one for one in dependencies(it) if not one.is_local and not one.vendored]
    if not remote:
        return
    name = lock_name(it)
    if it.source is None:
        yield Doubt(f"whether a {name} lies beside it")
        return
    lock = lock_of(it.source[name]) if name in it.source else None
    if lock is not None:
        if not is_in_step(it.value["dependencies"], lock):
            said = f"{name} was made for other dependencies, so that helm dependency build fails"
            yield Violation(said, ("dependencies",))
        return
    for one in remote:
        if one.is_exact:
            said = f"no {name} is beside it: nothing says which {one.name} was tested"
            yield Violation(said, one.path, LOW)
        else:
            said = f"any {one.name} of version {one.version or '*'} is taken: there is no {name}"
            yield Violation(said, one.path)
