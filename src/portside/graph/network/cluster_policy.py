"""Policies of the whole cluster, of policy.networking.k8s.io.

AdminNetworkPolicy and BaselineAdminNetworkPolicy (v1alpha1), and ClusterNetworkPolicy (v1alpha2),
which has both tiers; https://network-policy-api.sigs.k8s.io.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portside.graph.network.addresses import block
from portside.graph.network.connections import (
    EVERY_PORT,
    FIRST_PORT,
    LAST_PORT,
    NONE,
    SCTP,
    TCP,
    UDP,
    ConnectionSet,
    of_protocol,
)
from portside.graph.network.network_policy import protocol_of
from portside.graph.network.objects import (
    NetworkObject,
    Refused,
    listing,
    mapping,
    number,
    texts,
)
from portside.graph.network.policy import (
    ADMIN,
    ALLOW,
    BASELINE,
    DENY,
    EGRESS,
    INGRESS,
    PASS,
    Addresses,
    Peer,
    Policy,
    Ports,
    Rule,
    Unknown,
    pods_peer,
    subject,
)
from portside.graph.network.policy import EVERY_PORT as NO_FILTER
from portside.model.place import FieldPath
from portside.records import NamedTuple

LAST_PRIORITY = 1000
_NODES = "nodes are no part of the map: this peer is nobody in it"
_DOMAINS = "files do not say what a domain name stands for: this peer is nobody in the map"
_EGRESS_ONLY = ("nodes", "networks", "domainNames")


class _Dialect(NamedTuple):
    """What differs among the three kinds."""

    actions: dict[str, str]
    ports_field: str
    ports: Callable[[object, FieldPath], Ports]
    pods_too: bool
    """Whether a block that holds every address holds those of pods."""


def admin_policy(source: NetworkObject) -> Policy:
    """An AdminNetworkPolicy. Raises Refused where its definition refuses it."""
    spec = mapping(source.value.get("spec"), ("spec",))
    return _policy(source, ADMIN, _priority(spec), _ADMIN)


def baseline_policy(source: NetworkObject) -> Policy:
    """The BaselineAdminNetworkPolicy, of which there is one, called default."""
    if source.name != "default":
        raise Refused(("metadata", "name"), "the one BaselineAdminNetworkPolicy is called default")
    return _policy(source, BASELINE, 0, _BASELINE)


def cluster_policy(source: NetworkObject) -> Policy:
    """A ClusterNetworkPolicy of either tier."""
    spec = mapping(source.value.get("spec"), ("spec",))
    tiers = {"Admin": ADMIN, "Baseline": BASELINE}
    tier = spec.get("tier")
    if type(tier) is not str or tier not in tiers:
        raise Refused(("spec", "tier"), f"no tier is called {tier}")
    return _policy(source, tiers[tier], _priority(spec), _CLUSTER)


def _priority(spec: dict[str, Any]) -> int:
    return number(spec.get("priority"), ("spec", "priority"), 0, LAST_PRIORITY)


def _policy(source: NetworkObject, tier: int, priority: int, dialect: _Dialect) -> Policy:
    spec = mapping(source.value.get("spec"), ("spec",))
    return Policy(
        tier,
        priority,
        source,
        subject(spec.get("subject"), ("spec", "subject")),
        _rules(spec, INGRESS, dialect),
        _rules(spec, EGRESS, dialect),
        (INGRESS, EGRESS),
    )


def _rules(spec: dict[str, Any], direction: str, dialect: _Dialect) -> tuple[Rule, ...]:
    path: FieldPath = ("spec", direction)
    listed = listing(spec.get(direction), path)
    return tuple(
        _rule(mapping(item, (*path, index)), (*path, index), dialect)
        for index, item in enumerate(listed)
    )


def _rule(body: dict[str, Any], path: FieldPath, dialect: _Dialect) -> Rule:
    action = body.get("action")
    if type(action) is not str or action not in dialect.actions:
        raise Refused((*path, "action"), f"no action is called {action}")
    field = "from" if path[1] == INGRESS else "to"
    where = (*path, field)
    listed = listing(body.get(field), where)
    if not listed:
        raise Refused(where, f"a rule needs peers in {field}")
    peers: list[Peer] = []
    for index, item in enumerate(listed):
        peers += _peers(mapping(item, (*where, index)), (*where, index), dialect)
    ports = dialect.ports(body.get(dialect.ports_field), (*path, dialect.ports_field))
    name = body.get("name")
    return Rule(dialect.actions[action], tuple(peers), ports, path, str(name or ""))


def _peers(body: dict[str, Any], path: FieldPath, dialect: _Dialect) -> list[Peer]:
    known = ("namespaces", "pods", *(_EGRESS_ONLY if path[1] == EGRESS else ()))
    set_fields = [it for it in known if body.get(it) is not None]
    if len(set_fields) != 1:
        raise Refused(path, f"a peer needs exactly one of {', '.join(known)}")
    if set_fields == ["nodes"]:
        return [Unknown(_NODES)]
    if set_fields == ["domainNames"]:
        return [Unknown(_DOMAINS)]
    if set_fields != ["networks"]:
        return [pods_peer(body, path)]
    where = (*path, "networks")
    return [
        _addresses(text, (*where, index), pods_too=dialect.pods_too)
        for index, text in enumerate(texts(body["networks"], where))
    ]


def _addresses(text: str, path: FieldPath, *, pods_too: bool) -> Addresses:
    try:
        made = block(text)
    except ValueError as error:
        raise Refused(path, str(error)) from error
    return Addresses(made, pods_too and made.whole)


def _alpha_ports(value: object, path: FieldPath) -> Ports:
    """`portNumber`, `portRange` or `namedPort` of v1alpha1; an empty list matches nothing."""
    if value is None:
        return NO_FILTER
    numbers = NONE
    names = []
    for index, item in enumerate(listing(value, path)):
        where = (*path, index)
        body = mapping(item, where)
        field, inner = _only(body, ("portNumber", "portRange", "namedPort"), where)
        if field == "namedPort":
            names.append(("", str(inner)))
            continue
        inner_body = mapping(inner, (*where, field))
        protocol = protocol_of(inner_body.get("protocol"), (*where, field))
        fields = ("port", "port") if field == "portNumber" else ("start", "end")
        numbers |= of_protocol(protocol, (_bounds(inner_body, fields, (*where, field)),))
    return Ports(numbers, tuple(names))


def _cluster_ports(value: object, path: FieldPath) -> Ports:
    """`tcp`, `udp` or `sctp` with a destinationPort, or a destinationNamedPort."""
    listed = listing(value, path)
    if not listed:
        return NO_FILTER
    numbers = NONE
    names = []
    fields = {"tcp": TCP, "udp": UDP, "sctp": SCTP}
    for index, item in enumerate(listed):
        where = (*path, index)
        field, inner = _only(mapping(item, where), (*fields, "destinationNamedPort"), where)
        if field in fields:
            numbers |= _destination(fields[field], mapping(inner, (*where, field)), (*where, field))
        else:
            names.append(("", str(inner)))
    return Ports(numbers, tuple(names))


def _destination(protocol: str, body: dict[str, Any], path: FieldPath) -> ConnectionSet:
    port = body.get("destinationPort")
    if port is None:
        return of_protocol(protocol, EVERY_PORT)
    where = (*path, "destinationPort")
    field, inner = _only(mapping(port, where), ("number", "range"), where)
    if field == "number":
        only = number(inner, (*where, "number"), FIRST_PORT, LAST_PORT)
        return of_protocol(protocol, ((only, only),))
    body = mapping(inner, (*where, "range"))
    return of_protocol(protocol, (_bounds(body, ("start", "end"), (*where, "range")),))


def _bounds(body: dict[str, Any], fields: tuple[str, str], path: FieldPath) -> tuple[int, int]:
    first = number(body.get(fields[0]), (*path, fields[0]), FIRST_PORT, LAST_PORT)
    return first, number(body.get(fields[1]), (*path, fields[1]), first, LAST_PORT)


def _only(body: dict[str, Any], fields: tuple[str, ...], path: FieldPath) -> tuple[str, object]:
    there = [it for it in fields if body.get(it) is not None]
    if len(there) != 1:
        raise Refused(path, f"exactly one of {', '.join(fields)} has to be set")
    return there[0], body[there[0]]


_ADMIN = _Dialect({"Allow": ALLOW, "Deny": DENY, "Pass": PASS}, "ports", _alpha_ports, False)
_BASELINE = _Dialect({"Allow": ALLOW, "Deny": DENY}, "ports", _alpha_ports, False)
_CLUSTER = _Dialect(
    {"Accept": ALLOW, "Deny": DENY, "Pass": PASS}, "protocols", _cluster_ports, True
)
