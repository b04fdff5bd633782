"""From outside into the cluster: Services, Ingresses, routes and ports of nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portside.graph.faults import Faults
from portside.graph.lateral import Lateral
from portside.graph.model import INGRESS, INTERNET, SERVICE, Edge, Graph, named
from portside.graph.network import Reachability
from portside.graph.pods import Held, Workloads
from portside.graph.table import (
    EXTERNAL_IPS,
    HOST_NETWORK,
    HOST_PORT,
    NODE_PORT,
    PUBLIC_LOAD_BALANCER,
    SENSITIVE_INTERFACE,
)
from portside.model.facts import Fact, Facts, label_pairs, labels_of
from portside.model.fields import mapping, maps, text
from portside.model.selector import has_all

_OPENING = {
    PUBLIC_LOAD_BALANCER: ("by a load balancer for anybody", 0),
    EXTERNAL_IPS: ("by an external address", 0),
    # Whether the addresses of nodes can be reached from the internet is in no file.
    NODE_PORT: ("by a port of every node, where nodes can be reached", 1),
}
_INTERNAL = {
    "alb.ingress.kubernetes.io/scheme": ("internal",),
    "kubernetes.io/ingress.class": ("gce-internal", "internal", "nginx-internal"),
}
"""Annotations, and the values of them that keep an Ingress inside."""


class Entries:
    """The ways in, in the graph once this is made."""

    def __init__(
        self,
        graph: Graph,
        facts: Facts,
        reach: Reachability,
        workloads: Workloads,
        lateral: Lateral,
        faults: Faults,
    ) -> None:
        self._graph = graph
        self._workloads = workloads
        self._lateral = lateral
        self._faults = faults
        self._internet = graph.node(INTERNET, "", "internet")
        self._served = _Served(facts)
        for number, held in workloads.containers.items():
            self._exploit(number, held)
        for service in facts.of("Service"):
            self._from_service(service)
        self._from_ingresses(reach)
        for fact in facts.workloads():
            self._from_node(fact)

    def _exploit(self, workload: int, held: list[Held]) -> None:
        """Whoever connects to a pod is in a container once its software has a hole."""
        for it in held:
            if it.serves:
                why = "has a hole in its software"
                self._graph.add(Edge(workload, it.node, "ENDPOINT_EXPLOIT", why, 1))

    def _from_service(self, service: Fact) -> None:
        title = f"Service {named(service.namespace)}/{service.name}"
        node = self._graph.node(SERVICE, named(service.namespace), title)
        key, place = service.object_key(), (service.file, service.place[0])
        for rule, (why, cost) in _OPENING.items():
            for fault in self._faults.of(key, (rule,)):
                edge = Edge(self._internet, node, "EXPOSURE", why, cost, (fault,), *place)
                self._graph.add(edge)
        for target in self._served.by(service):
            self._lead(node, target, service, outside=True)

    def _lead(self, source: int, target: Fact, by: Fact, *, outside: bool) -> None:
        node = self._workloads.nodes.get(id(target))
        if node is None:
            return
        admits = self._lateral.admits_outside if outside else self._lateral.admits_forwarders
        cost = 0 if admits(node) else None
        place = (by.file, by.place[0])
        self._graph.add(Edge(source, node, "SERVES", "leads to", cost, (), *place))
        if cost is None:
            return
        for fault, found in self._faults.each(target.object_key(), SENSITIVE_INTERFACE):
            for it in self._workloads.containers[node]:
                if found.path[: len(it.body.path)] == it.body.path:
                    why = "is an interface for administration or data"
                    place = (found.file, found.line)
                    kind = "ENDPOINT_OPEN"
                    self._graph.add(Edge(source, it.node, kind, why, 0, (fault,), *place))

    def _from_ingresses(self, reach: Reachability) -> None:
        for listed in reach.entrances.values():
            for entrance in listed:
                source = self._lateral.fact(entrance.backend.source.value)
                target = self._lateral.fact(entrance.workload.source.value)
                if source is None or target is None:
                    continue
                namespace = named(source.namespace)
                title = f"{source.ref.kind} {namespace}/{source.name}"
                node = self._graph.node(INGRESS, namespace, title)
                if not _is_internal(source.value):
                    why, place = "by its address", (source.file, source.place[0])
                    self._graph.add(Edge(self._internet, node, "EXPOSURE", why, 0, (), *place))
                self._lead(node, target, source, outside=False)
                name = f"Service {entrance.backend.namespace}/{entrance.backend.service}"
                service = self._graph.find(SERVICE, entrance.backend.namespace, name)
                if service is not None:
                    self._graph.add(Edge(node, service, "ROUTES", "routes to"))

    def _from_node(self, fact: Fact) -> None:
        node = self._workloads.nodes.get(id(fact))
        if node is None:
            return
        key = fact.object_key()
        for fault in self._faults.of(key, (HOST_PORT,)):
            self._open(node, fault, "by a port of its node, where nodes can be reached")
        listens = any(True for pod in fact.pods() for _ in _ports(pod.containers))
        for fault in self._faults.of(key, (HOST_NETWORK,)) if listens else ():
            self._open(node, fault, "on the network of its node, where nodes can be reached")

    def _open(self, node: int, fault: int, why: str) -> None:
        found = self._faults.findings[fault]
        place = (found.file, found.line)
        self._graph.add(Edge(self._internet, node, "EXPOSURE", why, 1, (fault,), *place))


class _Served:
    """Which workloads a Service selects, by an index of their labels."""

    def __init__(self, facts: Facts) -> None:
        self._by_label: dict[tuple[str, str, Any], list[Fact]] = {}
        for fact in facts.workloads():
            for key in {item for pod in fact.pods() for item in label_pairs(labels_of(pod))}:
                self._by_label.setdefault((fact.namespace, *key), []).append(fact)

    def by(self, service: Fact) -> Iterator[Fact]:
        wanted = mapping(service.value, "spec", "selector")
        pairs = list(label_pairs(wanted))
        if not pairs or len(pairs) < len(wanted):
            return
        listed = (self._by_label.get((service.namespace, *pair), []) for pair in pairs)
        for fact in min(listed, key=len):
            if any(has_all(wanted, labels_of(pod)) for pod in fact.pods()):
                yield fact


def _ports(containers: Any) -> Iterator[dict[str, Any]]:
    for container in containers:
        for _, port in maps(container.body, "ports"):
            yield port


def _is_internal(value: dict[str, Any]) -> bool:
    notes = mapping(value, "metadata", "annotations")
    if text(value, "spec", "ingressClassName") in _INTERNAL["kubernetes.io/ingress.class"]:
        return True
    return any(notes.get(key) in inside for key, inside in _INTERNAL.items())
