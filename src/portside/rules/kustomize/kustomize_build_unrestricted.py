"""Kustomize that may run programs, or read outside of its folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.resource import Resource
from portside.model.violation import Violation
from portside.overlays.options import unrestricted

RULE = """
id: kustomize-build-unrestricted
title: Kustomize is built without its restrictions
severity: medium
severity-reason: whoever may change a kustomization runs code, or reads files, where it is built
why: >-
  By default Kustomize runs no plugins and reads only below its folder. With these options a kustomization
  of anybody's branch runs programs in the pipeline or the GitOps controller, or reads its files.
fix: Leave the options out; share files through a base or a component instead of a path outside.
profile: recommended
form: object
kinds: [ConfigMap, GitHubWorkflow, GitHubAction, GitLabPipeline]
fix-class: unsafe
controls: [Z002]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - ATT&CK:T1059
examples:
  - bad: options of Argo CD
    file: cm.yaml
    lines: [5, 6]
    manifest: |
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: argocd-cm, namespace: argocd}
      data:
        kustomize.buildOptions: --enable-helm --load-restrictor LoadRestrictionsNone
        kustomize.buildOptions.v4.5.7: --enable-alpha-plugins
  - bad: commands of a workflow
    file: .github/workflows/ci.yaml
    lines: [8, 9]
    manifest: |
      on: push
      permissions: {contents: read}
      jobs:
        deploy:
          runs-on: ubuntu-24.04
          steps:
            - run: |
                kustomize build --load-restrictor=LoadRestrictionsNone overlays/prod > all.yaml
                kustomize build --enable-alpha-plugins --enable-exec overlays/test > test.yaml
  - good: options that open nothing, and a ConfigMap of somebody else
    file: cm.yaml
    manifest: |
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: argocd-cm, namespace: argocd}
      data:
        kustomize.buildOptions: --enable-helm --load-restrictor LoadRestrictionsRootOnly
      ---
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: shop}
      data:
        kustomize.buildOptions: --enable-exec
  - good: a command without them
    file: .gitlab-ci.yml
    manifest: |
      deploy:
        script:
          - kubectl kustomize overlays/prod > all.yaml
          - echo kustomize --enable-exec
"""


def check(it: Resource, params: Mapping[str, Any]) -> Iterator[Violation]:
    if it.kind == "ConfigMap":
        yield from _of_argo(it)
        return
    from portside.workflows.helm import programs

    for part, keys, command in programs(it, ("kustomize", "kubectl")):
        words = [word.value for word in command.program[1:]]
        if command.name == "kustomize" or "kustomize" in words:
            for said in unrestricted(words):
                yield part.fault_in(said, *keys, span=(command.program[0].start, command.end))


def _of_argo(it: Resource) -> Iterator[Violation]:
    data = it.value.get("data")
    if it.ref.name != "argocd-cm" or type(data) is not dict:
        return
    for key, value in data.items():
        if key.startswith("kustomize.buildOptions") and type(value) is str:
            for said in unrestricted(value.split()):
                yield Violation(said, ("data", key))
