"""A listener of a Gateway that serves routes in clear, or TLS without a certificate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.fields import mapping, maps, text
from portside.model.isolation import near
from portside.model.violation import Answer, Doubt, Violation

RULE = """
id: gateway-plaintext-listener
title: Gateway serves routes without TLS
severity: medium
severity-reason: passwords and sessions cross the network in clear
why: >-
  A route that is attached to an HTTP listener answers in clear, unless all that it does is to send
  callers to https. A TLS listener that ends TLS and has no certificate cannot.
fix: "Attach the route to an HTTPS listener by `sectionName`, and leave the HTTP listener a route with a RequestRedirect to https."
profile: recommended
form: facts
kinds: [gateway.networking.k8s.io/Gateway]
fix-class: none
controls: [X009]
frameworks:
  - OWASP-K8s-2025:K06
  - NIST-800-190:4.4.2
  - PCI-DSS-4.0.1:1.3.1
  - SOC2-TSC:CC6.6
  - ISO27001-2022:A.8.22
  - PCI-DSS-4.0.1:4.2.1
  - ATT&CK:T1040
  - NSA-CISA-1.2:net/encryption
examples:
  - bad: a route in clear, and one for all listeners
    api: needs-crd
    lines: [9, 16, 24]
    manifest: |
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: edge, namespace: edge}
      spec:
        gatewayClassName: edge
        listeners:
          - name: http
            port: 80
            protocol: HTTP
          - name: https
            port: 443
            protocol: HTTPS
            tls: {certificateRefs: [{name: shop}]}
          - name: bare
            port: 8443
            protocol: HTTPS
          - name: pass
            port: 9443
            protocol: TLS
            tls: {mode: Passthrough}
          - name: half
            port: 9444
            protocol: TLS
            tls: {mode: Terminate}
          - name: provider
            port: 9445
            protocol: HTTPS
            tls: {options: {networking.gke.io/pre-shared-certs: shop}}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: shop, namespace: shop}
      spec:
        parentRefs: [{name: edge, namespace: edge}]
        rules: [{backendRefs: [{name: shop, port: 80}]}]
  - bad: a redirect that stays in clear
    api: needs-crd
    lines: [7]
    manifest: |
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: edge}
      spec:
        gatewayClassName: edge
        listeners:
          - {name: http, port: 80, protocol: HTTP}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: shop}
      spec:
        parentRefs: [{name: edge, sectionName: http, port: 80}]
        rules: [{filters: [{type: RequestRedirect, requestRedirect: {hostname: www.example.org}}]}]
  - good: only a redirect to https, and routes of other listeners
    api: needs-crd
    manifest: |
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: edge}
      spec:
        gatewayClassName: edge
        listeners:
          - {name: http, port: 80, protocol: HTTP}
          - {name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: shop}]}}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: redirect}
      spec:
        parentRefs: [{name: edge, sectionName: http}]
        rules: [{filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]}]
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: shop}
      spec:
        parentRefs: [{name: edge, sectionName: https}]
        rules: [{backendRefs: [{name: shop, port: 80}]}]
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: port}
      spec:
        parentRefs: [{name: edge, port: 443}]
        rules: [{backendRefs: [{name: shop, port: 80}]}]
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: other, namespace: other}
      spec:
        parentRefs: [{name: else}]
        rules: [{backendRefs: [{name: shop, port: 80}]}]
  - good: its routes may stand in files that were not scanned
    part: true
    undecided: true
    api: needs-crd
    manifest: |
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: edge}
      spec: {gatewayClassName: edge, listeners: [{name: http, port: 80, protocol: HTTP}]}
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Answer]:
    unsure = False
    for index, listener in maps(it.value, "spec", "listeners"):
        path = ("spec", "listeners", index)
        protocol = listener.get("protocol")
        if protocol == "HTTP":
            route = _plain_route(it, facts, listener)
            if route is not None:
                name = f"{route.namespace}/{route.name}" if route.namespace else route.name
                yield Violation(f"serves HTTPRoute {name} in clear", (*path, "protocol"))
            unsure = unsure or route is None
        elif protocol in ("HTTPS", "TLS") and _lacks_certificate(listener):
            field = ("tls", "mode") if "tls" in listener else ("protocol",)
            yield Violation("ends TLS and names no certificate", (*path, *field))
    if unsure and not facts.whole:
        yield Doubt("the routes that are attached to its listeners")


def _plain_route(it: Fact, facts: Facts, listener: dict[str, Any]) -> Fact | None:
    """A route at this listener that does more than to send callers to https."""
    for route in facts.of("gateway.networking.k8s.io/HTTPRoute"):
        if not all(_to_https(rule) for _, rule in maps(route.value, "spec", "rules")):
            for _, parent in maps(route.value, "spec", "parentRefs"):
                if _attaches(it, route, parent, listener):
                    return route
    return None


def _attaches(it: Fact, route: Fact, parent: dict[str, Any], listener: dict[str, Any]) -> bool:
    if parent.get("name") != it.name or parent.get("kind", "Gateway") != "Gateway":
        return False
    if not near(text(parent, "namespace") or route.namespace, route, it):
        return False
    section, port = parent.get("sectionName"), parent.get("port")
    return section in (None, listener.get("name")) and port in (None, listener.get("port"))


def _to_https(rule: dict[str, Any]) -> bool:
    return any(
        one.get("type") == "RequestRedirect"
        and text(one, "requestRedirect", "scheme").lower() == "https"
        for _, one in maps(rule, "filters")
    )


def _lacks_certificate(listener: dict[str, Any]) -> bool:
    tls = mapping(listener, "tls")
    if tls.get("mode", "Terminate") != "Terminate":
        return False
    return not tls.get("certificateRefs") and not tls.get("options")
