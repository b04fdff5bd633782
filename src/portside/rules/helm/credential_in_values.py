"""A credential among the values of a chart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.charts.credentials import credentials
from portside.model.place import FieldPath
from portside.model.resource import Resource
from portside.model.violation import Violation

RULE = """
id: credential-in-values
title: Credential in the values of a chart
severity: high
severity-reason: the repository keeps it, and so does the Secret in which Helm stores the release
why: >-
  Whoever reads the repository has the credential, and so has everybody who may read the release that
  Helm stores in the namespace. Neither forgets it when the file is changed.
fix: >-
  Let the chart take an existing Secret, filled by an external store or encrypted (SOPS, Sealed Secrets),
  and replace the credential.
profile: recommended
form: object
kinds: [HelmValues, Kustomization, HelmRelease, argoproj.io/Application, argoproj.io/ApplicationSet, GitHubWorkflow, GitHubAction, GitLabPipeline]
fix-class: none
controls: [H003]
frameworks:
  - OWASP-K8s-2022:K02
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - ATT&CK:T1552.001
  - MS-ThreatMatrix:MS-TA9027
  - PCI-DSS-4.0.1:8.6.2
  - OWASP-K8s-2022:K08
  - OWASP-K8s-2025:K03
aliases:
  - checkov:CKV_SECRET_6
examples:
  - bad: by the name and by the format
    manifest: |
      auth:
        password: hunter2-and-more
        user: shop
        port: 5432
      extraEnv:
        - name: API_TOKEN
          value: 81bd7fe92c
        - name: KEY
          value: AKIAJ5TESTTESTTESTAA
    lines: [2, 7, 9]
  - bad: a placeholder that works weighs less, and a password may be a number
    lines: [1, 2]
    manifest: |
      rootPassword: changeme
      adminPassword: 20240917
  - bad: in a text of settings, to the line
    lines: [4]
    manifest: |
      config: |
        [database]
        user = shop
        password = hunter2-and-more
  - bad: an environment's values
    file: values-prod.yaml
    lines: [1]
    manifest: |
      redis: {auth: {password: hunter2-and-more}}
  - bad: a release of Flux and an application of Argo CD
    file: release.yaml
    lines: [8, 19, 21]
    api: needs-crd
    manifest: |
      apiVersion: helm.toolkit.fluxcd.io/v2
      kind: HelmRelease
      metadata: {name: shop, namespace: shop}
      spec:
        interval: 5m
        chart: {spec: {chart: shop, version: 1.4.2, sourceRef: {kind: HelmRepository, name: charts}}}
        values:
          auth: {password: hunter2-and-more}
      ---
      apiVersion: argoproj.io/v1alpha1
      kind: Application
      metadata: {name: shop, namespace: argocd}
      spec:
        project: shop
        source:
          repoURL: https://charts.example.org
          helm:
            parameters:
              - {name: auth.password, value: hunter2-and-more}
            valuesObject:
              token: 81bd7fe92c
        destination: {server: "https://kubernetes.default.svc", namespace: shop}
  - bad: a chart of a kustomization
    file: kustomization.yaml
    lines: [3]
    manifest: |
      helmCharts:
        - name: shop
          valuesInline: {auth: {password: hunter2-and-more}}
  - bad: a value that a pipeline sets
    file: .gitlab-ci.yml
    lines: [3]
    manifest: |
      deploy:
        script:
          - helm upgrade shop ./shop --set image.tag=1.2.3,auth.password=hunter2-and-more
  - good: names of Secrets and of their keys, templates, settings about passwords, nothing
    manifest: |
      auth:
        existingSecret: shop-db
        existingSecretPasswordKey: db-password
        password: ""
        token: ${TOKEN}
        passwordFile: /run/secrets/db
        passwordMinLength: 12
      tls: {secretName: shop-tls, secret: shop-tls}
      imagePullSecrets: [registry]
      serviceAccount: {automountServiceAccountToken: false}
      externalSecret: {secretKey: api-token, remoteRef: {key: shop/api}}
  - good: encrypted by SOPS
    file: values-prod.yaml
    manifest: |
      auth: {password: "ENC[AES256_GCM,data:0Vt1Y0dD,iv:aXY=,tag:dGFn,type:str]"}
      sops: {mac: "ENC[AES256_GCM,data:bWFj,iv:aXY=,tag:dGFn,type:str]", version: 3.9.1}
  - good: a release whose values come from a Secret, and a secret of the pipeline
    file: release.yaml
    api: needs-crd
    manifest: |
      apiVersion: helm.toolkit.fluxcd.io/v2
      kind: HelmRelease
      metadata: {name: shop, namespace: shop}
      spec:
        interval: 5m
        chart: {spec: {chart: shop, version: 1.4.2, sourceRef: {kind: HelmRepository, name: charts}}}
        valuesFrom: [{kind: Secret, name: shop-values}]
  - good: a variable of the pipeline
    file: .gitlab-ci.yml
    manifest: |
      deploy:
        script:
          - helm upgrade shop ./shop --set auth.password=$DB_PASSWORD --set replicas=2
"""

_SETTERS = ("--set", "--set-string", "--set-literal", "--set-json")


def check(it: Resource, params: Mapping[str, Any]) -> Iterator[Violation]:
    if it.kind in ("GitHubWorkflow", "GitHubAction", "GitLabPipeline"):
        yield from _set_by_commands(it)
        return
    for path, values in _given(it):
        if type(values) is str:
            yield from _of_text(it, path, values)
            continue
        for below, name, hit in credentials(values):
            yield _violation(it, (*path, *below), name, hit)
    for path, name, value in _parameters(it):
        for _, _, hit in credentials({name.rpartition(".")[2]: value}):
            yield _violation(it, path, name, hit)


def _of_text(it: Resource, path: FieldPath, text: str) -> Iterator[Violation]:
    """Values that stand in a text, as those of Argo CD do."""
    from portside.secrets.texts import in_lines

    for hit in in_lines(text):
        yield _violation(it, path, str(path[-1]), hit)


def _violation(it: Resource, path: FieldPath, name: str, hit: Any) -> Violation:
    from portside.secrets.found import violation

    found = violation(it, path, hit)
    return found.but(message=f"{name} holds {hit.kind}")


def _given(it: Resource) -> Iterator[tuple[FieldPath, Any]]:
    """Where values stand in `it`, and what."""
    if it.kind == "HelmValues":
        yield (), it.value
    elif it.kind == "Kustomization":
        for index, chart in enumerate(_list(it.value.get("helmCharts"))):
            yield ("helmCharts", index, "valuesInline"), _at(chart, "valuesInline")
    elif it.kind == "HelmRelease":
        yield ("spec", "values"), _at(it.value, "spec", "values")
    else:
        for path, source in _sources(it):
            for key in ("valuesObject", "values"):
                yield (*path, "helm", key), _at(source, "helm", key)


def _parameters(it: Resource) -> Iterator[tuple[FieldPath, str, str]]:
    """The parameters of Argo CD's applications: (path of the value, name, value)."""
    for path, source in _sources(it) if it.kind.startswith("Application") else ():
        for index, one in enumerate(_list(_at(source, "helm", "parameters"))):
            name, value = _at(one, "name"), _at(one, "value")
            if type(name) is str and type(value) is str:
                yield (*path, "helm", "parameters", index, "value"), name, value


def _sources(it: Resource) -> Iterator[tuple[FieldPath, Any]]:
    path = ("spec",) if it.kind == "Application" else ("spec", "template", "spec")
    spec = _at(it.value, *path)
    yield (*path, "source"), _at(spec, "source")
    for index, source in enumerate(_list(_at(spec, "sources"))):
        yield (*path, "sources", index), source


def _set_by_commands(it: Resource) -> Iterator[Violation]:
    from portside.workflows.helm import programs

    for part, keys, command in programs(it, ("helm",)):
        words = command.program
        for word, following in zip(words, (*words[1:], words[-1]), strict=True):
            option, equals, given = word.value.partition("=")
            text = given if equals else following.value
            if option in _SETTERS and any(_tells(pair) for pair in text.split(",")):
                place = word if equals else following
                yield part.fault_in(
                    "helm is given a credential that is written here",
                    *keys,
                    span=(place.start, place.end),
                )


def _tells(pair: str) -> bool:
    from portside.secrets.texts import in_value

    name, equals, value = pair.partition("=")
    hit = in_value(name.rpartition(".")[2], value) if equals else None
    return hit is not None and not hit.placeholder


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if type(value) is dict else None
    return value


def _list(value: Any) -> list[Any]:
    return value if type(value) is list else []
