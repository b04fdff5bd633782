"""What leads into the cluster: Ingresses, Routes and the routes of the Gateway API.

Each leads to ports of a Service, and so to ports of the pods that the Service selects. Whoever
forwards the traffic is in no file: it stands in the map as a pod without labels, in a namespace of
its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from portside.graph.network.connections import LAST_PORT, NONE, TCP, ConnectionSet, of_protocol
from portside.graph.network.objects import NetworkObject
from portside.graph.network.peers import port_of
from portside.graph.network.workloads import Workload
from portside.model.fields import at, mapping, maps, text
from portside.model.place import FieldPath
from portside.records import NamedTuple

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
    path: FieldPath

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
    selector = mapping(service.spec, "selector")
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
    for _, body in maps(service.spec, "ports"):
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
        yield from _ingress_backend(source, mapping(spec, field), ("spec", field))
    for number, rule in maps(spec, "rules"):
        for index, item in maps(rule, "http", "paths"):
            where: FieldPath = ("spec", "rules", number, "http", "paths", index, "backend")
            yield from _ingress_backend(source, mapping(item, "backend"), where)


def _ingress_backend(
    source: NetworkObject, body: dict[str, Any], path: FieldPath
) -> Iterator[Backend]:
    service, port = mapping(body, "service"), mapping(body, "service", "port")
    name, wanted = text(service, "name"), port.get("name") or port.get("number")
    if not service:  # extensions/v1beta1
        name, wanted = text(body, "serviceName"), body.get("servicePort")
    if name:
        yield Backend(source, source.namespace, name, _port(wanted), path)


def _route_backends(source: NetworkObject) -> Iterator[Backend]:
    spec = source.spec
    wanted = _port(at(spec, "port", "targetPort"))
    listed: list[tuple[FieldPath, dict[str, Any]]] = [(("spec", "to"), mapping(spec, "to"))]
    for index, body in maps(spec, "alternateBackends"):
        listed.append((("spec", "alternateBackends", index), body))
    for path, body in listed:
        if body.get("kind") in (None, "", "Service") and text(body, "name"):
            yield Backend(source, source.namespace, body["name"], wanted, path)


def _gateway_backends(source: NetworkObject) -> Iterator[Backend]:
    for number, rule in maps(source.spec, "rules"):
        for index, body in maps(rule, "backendRefs"):
            name, port = text(body, "name"), _port(body.get("port"))
            of_service = body.get("kind") in (None, "Service") and not body.get("group")
            if of_service and name and port is not None:
                namespace = text(body, "namespace") or source.namespace
                path: FieldPath = ("spec", "rules", number, "backendRefs", index)
                yield Backend(source, namespace, name, port, path)


def _port(value: object) -> str | int | None:
    return value if isinstance(value, str | int) and value else None
