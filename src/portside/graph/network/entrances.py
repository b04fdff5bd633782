"""What leads into the cluster: Ingresses, Routes and the routes of the Gateway API.

Each leads to ports of a Service, and so to ports of the pods that the Service selects. Whoever
forwards the traffic is in no file: it stands in the map as a pod without labels, in a namespace of
its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from portside.graph.network.connections import LAST_PORT, NONE, TCP, ConnectionSet, of_protocol
from portside.graph.network.objects import NetworkObject, Steps
from portside.graph.network.peers import port_of
from portside.graph.network.workloads import Workload

CONTROLLER, GATEWAY = "{ingress-controller}", "{gateway}"
CONTROLLER_NAMESPACE = "ingress-controller-ns"
ROUTES = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute")
GATEWAY_GROUP = "gateway.networking.k8s.io"


class Backend(NamedTuple):
    """A Service that an entrance names, and which of its ports; None is each of them."""

    source: NetworkObject
    namespace: str
    service: str
    port: str | int | None
    path: Steps

    @property
    def title(self) -> str:
        return f"{self.source.kind} {self.source.namespace}/{self.source.name}"

    @property
    def forwarder(self) -> str:
        return GATEWAY if self.source.group == GATEWAY_GROUP else CONTROLLER


class Entrance(NamedTuple):
    """A workload that is led to, and the ports of it: those declared, and those that are not."""

    backend: Backend
    workload: Workload
    ports: ConnectionSet
    undeclared: ConnectionSet = NONE


def is_entrance(group: str, kind: str) -> bool:
    if group == GATEWAY_GROUP:
        return kind in ROUTES
    return (group, kind) in {
        ("networking.k8s.io", "Ingress"),
        ("extensions", "Ingress"),
        ("route.openshift.io", "Route"),
    }


def backends(source: NetworkObject) -> Iterator[Backend]:
    """The Services that an entrance leads to, as far as they are well formed."""
    if source.kind == "Ingress":
        return _ingress_backends(source)
    return _route_backends(source) if source.kind == "Route" else _gateway_backends(source)


def entrances(
    backend: Backend, service: NetworkObject, workloads: Iterable[Workload]
) -> Iterator[Entrance]:
    """The workloads of the Service's namespace that `backend` leads to through it."""
    selector = _map(service.spec.get("selector"))
    if not selector:
        return
    targets = list(_targets(service, backend.port))
    for workload in workloads:
        labels = dict(workload.labels)
        if all(labels.get(key) == value for key, value in selector.items()):
            ports, undeclared = _ports(workload, targets)
            if ports or undeclared:
                yield Entrance(backend, workload, ports, undeclared)


def _ports(workload: Workload, targets: list[str | int]) -> tuple[ConnectionSet, ConnectionSet]:
    declared = undeclared = NONE
    for target in targets:
        if type(target) is int:
            if not 0 < target <= LAST_PORT:
                continue
            port = of_protocol(TCP, ((target, target),))
            if workload.any_port or any(it.number == target for it in workload.ports):
                declared |= port
            else:
                undeclared |= port
            continue
        for it in workload.ports:
            if it.name == target and it.protocol == TCP:
                declared |= port_of(it)
    return declared, undeclared


def _targets(service: NetworkObject, wanted: str | int | None) -> Iterator[str | int]:
    """The ports of the pods behind the port `wanted` of the Service: numbers, or names."""
    for body in _maps(service.spec.get("ports")):
        number, target = body.get("port"), body.get("targetPort")
        behind = target if type(target) in (int, str) and target else number
        if body.get("protocol") not in (None, "", TCP) or type(behind) not in (int, str):
            continue
        # Controllers take the port of the pods for that of the Service too: ingress-nginx does.
        if wanted is None or wanted in (number, target) or wanted == body.get("name"):
            yield behind  # type: ignore[misc]
            if wanted is not None:
                return


def _ingress_backends(source: NetworkObject) -> Iterator[Backend]:
    spec = source.spec
    for field in ("defaultBackend", "backend"):
        yield from _ingress_backend(source, spec.get(field), ("spec", field))
    for at, rule in enumerate(_list(spec.get("rules"))):
        paths = _list(_map(_map(rule).get("http")).get("paths"))
        for index, item in enumerate(paths):
            where: Steps = ("spec", "rules", at, "http", "paths", index, "backend")
            yield from _ingress_backend(source, _map(item).get("backend"), where)


def _ingress_backend(source: NetworkObject, value: object, path: Steps) -> Iterator[Backend]:
    body = _map(value)
    service = _map(body.get("service"))
    name, port = service.get("name"), _map(service.get("port"))
    wanted = port.get("name") or port.get("number")
    if not service:  # extensions/v1beta1
        name, wanted = body.get("serviceName"), body.get("servicePort")
    if type(name) is str and name:
        yield Backend(source, source.namespace, name, _port(wanted), path)


def _route_backends(source: NetworkObject) -> Iterator[Backend]:
    spec = source.spec
    wanted = _port(_map(spec.get("port")).get("targetPort"))
    listed = [(("spec", "to"), spec.get("to"))]
    for at, it in enumerate(_list(spec.get("alternateBackends"))):
        listed.append((("spec", "alternateBackends", at), it))  # type: ignore[arg-type]
    for path, value in listed:
        body = _map(value)
        name = body.get("name")
        if body.get("kind") in (None, "", "Service") and type(name) is str and name:
            yield Backend(source, source.namespace, name, wanted, path)


def _gateway_backends(source: NetworkObject) -> Iterator[Backend]:
    for at, rule in enumerate(_list(source.spec.get("rules"))):
        for index, value in enumerate(_list(_map(rule).get("backendRefs"))):
            body = _map(value)
            name, port = body.get("name"), _port(body.get("port"))
            if body.get("kind") not in (None, "Service") or body.get("group") not in (None, ""):
                continue
            if type(name) is str and name and port is not None:
                namespace = body.get("namespace") or source.namespace
                path: Steps = ("spec", "rules", at, "backendRefs", index)
                yield Backend(source, str(namespace), name, port, path)


def _port(value: object) -> str | int | None:
    return value if isinstance(value, str | int) and value else None


def _map(value: object) -> dict[str, Any]:
    return value if type(value) is dict else {}


def _list(value: object) -> list[Any]:
    return value if type(value) is list else []


def _maps(value: object) -> Iterator[dict[str, Any]]:
    return (it for it in _list(value) if type(it) is dict)
