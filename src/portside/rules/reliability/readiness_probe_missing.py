"""A container that serves and is not asked whether it is ready."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts, labels_of
from portside.model.fields import mapping
from portside.model.selector import has_all
from portside.model.severity import INFO
from portside.model.violation import Violation
from portside.model.workload import Pod

RULE = """
id: readiness-probe-missing
controls: [R005]
title: Readiness probe missing
severity: medium
severity-reason: clients are sent to pods that cannot answer yet, at each start and each release
why: >-
  Without a readiness probe a Service sends traffic as soon as the process has started, and a
  rollout goes on to the next pod before this one works, so that a release which never answers
  replaces all that did.
fix: Add a readiness probe that succeeds when the program can answer its clients.
profile: strict
form: facts
kinds:
  [Pod, ReplicationController, apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet,
  extensions/Deployment, extensions/DaemonSet, extensions/ReplicaSet, apps.openshift.io/DeploymentConfig,
  argoproj.io/Rollout,
  serving.knative.dev/Service, apps.kruise.io/CloneSet, apps.kruise.io/StatefulSet,
  apps.kruise.io/DaemonSet]
fix-class: none
frameworks:
  - NIST-800-190:4.4.3
  - SOC2-TSC:A1.2
  - ISO27001-2022:A.8.14
aliases:
  - datree:CONTAINERS_MISSING_READINESSPROBE_KEY
  - checkov:CKV_K8S_9
  - kubescape:C-0018
  - kube-linter:no-readiness-probe
  - polaris:readinessProbeMissing
  - kics:Readiness Probe Is Not Configured
  - kyverno:require-probes
examples:
  - bad: a Service sends traffic to it, and a sidecar counts
    lines: [19, 23]
    manifest: |
      apiVersion: v1
      kind: Service
      metadata: {name: shop}
      spec:
        selector: {app: shop}
        ports: [{port: 80, targetPort: 8080}]
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            initContainers:
              - name: setup
                image: registry.example.org/setup:1.4
              - name: proxy
                image: registry.example.org/proxy:1.0
                restartPolicy: Always
            containers:
              - name: web
                image: registry.example.org/web:2.1
                ports: [{containerPort: 8080}]
  - bad: nothing is known of a Service, but it has a port
    lines: [6]
    part: true
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, labels: {app: shop}}
      spec:
        containers:
          - name: web
            image: registry.example.org/web:2.1
            ports: [{containerPort: 8080}]
  - good: a probe, and jobs that are never served
    manifest: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers:
              - name: web
                image: registry.example.org/web:2.1
                readinessProbe: {tcpSocket: {port: 8080}}
      ---
      apiVersion: batch/v1
      kind: Job
      metadata: {name: report}
      spec:
        template:
          spec:
            restartPolicy: Never
            containers: [{name: report, image: "registry.example.org/report:2.1"}]
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: test}
      spec:
        restartPolicy: Never
        containers: [{name: test, image: "registry.example.org/test:2.1"}]
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    for pod in it.pods():
        if pod.spec.get("restartPolicy", "Always") != "Always":
            continue
        served = None
        for container in pod.containers:
            body = container.body
            if "readinessProbe" in body or not _serves(container.role, body):
                continue
            if served is None:
                served = _is_served(pod, it, facts)
            maybe = not facts.whole and bool(body.get("ports"))
            severity = None if served or maybe else INFO
            message = f"container {body.get('name', '?')} has no readiness probe"
            yield Violation(message, (*container.path, "readinessProbe"), severity)


def _serves(role: str, body: Mapping[str, Any]) -> bool:
    """Init containers end before anybody is served, but for those that stay as sidecars."""
    return role == "containers" or (
        role == "initContainers" and body.get("restartPolicy") == "Always"
    )


def _is_served(pod: Pod, workload: Fact, facts: Facts) -> bool:
    if len(workload.pods()) == 1:
        return bool(facts.serving(workload))
    labels = labels_of(pod)
    selectors = (mapping(it.value, "spec", "selector") for it in facts.serving(workload))
    return any(has_all(it, labels) for it in selectors)
