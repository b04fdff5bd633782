"""A probe or hook of a port that its container does not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.fields import maps
from portside.model.place import FieldPath
from portside.model.resource import Resource
from portside.model.severity import INFO
from portside.model.violation import Violation

RULE = """
id: probe-port-unknown
controls: [R007]
title: Probe or hook of a port that its container does not name
severity: low
severity-reason: the pod never becomes ready, or is killed over and over, which is seen at once
why: >-
  A probe or hook that names a port finds it among the ports of its own container only. Where no
  port there has the name, it fails for ever. A number that is not listed works, and may be a slip.
fix: Give a port of the container that name or number, or use one that it has.
profile: strict
form: object
kinds: [Workload]
fix-class: none
frameworks:
  - NIST-800-190:4.4.3
  - SOC2-TSC:A1.2
  - ISO27001-2022:A.8.14
aliases:
  - kube-linter:liveness-port
  - kube-linter:readiness-port
  - kube-linter:startup-port
examples:
  - bad: names and numbers
    lines: [9, 10, 11, 14]
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop}
      spec:
        containers:
          - name: web
            image: registry.example.org/web:2.1
            ports: [{name: http, containerPort: 8080}]
            readinessProbe: {httpGet: {port: htpp}}
            livenessProbe: {tcpSocket: {port: 8081}}
            startupProbe: {grpc: {port: 9000}}
            lifecycle:
              preStop:
                httpGet: {port: admin, path: /stop}
          - name: proxy
            image: registry.example.org/proxy:1.0
            ports: [{name: admin, containerPort: 8081}]
  - good: its own ports, by name and number
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: shop}
      spec:
        containers:
          - name: web
            image: registry.example.org/web:2.1
            ports: [{name: http, containerPort: 8080}, {containerPort: 9000}]
            readinessProbe: {httpGet: {port: http}}
            livenessProbe: {tcpSocket: {port: 8080}}
            startupProbe: {grpc: {port: 9000}}
            lifecycle:
              postStart: {exec: {command: [warm-up]}}
"""

_PROBES = (
    (("readinessProbe",), "readiness probe"),
    (("livenessProbe",), "liveness probe"),
    (("startupProbe",), "startup probe"),
    (("lifecycle", "postStart"), "hook after its start"),
    (("lifecycle", "preStop"), "hook before its end"),
)
_WAYS = ("httpGet", "tcpSocket", "grpc")


def check(it: Resource, params: Mapping[str, Any]) -> Iterator[Violation]:
    for pod in it.pods():
        for container in pod.containers:
            for path, what, port in _asked(container.body):
                ports = [port for _, port in maps(container.body, "ports")]
                if any(port in (have.get("name"), have.get("containerPort")) for have in ports):
                    continue
                name = container.body.get("name", "?")
                message = f"container {name} has a {what} of port {port}, which it does not list"
                severity = INFO if type(port) is int else None
                yield Violation(message, (*container.path, *path), severity)


def _asked(body: Mapping[str, Any]) -> Iterator[tuple[FieldPath, str, Any]]:
    """Where a probe or hook says its port, what it is called, and the port."""
    for steps, what in _PROBES:
        probe: Any = body
        for step in steps:
            probe = probe.get(step) if type(probe) is dict else None
        if type(probe) is dict:
            for way in _WAYS:
                asked = probe.get(way)
                if type(asked) is dict and asked.get("port"):
                    yield (*steps, way, "port"), what, asked["port"]
