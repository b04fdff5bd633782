"""A controller whose selector does not select the pods that it makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import labels_of
from portside.model.fields import at
from portside.model.resource import Resource
from portside.model.selector import has_all, matches
from portside.model.violation import Violation
from portside.model.workload import Pod

RULE = """
id: selector-mismatch
controls: [R014]
title: Selector does not select the controller's own pods
severity: high
severity-reason: the API server refuses the object, so nothing runs
why: >-
  A controller finds its pods by the labels in its selector. Where its template does not carry them,
  it would make pods without end, so Kubernetes refuses it.
fix: Write the labels of the selector into the template.
profile: recommended
form: object
kinds: [apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, ReplicationController, apps.openshift.io/DeploymentConfig]
fix-class: unsafe
frameworks:
  - NIST-800-190:4.4.3
  - SOC2-TSC:A1.2
  - ISO27001-2022:A.8.14
aliases:
  - kubescape:C-0296
  - kube-linter:mismatching-selector
  - kube-score:deployment-pod-selector-labels-match-template-metadata-labels
  - kube-score:statefulset-pod-selector-labels-match-template-metadata-labels
examples:
  - bad: another label, an expression, no label, no selector
    lines: [5, 16, 25, 35]
    api: refused
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: store}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: apps/v1
      kind: StatefulSet
      metadata: {name: shop}
      spec:
        serviceName: shop
        selector: {matchExpressions: [{key: app, operator: In, values: [shop]}]}
        template:
          metadata: {labels: {app: store}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: apps/v1
      kind: DaemonSet
      metadata: {name: agent}
      spec:
        template:
          metadata: {labels: {app: agent}}
          spec:
            containers: [{name: agent, image: "registry.example.org/agent:2.1"}]
      ---
      apiVersion: v1
      kind: ReplicationController
      metadata: {name: shop}
      spec:
        selector: {app: shop}
        template:
          metadata: {labels: {app: store}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - good: a patch for kustomize, which is no whole object
    api: refused
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop}
      spec:
        template:
          spec:
            containers: [{name: web, env: [{name: LEVEL, value: debug}]}]
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: store}
      $patch: delete
  - good: more labels than the selector asks for
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop}
      spec:
        selector:
          matchLabels: {app: shop}
          matchExpressions: [{key: tier, operator: Exists}]
        template:
          metadata: {labels: {app: shop, tier: front}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
      ---
      apiVersion: v1
      kind: ReplicationController
      metadata: {name: shop}
      spec:
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
"""


def check(it: Resource, params: Mapping[str, Any]) -> Iterator[Violation]:
    selector = at(it.value, "spec", "selector")
    plain = it.kind in ("ReplicationController", "DeploymentConfig")
    for pod in it.pods():
        labels = labels_of(pod)
        if not selector:
            if it.ref.api_version == "apps/v1" and labels and _is_whole(pod):
                yield Violation("has no selector", ("spec", "selector"))
        elif type(selector) is dict and not (has_all if plain else matches)(selector, labels):
            yield Violation("does not select the pods of its own template", ("spec", "selector"))


def _is_whole(pod: Pod) -> bool:
    """Patches look like objects: they lack the selector of what they change, and the images."""
    return bool(pod.containers) and all(it.body.get("image") for it in pod.containers)
