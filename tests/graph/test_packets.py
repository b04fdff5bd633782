"""Random clusters: the map agrees with what is said of one packet after the other."""

from __future__ import annotations

import ipaddress
import random
from typing import Any

import pytest

from portside.graph.network import NONE, NetworkObject, Reachability
from portside.graph.network.difference import difference
from portside.graph.network.explain import explained
from tests.graph.packets import Cluster, Packet, Pod

Value = dict[str, Any]
KEYS, WORDS = ("app", "tier", "team"), ("a", "b", "c")
PROTOCOLS = ("TCP", "UDP", "SCTP")
NAMESPACES = ("n1", "n2", "n3")
NAMES = ("http", "dns", "sql")
BLOCKS = ("0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "192.168.0.0/16")
ADDRESSES = ("10.0.0.1", "10.1.0.0", "10.1.2.3", "10.2.0.0", "192.168.255.255", "8.8.8.8")
PORTS = (1, 2, 53, 80, 81, 443, 65535)


class Maker:
    """Makes a cluster by chance, from few words, so that selectors and rules often meet."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def cluster(self) -> Cluster:
        namespaces = {it: self.labels() for it in NAMESPACES[: self.chance.randint(1, 3)]}
        pods = [
            Pod(self.chance.choice(NAMESPACES), f"p{number}", self.labels(), self.ports())
            for number in range(self.chance.randint(2, 6))
        ]
        policies = [self.network_policy(number) for number in range(self.chance.randint(0, 4))]
        priorities = self.chance.sample(range(1001), 4)
        policies += [self.admin_policy(it) for it in priorities[: self.chance.randint(0, 2)]]
        policies += [self.cluster_policy(it) for it in priorities[2 : self.chance.randint(2, 4)]]
        baselines = any(it["spec"].get("tier") == "Baseline" for it in policies)
        if not baselines and self.chance.random() < 0.5:
            policies.append(self.baseline())
        return Cluster(namespaces, pods, policies)

    def labels(self) -> dict[str, str]:
        return {it: self.chance.choice(WORDS) for it in KEYS if self.chance.random() < 0.7}

    def ports(self) -> list[Value]:
        names = self.chance.sample(NAMES, self.chance.randint(0, 3))
        return [
            {"name": it, "protocol": self.chance.choice(PROTOCOLS)}
            | {"containerPort": self.chance.choice(PORTS)}
            for it in names
        ]

    def selector(self) -> Value:
        kind = self.chance.random()
        key = self.chance.choice(KEYS)
        if kind < 0.25:
            return {}
        if kind < 0.5:
            return {"matchLabels": {key: self.chance.choice(WORDS)}}
        operator = self.chance.choice(("In", "NotIn", "Exists", "DoesNotExist"))
        made: Value = {"key": key, "operator": operator}
        if operator in ("In", "NotIn"):
            made["values"] = self.chance.sample(WORDS, self.chance.randint(1, 2))
        return {"matchExpressions": [made]}

    def namespace_selector(self) -> Value:
        if self.chance.random() < 0.3:
            name = self.chance.choice(NAMESPACES)
            return {"matchLabels": {"kubernetes.io/metadata.name": name}}
        return self.selector()

    def some(self, make: Any, least: int, most: int) -> list[Value]:
        return [make() for _ in range(self.chance.randint(least, most))]

    def network_policy(self, number: int) -> Value:
        spec: Value = {"podSelector": self.selector()}
        for direction, peers in (("ingress", "from"), ("egress", "to")):
            if self.chance.random() < 0.6:
                spec[direction] = self.some(lambda at=peers: self.network_rule(at), 0, 3)
        if self.chance.random() < 0.7:
            types = ("Ingress", "Egress")
            spec["policyTypes"] = self.chance.sample(types, self.chance.randint(1, 2))
        metadata = {"name": f"np{number}", "namespace": self.chance.choice(NAMESPACES)}
        return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"} | {
            "metadata": metadata,
            "spec": spec,
        }

    def network_rule(self, peers: str) -> Value:
        made: Value = {}
        if self.chance.random() < 0.8:
            made[peers] = self.some(self.network_peer, 0, 2)
        if self.chance.random() < 0.7:
            made["ports"] = self.some(self.network_port, 0, 3)
        return made

    def network_peer(self) -> Value:
        if self.chance.random() < 0.3:
            block: Value = {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}
            return {"ipBlock": self.chance.choice([block, {"cidr": self.chance.choice(BLOCKS)}])}
        made = {"podSelector": self.selector(), "namespaceSelector": self.namespace_selector()}
        for key in self.chance.sample(list(made), self.chance.randint(0, 1)):
            del made[key]
        return made

    def network_port(self) -> Value:
        made: Value = {"protocol": self.chance.choice(PROTOCOLS)}
        kind = self.chance.random()
        if kind < 0.3:
            return made | {"port": self.chance.choice(NAMES)}
        if kind < 0.6:
            return made | {"port": self.chance.choice(PORTS)}
        if kind < 0.9:
            first, last = sorted(self.chance.sample(PORTS, 2))
            return made | {"port": first, "endPort": last}
        return made

    def subject(self) -> Value:
        if self.chance.random() < 0.5:
            return {"namespaces": self.namespace_selector()}
        pods = {"namespaceSelector": self.namespace_selector(), "podSelector": self.selector()}
        return {"pods": pods}

    def tiered(self, kind: str, version: str, name: str, actions: tuple[str, ...]) -> Value:
        field = "protocols" if kind == "ClusterNetworkPolicy" else "ports"
        spec: Value = {"subject": self.subject()}
        for direction, peers in (("ingress", "from"), ("egress", "to")):
            spec[direction] = [
                {"action": self.chance.choice(actions), peers: self.some(self.subject, 1, 2)}
                for _ in range(self.chance.randint(0, 3))
            ]
            for rule in spec[direction]:
                if peers == "to" and self.chance.random() < 0.3:
                    rule[peers].append({"networks": self.chance.sample(BLOCKS, 2)})
                if self.chance.random() < 0.7:
                    make = self.protocol if field == "protocols" else self.alpha_port
                    rule[field] = self.some(make, 1, 2)
        api_version = f"policy.networking.k8s.io/{version}"
        return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, "spec": spec}

    def admin_policy(self, priority: int) -> Value:
        actions = ("Allow", "Deny", "Pass")
        made = self.tiered("AdminNetworkPolicy", "v1alpha1", f"anp{priority}", actions)
        made["spec"]["priority"] = priority
        return made

    def baseline(self) -> Value:
        actions = ("Allow", "Deny")
        return self.tiered("BaselineAdminNetworkPolicy", "v1alpha1", "default", actions)

    def cluster_policy(self, priority: int) -> Value:
        actions = ("Accept", "Deny", "Pass")
        made = self.tiered("ClusterNetworkPolicy", "v1alpha2", f"cnp{priority}", actions)
        made["spec"] |= {"priority": priority, "tier": self.chance.choice(("Admin", "Baseline"))}
        return made

    def alpha_port(self) -> Value:
        protocol = {"protocol": self.chance.choice(PROTOCOLS)}
        kind = self.chance.random()
        if kind < 0.3:
            return {"namedPort": self.chance.choice(NAMES)}
        if kind < 0.6:
            return {"portNumber": protocol | {"port": self.chance.choice(PORTS)}}
        first, last = sorted(self.chance.sample(PORTS, 2))
        return {"portRange": protocol | {"start": first, "end": last}}

    def protocol(self) -> Value:
        kind = self.chance.random()
        if kind < 0.3:
            return {"destinationNamedPort": self.chance.choice(NAMES)}
        first, last = sorted(self.chance.sample(PORTS, 2))
        ports: list[Value] = [{"number": first}, {"range": {"start": first, "end": last}}]
        inner = {} if kind < 0.4 else {"destinationPort": self.chance.choice(ports)}
        return {self.chance.choice(PROTOCOLS).lower(): inner}


def made_of(cluster: Cluster) -> Reachability:
    values: list[Value] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        for name, labels in cluster.namespaces.items()
    ]
    for it in cluster.pods:
        metadata = {"name": it.name, "namespace": it.namespace, "labels": it.labels}
        spec = {"containers": [{"name": "c", "image": "i", "ports": it.ports}]}
        values.append({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
    made = Reachability.of(NetworkObject(it) for it in [*values, *cluster.policies])
    assert made.faults == []
    return made


def called(end: Pod | str) -> str:
    return end if isinstance(end, str) else f"{end.namespace}/{end.name}[Pod]"


def ends(cluster: Cluster) -> list[tuple[Pod | str, Pod | str]]:
    everybody: list[Pod | str] = [*cluster.pods, *ADDRESSES]
    return [
        (source, target)
        for source in everybody
        for target in everybody
        if source is not target and not (isinstance(source, str) and isinstance(target, str))
    ]


@pytest.mark.parametrize("seed", range(120))
def test_the_map_says_of_each_packet_what_the_policies_say(seed: int) -> None:
    cluster = Maker(seed).cluster()
    made = made_of(cluster)
    for source, target in ends(cluster):
        ports = made.allowed(called(source), called(target))
        for protocol in PROTOCOLS:
            for port in (*PORTS, 60, 8080):
                packet = Packet(source, target, protocol, port)
                assert ports.has(protocol, port) == cluster.allows(packet), (seed, packet)


@pytest.mark.parametrize("seed", range(30))
def test_an_explanation_comes_to_the_same_answer(seed: int) -> None:
    cluster = Maker(seed).cluster()
    made = made_of(cluster)
    for source, target in ends(cluster):
        (it,) = explained(made, called(source), called(target))
        assert it.allowed == made.allowed(called(source), called(target))
        for side in it.sides:
            decided = [step.ports for step in side.steps if step.effect != "isolate"]
            assert all(decided), "a rule that decides nothing is no step"


@pytest.mark.parametrize("seed", range(30))
def test_a_difference_is_what_the_two_maps_do_not_share(seed: int) -> None:
    maker = Maker(seed)
    cluster = maker.cluster()
    changed = cluster._replace(policies=cluster.policies[1:], pods=cluster.pods[:-1])
    before, after = made_of(cluster), made_of(changed)
    changes = list(difference(before, after))
    for source, target in ends(cluster):
        names = called(source), called(target)
        gone = cluster.pods[-1] in (source, target)
        then = before.allowed(*names)
        now = NONE if gone else after.allowed(*names)
        found = [
            it for it in changes if _covers(it.source, names[0]) and _covers(it.target, names[1])
        ]
        assert [(it.before, it.after) for it in found] == ([] if then == now else [(then, now)])


def _covers(peer: str, name: str) -> bool:
    if not peer.endswith("[External]"):
        return peer == name
    if "/" in name:
        return False
    first, last = peer.removesuffix("[External]").split("-")
    addresses = [ipaddress.ip_address(it) for it in (first, name, last)]
    return addresses == sorted(addresses)
