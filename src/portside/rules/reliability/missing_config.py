"""A pod that needs a ConfigMap, Secret or claim that is not there, or a key that it lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.fields import mapping, maps, text
from portside.model.kinds import is_kubernetes
from portside.model.place import FieldPath
from portside.model.severity import INFO
from portside.model.violation import Doubt, Violation
from portside.model.workload import Pod

RULE = """
id: missing-config
controls: [R015]
title: Pod needs an object or a key that is not there
severity: medium
severity-reason: its pods never start, and wait without an end
why: >-
  A pod whose ConfigMap, Secret or claim does not exist, or lacks the key that is asked for, stays
  in creation until somebody makes it: a rollout hangs, or a node's failure becomes an outage.
fix: >-
  Correct the name or the key, add the object, or say `optional: true`. A Secret that something
  outside the repository makes is right to be missing here: waive it, or name its maker.
profile: strict
form: facts
kinds: [Workload]
fix-class: none
frameworks:
  - NIST-800-190:4.4.3
  - SOC2-TSC:A1.2
  - ISO27001-2022:A.8.14
aliases:
  - kube-linter:env-value-from
examples:
  - bad: a key that the ConfigMap does not have
    lines: [16]
    manifest: |
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: settings}
      data: {color: blue}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: shop}
      spec:
        containers:
          - name: web
            image: registry.example.org/web:2.1
            env:
              - name: COLOR
                valueFrom:
                  configMapKeyRef: {name: settings, key: colour}
  - bad: objects that do not exist
    lines: [5, 8, 10, 13, 17, 21]
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop}
      spec:
        imagePullSecrets: [{name: registry}]
        volumes:
          - name: settings
            configMap: {name: settings}
          - name: data
            persistentVolumeClaim: {claimName: data}
          - name: all
            projected:
              sources: [{secret: {name: token}}]
        containers:
          - name: web
            image: registry.example.org/web:2.1
            envFrom: [{configMapRef: {name: defaults}}]
            env:
              - name: PASSWORD
                valueFrom:
                  secretKeyRef: {name: database, key: password}
  - good: they exist, are optional, or something makes them
    api: needs-crd
    manifest: |
      apiVersion: bitnami.com/v1alpha1
      kind: SealedSecret
      metadata: {name: database}
      spec: {encryptedData: {password: AgBy3i4OJSWK}}
      ---
      apiVersion: external-secrets.io/v1
      kind: ExternalSecret
      metadata: {name: registry-login}
      spec:
        target: {name: registry}
      ---
      apiVersion: cert-manager.io/v1
      kind: Certificate
      metadata: {name: web}
      spec: {secretName: web-tls, dnsNames: [shop.example.org], issuerRef: {name: shop}}
  - good: optional ones, and what each namespace has
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop}
      spec:
        volumes:
          - name: settings
            configMap: {name: settings, optional: true}
          - name: authority
            configMap: {name: kube-root-ca.crt}
          - name: extra
            secret: {secretName: extra, optional: true}
        containers:
          - name: web
            image: registry.example.org/web:2.1
            envFrom: [{configMapRef: {name: defaults, optional: true}}]
            env:
              - name: PASSWORD
                valueFrom:
                  secretKeyRef: {name: database, key: password, optional: true}
              - name: NAME
                valueFrom:
                  fieldRef: {fieldPath: metadata.name}
  - good: they may stand in another file
    part: true
    undecided: true
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop}
      spec:
        containers:
          - name: web
            image: registry.example.org/web:2.1
            envFrom: [{configMapRef: {name: defaults}}]
"""

Need = tuple[FieldPath, str, str, str]
"""Where a pod asks, and the kind, the name and the key (or none) that it asks for."""
_EVERYWHERE = frozenset(("kube-root-ca.crt", "openshift-service-ca.crt"))
_MAKERS = ("secretName",), ("target", "name"), ("destination", "name"), ("secret", "name")
"""Where operators name, in the spec of their objects, the Secret that they make."""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation | Doubt]:
    absent = False
    for pod in it.pods():
        for path, kind, name, key in _needs(pod):
            found = [*facts.all_named(kind, it.namespace, name)]
            if not found:
                if name in _EVERYWHERE or _is_made(kind, name, it.namespace, facts):
                    continue
                if facts.whole:
                    weight = INFO if "imagePullSecrets" in path else None
                    yield Violation(f"needs the {kind} {name}, which does not exist", path, weight)
                absent = True
            elif key and not any(_has(one, key) for one in found):
                yield Violation(f"needs the key {key}, which the {kind} {name} lacks", path)
    if absent and not facts.whole:
        yield Doubt("the ConfigMaps, Secrets and claims of its namespace")


def _has(found: Fact, key: str) -> bool:
    """Whether it holds the key, or is empty: then something else fills it."""
    data = [mapping(found.value, field) for field in ("data", "binaryData", "stringData")]
    return any(key in it for it in data) or not any(data)


def _is_made(kind: str, name: str, namespace: str, facts: Facts) -> bool:
    """Whether a custom resource makes the object: it has its name, or names it in its spec."""
    made = facts.once(_made)
    return (namespace, name, "") in made or (namespace, name, kind) in made


def _made(facts: Facts) -> set[tuple[str, str, str]]:
    """What custom resources make: (namespace, name, kind), without a kind where it may be any."""
    made = set()
    for fact in facts.listed:
        if not is_kubernetes(fact.ref.group):
            made.add((fact.namespace, fact.name, ""))
            for steps in _MAKERS:
                made.add((fact.namespace, text(fact.value, "spec", *steps), "Secret"))
    return made


def _needs(pod: Pod) -> Iterator[Need]:
    for index, it in maps(pod.spec, "imagePullSecrets"):
        if text(it, "name"):
            yield (*pod.path, "imagePullSecrets", index), "Secret", text(it, "name"), ""
    for index, volume in maps(pod.spec, "volumes"):
        yield from _of_volume(volume, (*pod.path, "volumes", index))
    for container in pod.containers:
        for index, it in maps(container.body, "envFrom"):
            path = (*container.path, "envFrom", index)
            yield from _wanted(it, path, (("configMapRef", "ConfigMap"), ("secretRef", "Secret")))
        for index, it in maps(container.body, "env"):
            path = (*container.path, "env", index, "valueFrom")
            keys = (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret"))
            yield from _wanted(mapping(it, "valueFrom"), path, keys)


def _of_volume(volume: Mapping[str, Any], path: FieldPath) -> Iterator[Need]:
    claim = text(volume, "persistentVolumeClaim", "claimName")
    if claim:
        yield (*path, "persistentVolumeClaim"), "PersistentVolumeClaim", claim, ""
    yield from _wanted(volume, path, (("configMap", "ConfigMap"), ("secret", "Secret")))
    for index, source in maps(volume, "projected", "sources"):
        place = (*path, "projected", "sources", index)
        yield from _wanted(source, place, (("configMap", "ConfigMap"), ("secret", "Secret")))


def _wanted(
    value: Mapping[str, Any], path: FieldPath, kinds: tuple[tuple[str, str], ...]
) -> Iterator[Need]:
    for field, kind in kinds:
        asked = value.get(field)
        if type(asked) is not dict or asked.get("optional") is True:
            continue
        name = text(asked, "name") or text(asked, "secretName")
        keys = [text(item, "key") for _, item in maps(asked, "items")] or [text(asked, "key")]
        if name:
            for key in keys:
                yield (*path, field), kind, name, key
