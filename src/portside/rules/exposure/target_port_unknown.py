"""A Service that sends traffic to a port which the pods it selects do not declare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.fields import mapping, maps, text
from portside.model.isolation import selected
from portside.model.severity import INFO
from portside.model.violation import Violation
from portside.model.workload import Pod

RULE = """
id: target-port-unknown
title: Service sends traffic to a port that its pods do not have
severity: low
severity-reason: connections by a name that no port has go nowhere
why: >-
  A `targetPort` that is a name has to be the name of a port of a container, else the Service has no
  endpoint. A number works without, but one that no container declares is often a mistake.
fix: "Write the name or number of a port of the container."
profile: strict
form: facts
kinds: [Service]
fix-class: none
controls: [X015]
frameworks:
  - OWASP-K8s-2025:K06
  - NIST-800-190:4.4.2
  - PCI-DSS-4.0.1:1.3.1
  - SOC2-TSC:CC6.6
  - ISO27001-2022:A.8.22
examples:
  - bad: a name that no port has, and a number that none declares
    lines: [9, 15]
    manifest: |
      apiVersion: v1
      kind: Service
      metadata: {name: shop}
      spec:
        selector: {app: shop}
        ports:
          - name: web
            port: 80
            targetPort: https
          - name: http
            port: 81
            targetPort: http
          - name: number
            port: 82
            targetPort: 9090
          - name: same
            port: 8080
          - name: sidecar
            port: 83
            targetPort: metrics
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, labels: {app: shop}}
      spec:
        initContainers:
          - {name: proxy, image: "registry.example.org/proxy:1.0", restartPolicy: Always, ports: [{name: metrics, containerPort: 9091}]}
          - {name: setup, image: "registry.example.org/setup:1.0", ports: [{name: https, containerPort: 8443}]}
        containers: [{name: web, image: "registry.example.org/web:2.1", ports: [{name: http, containerPort: 8080}]}]
  - good: numbers, where no port is declared
    manifest: |
      apiVersion: v1
      kind: Service
      metadata: {name: shop}
      spec: {selector: {app: shop}, ports: [{port: 80, targetPort: 8080}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: shop, labels: {app: shop}}
      spec: {containers: [{name: web, image: "registry.example.org/web:2.1"}]}
  - good: pods that the scan does not know
    manifest: |
      apiVersion: v1
      kind: Service
      metadata: {name: shop}
      spec: {selector: {app: shop}, ports: [{port: 80, targetPort: http}]}
"""


def check(it: Fact, facts: Facts, params: Mapping[str, Any]) -> Iterator[Violation]:
    wanted = mapping(it.value, "spec", "selector")
    if not wanted or text(it.value, "spec", "type") == "ExternalName":
        return
    known = facts.once(_known)
    key = (it.namespace, it.folder, repr(wanted))
    if key not in known:
        known[key] = _declared(it, {"matchLabels": wanted}, facts)
    chosen, names, numbers = known[key]
    for index, port in maps(it.value, "spec", "ports"):
        target = port.get("targetPort", port.get("port"))
        path = ("spec", "ports", index, "targetPort")
        if type(target) is str and chosen and target not in names:
            yield Violation(f"sends traffic to {target}, a port that its pods do not have", path)
        elif type(target) is int and numbers and target not in numbers:
            message = f"sends traffic to port {target}, which its pods do not declare"
            yield Violation(message, path, INFO)


Declared = tuple[bool, set[Any], set[Any]]
"""Whether there are pods, and the names and the numbers of their ports."""


def _known(facts: Facts) -> dict[tuple[str, str, str], Declared]:
    """What was asked already: many Services may have one selector."""
    return {}


def _declared(it: Fact, selector: dict[str, Any], facts: Facts) -> Declared:
    chosen = [pod for _, pod in selected(facts, selector, it.namespace, it)]
    declared = [port for pod in chosen for port in _ports(pod)]
    names = {port.get("name") for port in declared}
    return bool(chosen), names, {port.get("containerPort") for port in declared}


def _ports(pod: Pod) -> Iterator[dict[str, Any]]:
    """The ports of the containers that run as long as the pod does."""
    for container in pod.containers:
        sidecar = container.body.get("restartPolicy") == "Always"
        if container.role == "containers" or (container.role == "initContainers" and sidecar):
            for _, port in maps(container.body, "ports"):
                yield port
