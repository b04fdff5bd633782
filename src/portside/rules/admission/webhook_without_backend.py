"""A webhook whose Service is nowhere, has another port, or no pods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.backends import HTTPS, Backends
from portside.model.facts import Fact, Facts
from portside.model.fields import mapping, maps, text
from portside.model.place import FieldPath
from portside.model.violation import Violation

RULE = """
id: webhook-without-backend
title: Webhook has nothing behind it
severity: medium
severity-reason: every request fails, or nothing is judged
why: >-
  The API server asks a Service that is not there, on a port that it has not, or with no pods
  behind it. With `failurePolicy: Fail` each request that matches is refused; with Ignore the
  webhook does nothing.
fix: >-
  Correct the name, the namespace or the port of the Service, or remove the webhook.
profile: recommended
form: facts
kinds:
  - admissionregistration.k8s.io/ValidatingWebhookConfiguration
  - admissionregistration.k8s.io/MutatingWebhookConfiguration
controls: [M006]
needs: the Services of its namespace
fix-class: none
frameworks:
  - OWASP-K8s-2022:K04
  - OWASP-K8s-2025:K04
  - NIST-800-190:4.4.5
  - PCI-DSS-4.0.1:6.5.1
  - SOC2-TSC:CC8.1
  - ISO27001-2022:A.8.32
aliases:
  - kubescape:C-0036
examples:
  - bad: a Service that is nowhere
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
            service: {name: shop, namespace: default}
          rules:
            - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: store, namespace: default}
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
  - bad: another port
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
            service: {name: shop, namespace: default}
          rules:
            - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: default}
      spec:
        selector: {app: shop}
        ports: [{port: 8443}]
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
  - bad: no pods
    lines: [9]
    manifest: |
      apiVersion: admissionregistration.k8s.io/v1
      kind: MutatingWebhookConfiguration
      metadata: {name: shop}
      webhooks:
        - name: admit.shop.example.org
          admissionReviewVersions: [v1]
          sideEffects: None
          clientConfig:
            service: {name: shop, namespace: default, port: 443}
          rules:
            - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: default}
      spec:
        selector: {app: store}
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
  - good: all is there
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
        selector: {matchLabels: {app: shop}}
        template:
          metadata: {labels: {app: shop}}
          spec:
            containers: [{name: web, image: "registry.example.org/web:2.1"}]
  - good: endpoints that are set by hand
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
        selector: {}
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
  - good: the controller is installed by others
    manifest: |
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingWebhookConfiguration
      metadata: {name: shop}
      webhooks:
        - name: admit.shop.example.org
          admissionReviewVersions: [v1]
          sideEffects: None
          clientConfig:
            service: {name: admit, namespace: kube-system}
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
  - good: its Service may stand in another file
    part: true
    undecided: true
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
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    for index, webhook in maps(it.value, "webhooks"):
        service = mapping(webhook, "clientConfig", "service")
        namespace, name = text(service, "namespace"), text(service, "name")
        # What an installed controller serves is no part of this tree.
        if name and facts.once(Backends).is_near(namespace):
            at: FieldPath = ("webhooks", index, "clientConfig", "service")
            yield from _missing(facts, service, at)


def _missing(facts: Facts, wanted: dict[str, Any], at: FieldPath) -> Iterator[Violation]:
    namespace, name = text(wanted, "namespace"), text(wanted, "name")
    found = facts.once(Backends).named(namespace, name)
    if found is None:
        yield Violation(f"asks the Service {namespace}/{name}, which is nowhere", (*at, "name"))
        return
    port = wanted.get("port", HTTPS)
    offered = [it.get("port") for _, it in maps(found.value, "spec", "ports")]
    if offered and port not in offered:
        message = (
            f"asks port {port} of the Service {name}, which has {', '.join(map(str, offered))}"
        )
        yield Violation(message, (*at, "port"))
    elif mapping(found.value, "spec", "selector") and next(facts.served(found), None) is None:
        yield Violation(f"asks the Service {name}, which selects no pods", (*at, "name"))
