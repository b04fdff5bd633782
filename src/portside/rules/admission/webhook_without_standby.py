"""A webhook that must answer, with a single pod behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.backends import Backends
from portside.model.facts import Fact, Facts
from portside.model.fields import mapping, maps, text
from portside.model.violation import Violation

RULE = """
id: webhook-without-standby
title: Webhook must answer, and one pod answers
severity: medium
severity-reason: a restart of one pod stops all changes
why: >-
  With `failurePolicy: Fail` nothing that matches can be changed while the webhook is away, and
  a single pod is away at each update and each drain of its node.
fix: >-
  Run two replicas or more, with a PodDisruptionBudget.
profile: strict
form: facts
kinds:
  - admissionregistration.k8s.io/ValidatingWebhookConfiguration
  - admissionregistration.k8s.io/MutatingWebhookConfiguration
controls: [M002]
fix-class: none
frameworks:
  - OWASP-K8s-2022:K04
  - OWASP-K8s-2025:K04
  - NIST-800-190:4.4.5
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
  - SOC2-TSC:A1.2
  - ATT&CK:T1499
examples:
  - bad: one replica
    lines: [9]
    manifest: |
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingWebhookConfiguration
      metadata: {name: shop}
      webhooks:
        - name: admit.shop.example.org
          admissionReviewVersions: [v1]
          sideEffects: None
          clientConfig:
            service: {name: shop, namespace: default, path: /admit}
          rules:
            - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: default}
      spec:
        selector: {app: shop}
        ports: [{port: 443}]
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop, namespace: default, labels: {app.kubernetes.io/name: shop}}
      spec:
        replicas: 1
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - bad: one, as by default
    lines: [9]
    manifest: |
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingWebhookConfiguration
      metadata: {name: shop}
      webhooks:
        - name: admit.shop.example.org
          admissionReviewVersions: [v1]
          sideEffects: None
          clientConfig:
            service: {name: shop, namespace: default, path: /admit}
          rules:
            - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
          failurePolicy: Fail
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: default}
      spec:
        selector: {app: shop}
        ports: [{port: 443}]
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop, namespace: default, labels: {app.kubernetes.io/name: shop}}
      spec:
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - good: two
    manifest: |
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingWebhookConfiguration
      metadata: {name: shop}
      webhooks:
        - name: admit.shop.example.org
          admissionReviewVersions: [v1]
          sideEffects: None
          clientConfig:
            service: {name: shop, namespace: default, path: /admit}
          rules:
            - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: default}
      spec:
        selector: {app: shop}
        ports: [{port: 443}]
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop, namespace: default, labels: {app.kubernetes.io/name: shop}}
      spec:
        replicas: 2
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - good: it may be skipped
    manifest: |
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingWebhookConfiguration
      metadata: {name: shop}
      webhooks:
        - name: admit.shop.example.org
          admissionReviewVersions: [v1]
          sideEffects: None
          clientConfig:
            service: {name: shop, namespace: default, path: /admit}
          rules:
            - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
          failurePolicy: Ignore
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: default}
      spec:
        selector: {app: shop}
        ports: [{port: 443}]
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop, namespace: default, labels: {app.kubernetes.io/name: shop}}
      spec:
        replicas: 1
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - good: a server outside
    manifest: |
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingWebhookConfiguration
      metadata: {name: shop}
      webhooks:
        - name: admit.shop.example.org
          admissionReviewVersions: [v1]
          sideEffects: None
          clientConfig:
            url: https://admit.example.org/pods
          rules:
            - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: default}
      spec:
        selector: {app: shop}
        ports: [{port: 443}]
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop, namespace: default, labels: {app.kubernetes.io/name: shop}}
      spec:
        replicas: 1
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    for index, webhook in maps(it.value, "webhooks"):
        if webhook.get("failurePolicy") == "Ignore":
            continue
        wanted = mapping(webhook, "clientConfig", "service")
        service = facts.once(Backends).named(text(wanted, "namespace"), text(wanted, "name"))
        alone = next((b for b in facts.served(service) if _is_alone(b)), None) if service else None
        if alone is not None:
            message = f"must be asked, and only the one pod of {alone.ref} answers"
            yield Violation(message, ("webhooks", index, "clientConfig", "service"))


def _is_alone(workload: Fact) -> bool:
    replicas = mapping(workload.value, "spec").get("replicas", 1)
    return workload.ref.kind in ("Deployment", "StatefulSet") and replicas == 1
