"""NetworkPolicy of networking.k8s.io, read as the API server validates it."""

from __future__ import annotations

from typing import Any

from portside.graph.network.addresses import block
from portside.graph.network.connections import (
    EVERY_PORT,
    FIRST_PORT,
    LAST_PORT,
    NONE,
    PROTOCOLS,
    of_protocol,
)
from portside.graph.network.objects import (
    NetworkObject,
    Refused,
    listing,
    mapping,
    number,
    texts,
)
from portside.graph.network.policy import (
    ALLOW,
    EGRESS,
    INGRESS,
    NETWORK,
    Addresses,
    Peer,
    Pods,
    Policy,
    Ports,
    Rule,
)
from portside.graph.network.policy import (
    EVERY_PORT as NO_FILTER,
)
from portside.graph.network.selector import EVERYTHING, selector
from portside.model.place import FieldPath


def network_policy(source: NetworkObject) -> Policy:
    """The policy `source`. Raises Refused where the API server refuses it."""
    spec = mapping(source.value.get("spec"), ("spec",))
    types = texts(spec.get("policyTypes"), ("spec", "policyTypes"))
    for index, name in enumerate(types):
        if name not in ("Ingress", "Egress"):
            raise Refused(("spec", "policyTypes", index), f"no policy type is called {name}")
    ingress = _rules(spec, "ingress", "from", source.namespace)
    egress = _rules(spec, "egress", "to", source.namespace)
    chosen = selector(spec.get("podSelector"), ("spec", "podSelector"))
    return Policy(
        NETWORK,
        0,
        source,
        Pods(chosen, None, source.namespace),
        ingress,
        egress,
        _directions(types, egress),
    )


def _directions(types: tuple[str, ...], egress: tuple[Rule, ...]) -> tuple[str, ...]:
    """Where no types are written it is ingress always, and egress where there are rules for it."""
    if types:
        return tuple(it for it in (INGRESS, EGRESS) if it.capitalize() in types)
    return (INGRESS, EGRESS) if egress else (INGRESS,)


def _rules(spec: dict[str, Any], direction: str, peers: str, namespace: str) -> tuple[Rule, ...]:
    path: FieldPath = ("spec", direction)
    made = []
    for index, item in enumerate(listing(spec.get(direction), path)):
        where = (*path, index)
        body = mapping(item, where)
        listed = listing(body.get(peers), (*where, peers))
        made.append(
            Rule(
                ALLOW,
                tuple(
                    _peer(mapping(it, (*where, peers, at)), (*where, peers, at), namespace)
                    for at, it in enumerate(listed)
                )
                or None,
                _ports(body.get("ports"), (*where, "ports")),
                where,
            )
        )
    return tuple(made)


def _peer(body: dict[str, Any], path: FieldPath, namespace: str) -> Peer:
    pods, namespaces = body.get("podSelector"), body.get("namespaceSelector")
    ip_block = body.get("ipBlock")
    if ip_block is None and pods is None and namespaces is None:
        raise Refused(path, "a peer needs podSelector, namespaceSelector or ipBlock")
    if ip_block is None:
        return Pods(
            EVERYTHING if pods is None else selector(pods, (*path, "podSelector")),
            None if namespaces is None else selector(namespaces, (*path, "namespaceSelector")),
            namespace,
        )
    where = (*path, "ipBlock")
    if pods is not None or namespaces is not None:
        raise Refused(where, "a peer with ipBlock may have no selector")
    inner = mapping(ip_block, where)
    excepted = texts(inner.get("except"), (*where, "except"))
    try:
        return Addresses(block(str(inner.get("cidr") or ""), excepted))
    except ValueError as error:
        raise Refused((*where, "cidr"), str(error)) from error


def _ports(value: object, path: FieldPath) -> Ports:
    listed = listing(value, path)
    if not listed:
        return NO_FILTER
    numbers = NONE
    names = []
    for index, item in enumerate(listed):
        where = (*path, index)
        body = mapping(item, where)
        protocol = protocol_of(body.get("protocol"), where)
        port = body.get("port")
        if type(port) is str:
            names.append((protocol, _port_name(port, body, where)))
        else:
            numbers |= of_protocol(protocol, _range(body, where))
    return Ports(numbers, tuple(names))


def protocol_of(value: object, path: FieldPath) -> str:
    """TCP where nothing is written."""
    if value is None or value == "":
        return PROTOCOLS[0]
    if value not in PROTOCOLS:
        raise Refused((*path, "protocol"), f"no protocol is called {value}")
    return str(value)


def _port_name(port: str, body: dict[str, Any], path: FieldPath) -> str:
    if not any(letter.isalpha() for letter in port):
        raise Refused((*path, "port"), f'"{port}" is a text, and no name: a number has no quotes')
    if body.get("endPort") is not None:
        raise Refused((*path, "endPort"), "endPort goes with a number, not with a name")
    return port


def _range(body: dict[str, Any], path: FieldPath) -> tuple[tuple[int, int], ...]:
    end = body.get("endPort")
    if body.get("port") is None:
        if end is not None:
            raise Refused((*path, "endPort"), "endPort without port")
        return EVERY_PORT
    first = number(body["port"], (*path, "port"), FIRST_PORT, LAST_PORT)
    if end is None:
        return ((first, first),)
    return ((first, number(end, (*path, "endPort"), first, LAST_PORT)),)
