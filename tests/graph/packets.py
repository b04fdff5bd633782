"""One packet at a time: what policies say of it, read off the objects as the documents word it.

Nothing here is a set and nothing is shared with what it checks: the pods, the rules and the packet
are plain values, asked one after the other.
"""

from __future__ import annotations

import ipaddress
from typing import Any, NamedTuple

Value = dict[str, Any]


class Pod(NamedTuple):
    namespace: str
    name: str
    labels: dict[str, str]
    ports: list[Value]


class Packet(NamedTuple):
    """Ends are pods or addresses."""

    source: Pod | str
    target: Pod | str
    protocol: str
    port: int


class Cluster(NamedTuple):
    namespaces: dict[str, dict[str, str]]
    pods: list[Pod]
    policies: list[Value]

    def allows(self, packet: Packet) -> bool:
        leaves = isinstance(packet.target, str) or self._side(packet, packet.target, "Ingress")
        return leaves and (
            isinstance(packet.source, str) or self._side(packet, packet.source, "Egress")
        )

    def _side(self, packet: Packet, pod: Pod, direction: str) -> bool:
        verdict = self._ordered(packet, pod, direction, "Admin")
        if verdict in ("Allow", "Deny"):
            return verdict == "Allow"
        selecting = [
            it
            for it in self.policies
            if it["kind"] == "NetworkPolicy" and self._network_selects(it, pod, direction)
        ]
        if selecting:
            return any(self._network_allows(it, packet, direction) for it in selecting)
        return self._ordered(packet, pod, direction, "Baseline") != "Deny"

    def _ordered(self, packet: Packet, pod: Pod, direction: str, tier: str) -> str:
        tiered = [it for it in self.policies if _tier(it) == tier]
        for policy in sorted(tiered, key=lambda it: it["spec"].get("priority", 0)):
            subject = policy["spec"]["subject"]
            if not self._is_selected(subject, pod):
                continue
            for rule in policy["spec"].get(direction.lower(), []):
                if self._rule_is_about(rule, packet, direction, policy["kind"]):
                    action: str = rule["action"]
                    return "Allow" if action == "Accept" else action
        return "Pass"

    def _rule_is_about(self, rule: Value, packet: Packet, direction: str, kind: str) -> bool:
        peers = rule["from" if direction == "Ingress" else "to"]
        other = packet.source if direction == "Ingress" else packet.target
        if not any(self._is_cluster_peer(it, other, kind) for it in peers):
            return False
        ports = rule.get("protocols") if kind == "ClusterNetworkPolicy" else rule.get("ports")
        return ports is None or any(_is_cluster_port(it, packet) for it in ports)

    def _is_cluster_peer(self, peer: Value, other: Pod | str, kind: str) -> bool:
        if "networks" not in peer:
            return isinstance(other, Pod) and self._is_selected(peer, other)
        if isinstance(other, Pod):
            return kind == "ClusterNetworkPolicy" and "0.0.0.0/0" in peer["networks"]
        return any(_inside(other, it) for it in peer["networks"])

    def _is_selected(self, body: Value, pod: Pod) -> bool:
        if "namespaces" in body:
            return _matches(body["namespaces"], self._labels_of(pod.namespace))
        namespaces, pods = body["pods"]["namespaceSelector"], body["pods"]["podSelector"]
        return _matches(namespaces, self._labels_of(pod.namespace)) and _matches(pods, pod.labels)

    def _labels_of(self, namespace: str) -> dict[str, str]:
        written = self.namespaces.get(namespace, {})
        return {**written, "kubernetes.io/metadata.name": namespace}

    def _network_selects(self, policy: Value, pod: Pod, direction: str) -> bool:
        spec = policy["spec"]
        if policy["metadata"]["namespace"] != pod.namespace:
            return False
        types = spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]
        return direction in types and _matches(spec["podSelector"], pod.labels)

    def _network_allows(self, policy: Value, packet: Packet, direction: str) -> bool:
        return any(
            self._network_rule_allows(rule, packet, direction, policy["metadata"]["namespace"])
            for rule in policy["spec"].get(direction.lower(), [])
        )

    def _network_rule_allows(
        self, rule: Value, packet: Packet, direction: str, namespace: str
    ) -> bool:
        peers = rule.get("from" if direction == "Ingress" else "to")
        other = packet.source if direction == "Ingress" else packet.target
        if peers and not any(self._is_network_peer(it, other, namespace) for it in peers):
            return False
        ports = rule.get("ports")
        return not ports or any(_is_network_port(it, packet) for it in ports)

    def _is_network_peer(self, peer: Value, other: Pod | str, namespace: str) -> bool:
        if "ipBlock" in peer:
            block = peer["ipBlock"]
            if isinstance(other, Pod) or not _inside(other, block["cidr"]):
                return False
            return not any(_inside(other, it) for it in block.get("except", []))
        if isinstance(other, str):
            return False
        if "namespaceSelector" in peer:
            if not _matches(peer["namespaceSelector"], self._labels_of(other.namespace)):
                return False
        elif other.namespace != namespace:
            return False
        return _matches(peer.get("podSelector", {}), other.labels)


def _tier(policy: Value) -> str:
    kinds = {"AdminNetworkPolicy": "Admin", "BaselineAdminNetworkPolicy": "Baseline"}
    kind: str = policy["kind"]
    tier: str = kinds.get(kind) or policy["spec"].get("tier", "")
    return tier


def _inside(address: str, cidr: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(cidr)


def _matches(selector: Value, labels: dict[str, str]) -> bool:
    for key, value in selector.get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    for it in selector.get("matchExpressions", []):
        key, operator = it["key"], it["operator"]
        if operator == "Exists" and key not in labels:
            return False
        if operator == "DoesNotExist" and key in labels:
            return False
        if operator == "In" and (key not in labels or labels[key] not in it["values"]):
            return False
        if operator == "NotIn" and key in labels and labels[key] in it["values"]:
            return False
    return True


def _is_network_port(body: Value, packet: Packet) -> bool:
    if body.get("protocol", "TCP") != packet.protocol:
        return False
    port: Any = body.get("port")
    if port is None:
        return True
    if isinstance(port, str):
        return _is_named(port, packet)
    return bool(port <= packet.port <= body.get("endPort", port))


def _is_named(name: str, packet: Packet) -> bool:
    """Whether the target calls the very port of the packet so."""
    if isinstance(packet.target, str):
        return False
    wanted = {"name": name, "protocol": packet.protocol, "containerPort": packet.port}
    return wanted in packet.target.ports


def _is_cluster_port(body: Value, packet: Packet) -> bool:
    name = body.get("namedPort") or body.get("destinationNamedPort")
    if name:
        return _is_named(name, packet)
    if "portNumber" in body:
        return _is_exact(body["portNumber"], packet)
    if "portRange" in body:
        protocol, start, end = (body["portRange"][it] for it in ("protocol", "start", "end"))
        return bool(protocol == packet.protocol and start <= packet.port <= end)
    (protocol, inner), *_ = body.items()
    if protocol.upper() != packet.protocol:
        return False
    port = inner.get("destinationPort")
    if port is None or "number" in port:
        return port is None or port["number"] == packet.port
    return bool(port["range"]["start"] <= packet.port <= port["range"]["end"])


def _is_exact(body: Value, packet: Packet) -> bool:
    return bool(body["protocol"] == packet.protocol and body["port"] == packet.port)
