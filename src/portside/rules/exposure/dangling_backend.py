"""A route whose backend does not exist, or is another namespace's and not granted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.fields import mapping, maps, text
from portside.model.isolation import near
from portside.model.place import FieldPath
from portside.model.violation import Answer, Doubt, Violation

RULE = """
id: dangling-backend
title: Route leads to a Service that is not there
severity: medium
severity-reason: "callers get errors, or whoever creates the Service gets their requests"
why: >-
  A host that is still routed to a Service which is gone answers with errors, and a new Service of that
  name takes over its callers, their cookies and passwords.
fix: Correct the name or the port, add the Service or the ReferenceGrant, or remove the route.
profile: recommended
form: facts
kinds:
  - networking.k8s.io/Ingress
  - extensions/Ingress
  - gateway.networking.k8s.io/HTTPRoute
  - gateway.networking.k8s.io/GRPCRoute
  - gateway.networking.k8s.io/TCPRoute
  - gateway.networking.k8s.io/TLSRoute
  - gateway.networking.k8s.io/UDPRoute
fix-class: none
controls: [X011]
frameworks:
  - OWASP-K8s-2025:K06
  - NIST-800-190:4.4.2
  - PCI-DSS-4.0.1:1.3.1
  - SOC2-TSC:CC6.6
  - ISO27001-2022:A.8.22
  - ATT&CK:T1557
aliases:
  - kubescape:C-0298
  - kubescape:C-0302
  - kube-linter:dangling-ingress
  - kube-score:ingress-targets-service
examples:
  - bad: written as before networking.k8s.io/v1
    api: refused
    lines: [10]
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: shop, namespace: shop}
      spec:
        rules:
          - host: shop.example.org
            http:
              paths:
                - path: /
                  backend: {serviceName: shop, servicePort: 80}
  - bad: of a version that was served until 1.22
    api: needs-crd
    lines: [14]
    manifest: |
      apiVersion: networking.k8s.io/v1beta1
      kind: Ingress
      metadata: {name: store, namespace: shop}
      spec:
        backend: {serviceName: shop, servicePort: http}
        rules:
          - host: store.example.org
            http:
              paths:
                - path: /a
                  backend: {serviceName: shop, servicePort: 80}
                - path: /b
                  backend:
                    serviceName: store
                    servicePort: 80
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: shop}
      spec:
        selector: {app: shop}
        ports: [{name: http, port: 80}]
  - bad: no such Service, no such port
    lines: [6, 14, 18]
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: shop, namespace: shop}
      spec:
        defaultBackend:
          service: {name: gone, port: {number: 80}}
        rules:
          - host: shop.example.org
            http:
              paths:
                - path: /a
                  pathType: Prefix
                  backend:
                    service: {name: shop, port: {number: 8080}}
                - path: /b
                  pathType: Prefix
                  backend:
                    service: {name: shop, port: {name: https}}
                - path: /c
                  pathType: Prefix
                  backend: {service: {name: shop, port: {name: http}}}
                - path: /d
                  pathType: Prefix
                  backend: {service: {name: shop, port: {number: 80}}}
                - path: /e
                  pathType: Prefix
                  backend: {resource: {apiGroup: example.org, kind: Bucket, name: icons}}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: shop}
      spec: {ports: [{name: http, port: 80}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: gone, namespace: other}
      spec: {ports: [{port: 80}]}
  - bad: a route to another namespace, without a grant
    api: needs-crd
    lines: [7, 9]
    manifest: |
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: shop, namespace: shop}
      spec:
        rules:
          - backendRefs:
              - {name: db, namespace: payments, port: 80}
              - {name: open, namespace: payments, port: 80}
              - {name: gone, port: 80}
              - {name: bucket, kind: Bucket, group: example.org}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: db, namespace: payments}
      spec: {ports: [{port: 80}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: open, namespace: payments}
      spec: {ports: [{port: 80}]}
      ---
      apiVersion: gateway.networking.k8s.io/v1beta1
      kind: ReferenceGrant
      metadata: {name: shop, namespace: payments}
      spec:
        from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop}]
        to: [{group: "", kind: Service, name: open}]
  - good: they are there
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: shop, namespace: shop}
      spec:
        defaultBackend: {service: {name: shop, port: {number: 80}}}
        rules:
          - host: shop.example.org
            http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: redirect, port: {name: use-annotation}}}}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: shop}
      spec: {ports: [{port: 80}]}
  - good: it may stand in files that were not scanned
    part: true
    undecided: true
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: shop}
      spec: {defaultBackend: {service: {name: gone, port: {number: 80}}}}
"""
_ANNOTATION = "use-annotation"
"""The AWS load balancer controller's name for a backend that an annotation describes."""

Backend = tuple[str, str, int | str | None, FieldPath]
"""Namespace, name, port, and where it stands."""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Answer]:
    listed = _of_ingress(it) if it.ref.kind == "Ingress" else _of_route(it)
    for namespace, name, port, path in listed:
        found = _found(it, facts, namespace, name)
        message = _fault(it, facts, found, (namespace, name, port, path))
        if message and name and not facts.whole:
            yield Doubt("the Services of its namespace")
            return
        if message:
            yield Violation(message, path)


def _found(it: Fact, facts: Facts, namespace: str, name: str) -> list[Fact]:
    known = facts.once(_known)
    key = (it.folder, namespace, name)
    if key not in known:
        services = facts.once(_services).get(name, ())
        known[key] = [service for service in services if near(namespace, it, service)]
    return known[key]


def _known(facts: Facts) -> dict[tuple[str, str, str], list[Fact]]:
    """What was asked already: many routes may lead to one Service."""
    return {}


def _services(facts: Facts) -> dict[str, list[Fact]]:
    known: dict[str, list[Fact]] = {}
    for service in facts.of("Service"):
        known.setdefault(service.name, []).append(service)
    return known


def _fault(it: Fact, facts: Facts, found: list[Fact], backend: Backend) -> str:
    namespace, name, port, _ = backend
    if not name:
        return "leads nowhere: its backend has neither a service nor a resource"
    if not found:
        where = f" in {namespace}" if namespace != it.namespace else ""
        return f"leads to the Service {name}{where}, which is not there"
    if namespace != it.namespace and not _granted(it, facts, namespace, name):
        return f"leads to the Service {name} of {namespace}, which no ReferenceGrant allows"
    facts.spend(len(found))
    if port is not None and not any(_has_port(service, port) for service in found):
        return f"leads to port {port} of the Service {name}, which has no such port"
    return ""


def _of_ingress(it: Fact) -> Iterator[Backend]:
    current = it.ref.api_version == "networking.k8s.io/v1"
    yield from _service(it, mapping(it.value, "spec", "defaultBackend"), ("spec", "defaultBackend"))
    yield from _service(it, mapping(it.value, "spec", "backend"), ("spec", "backend"))
    for number, rule in maps(it.value, "spec", "rules"):
        for index, path in maps(rule, "http", "paths"):
            place = ("spec", "rules", number, "http", "paths", index, "backend")
            backend = mapping(path, "backend")
            if current and "service" not in backend and "resource" not in backend:
                yield it.namespace, "", None, place
            else:
                yield from _service(it, backend, place)


def _service(it: Fact, backend: dict[str, Any], path: FieldPath) -> Iterator[Backend]:
    name = text(backend, "service", "name")
    port = mapping(backend, "service", "port")
    if name and port.get("name") != _ANNOTATION:
        wanted = port.get("name") or port.get("number")
        yield it.namespace, name, wanted, (*path, "service")
    # As it was written before networking.k8s.io/v1, which does not read it.
    old, old_port = text(backend, "serviceName"), backend.get("servicePort")
    if old and not name and old_port != _ANNOTATION:
        yield it.namespace, old, old_port, (*path, "serviceName")


def _of_route(it: Fact) -> Iterator[Backend]:
    for number, rule in maps(it.value, "spec", "rules"):
        for index, ref in maps(rule, "backendRefs"):
            if ref.get("kind", "Service") != "Service" or ref.get("group", "") not in ("", None):
                continue
            name = text(ref, "name")
            if name:
                path = ("spec", "rules", number, "backendRefs", index)
                yield text(ref, "namespace") or it.namespace, name, ref.get("port"), path


def _has_port(service: Fact, wanted: int | str) -> bool:
    if text(service.value, "spec", "type") == "ExternalName":
        return True
    return any(
        wanted in (it.get("name"), it.get("port")) for _, it in maps(service.value, "spec", "ports")
    )


def _granted(it: Fact, facts: Facts, namespace: str, name: str) -> bool:
    """Whether a ReferenceGrant of `namespace` lets this route use its Service `name`."""
    for grant in facts.of("gateway.networking.k8s.io/ReferenceGrant"):
        facts.spend(1)
        if near(namespace, it, grant):
            given = any(
                one.get("kind") == it.ref.kind and one.get("namespace") == it.namespace
                for _, one in maps(grant.value, "spec", "from")
            )
            opened = any(
                one.get("kind") == "Service" and one.get("name", name) == name
                for _, one in maps(grant.value, "spec", "to")
            )
            if given and opened:
                return True
    return False
