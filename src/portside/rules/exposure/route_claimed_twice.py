"""Two routes that answer for the same host and path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.fields import at, maps, text
from portside.model.place import FieldPath
from portside.model.violation import Violation

RULE = """
id: route-claimed-twice
title: Two routes claim the same host and path
severity: medium
severity-reason: one of them takes the requests of the other, and which one is a matter of age
why: >-
  Which of two routes for one host and path gets the requests depends on the controller and on which was
  created first: an outage by accident, or another team's users in one's hands.
fix: Remove one of the two, or give them different hosts or paths.
profile: recommended
form: facts
kinds: [networking.k8s.io/Ingress, gateway.networking.k8s.io/HTTPRoute]
fix-class: none
controls: [X014]
frameworks:
  - OWASP-K8s-2025:K06
  - NIST-800-190:4.4.2
  - PCI-DSS-4.0.1:1.3.1
  - SOC2-TSC:CC6.6
  - ISO27001-2022:A.8.22
  - ATT&CK:T1557
aliases:
  - kyverno:unique-ingress-host-and-path
  - kyverno:unique-ingress-paths
examples:
  - bad: two Ingresses of one class
    lines: [20]
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: shop, namespace: shop}
      spec:
        rules:
          - host: shop.example.org
            http:
              paths:
                - {path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}
                - {path: /api, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}
      ---
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: web, namespace: web}
      spec:
        rules:
          - host: shop.example.org
            http:
              paths:
                - path: /
                  pathType: Prefix
                  backend: {service: {name: web, port: {number: 80}}}
                - {path: /api, pathType: Exact, backend: {service: {name: web, port: {number: 80}}}}
          - host: web.example.org
            http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
  - bad: two HTTPRoutes of one Gateway
    api: needs-crd
    lines: [16]
    manifest: |
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: shop, namespace: shop}
      spec:
        parentRefs: [{name: edge, namespace: edge}]
        hostnames: [shop.example.org]
        rules: [{backendRefs: [{name: shop, port: 80}]}]
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: web, namespace: web}
      spec:
        parentRefs: [{name: edge, namespace: edge}]
        hostnames: [shop.example.org, web.example.org]
        rules:
          - matches: [{path: {value: /}}]
            backendRefs: [{name: web, port: 80}]
          - matches: [{path: {value: /}, headers: [{name: x, value: y}]}]
            backendRefs: [{name: web, port: 80}]
  - good: a canary, another class, no host
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: shop, namespace: shop}
      spec:
        ingressClassName: edge
        rules:
          - host: shop.example.org
            http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}]}
          - http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: canary, namespace: shop, annotations: {nginx.ingress.kubernetes.io/canary: "true"}}
      spec:
        ingressClassName: edge
        rules:
          - host: shop.example.org
            http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: new, port: {number: 80}}}}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: internal, namespace: shop}
      spec:
        ingressClassName: internal
        rules:
          - host: shop.example.org
            http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: other, namespace: shop}
      spec:
        rules:
          - http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}]}
  - good: the same Ingress once more
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: shop, namespace: shop}
      spec:
        rules:
          - host: shop.example.org
            http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: shop, namespace: shop}
      spec:
        rules:
          - host: shop.example.org
            http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
  - good: two Ingresses that lead the same path to the same Service
    manifest: |
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: shop, namespace: shop}
      spec:
        rules:
          - host: shop.example.org
            http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: again, namespace: shop}
      spec:
        rules:
          - host: shop.example.org
            http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}]}
"""
_CANARY = "nginx.ingress.kubernetes.io/canary"
_CLASS = "kubernetes.io/ingress.class"

Claim = tuple[tuple[str, ...], FieldPath]
"""What a route claims, in words that are equal where two claims are, and where it stands."""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    mine = list(_claims(it))
    if not mine:
        return
    taken = facts.once(_taken)
    for claim, path in mine:
        for other, place in taken.get((it.ref.kind, *claim), ()):
            facts.spend(1)
            if _collide(other, it) and not _same_target(it, path, other, place):
                host, where = claim[-3], claim[-1]
                name = f"{other.namespace}/{other.name}" if other.namespace else other.name
                yield Violation(f"claims {host}{where}, as does {other.ref.kind} {name}", path)
                break


def _taken(facts: Facts) -> dict[tuple[str, ...], list[tuple[Fact, FieldPath]]]:
    """The claims, each once of an object that a folder holds many times."""
    known: dict[tuple[str, ...], dict[tuple[str, ...], tuple[Fact, FieldPath]]] = {}
    for fact in facts.of("networking.k8s.io/Ingress", "gateway.networking.k8s.io/HTTPRoute"):
        for claim, place in _claims(fact):
            target = repr(at(fact.value, *place[:-1], "backend"))
            key = (fact.folder, fact.namespace, fact.name, target)
            known.setdefault((fact.ref.kind, *claim), {}).setdefault(key, (fact, place))
    return {claim: list(places.values()) for claim, places in known.items()}


def _collide(other: Fact, it: Fact) -> bool:
    """Whether `other` comes first, is another object and meets this one."""
    if not _before(other, it) or other.ref[2:] == it.ref[2:]:
        return False
    return Facts.together(other, it)


def _before(other: Fact, it: Fact) -> bool:
    return (other.file, other.number) < (it.file, it.number)


def _claims(it: Fact) -> Iterator[Claim]:
    return _of_ingress(it) if it.ref.kind == "Ingress" else _of_route(it)


def _of_ingress(it: Fact) -> Iterator[Claim]:
    annotations = at(it.value, "metadata", "annotations") or {}
    if annotations.get(_CANARY) == "true":
        return
    name = text(it.value, "spec", "ingressClassName") or annotations.get(_CLASS, "")
    for number, rule in maps(it.value, "spec", "rules"):
        host = text(rule, "host")
        for index, path in maps(rule, "http", "paths"):
            if host:
                place = ("spec", "rules", number, "http", "paths", index, "path")
                kind = text(path, "pathType")
                yield (name, host, kind, text(path, "path") or "/"), place


def _of_route(it: Fact) -> Iterator[Claim]:
    """Only matches by path alone: others share a path on purpose."""
    hosts = at(it.value, "spec", "hostnames")
    for _, parent in maps(it.value, "spec", "parentRefs"):
        edge = (
            text(parent, "namespace") or it.namespace,
            *(text(parent, "name"), text(parent, "sectionName")),
        )
        for host in hosts if type(hosts) is list else ():
            for path, kind, value in _paths(it):
                yield (*edge, str(host), kind, value), path


def _paths(it: Fact) -> Iterator[tuple[FieldPath, str, str]]:
    for number, rule in maps(it.value, "spec", "rules"):
        place: FieldPath = ("spec", "rules", number)
        if not rule.get("matches"):
            yield place, "PathPrefix", "/"
        for index, match in maps(rule, "matches"):
            if set(match) <= {"path"}:
                kind = text(match, "path", "type") or "PathPrefix"
                yield (*place, "matches", index), kind, text(match, "path", "value") or "/"


def _same_target(it: Fact, path: FieldPath, other: Fact, place: FieldPath) -> bool:
    """Whether an Ingress of the same namespace leads the same path to the same Service."""
    if it.ref.kind != "Ingress" or it.namespace != other.namespace:
        return False
    mine, theirs = at(it.value, *path[:-1], "backend"), at(other.value, *place[:-1], "backend")
    return bool(mine == theirs)
