"""The one form that policies of every kind take here: whose traffic, which rules, in what order."""

from __future__ import annotations

from portside.graph.network.addresses import Block
from portside.graph.network.connections import ALL, ConnectionSet
from portside.graph.network.objects import NetworkObject, Refused, mapping
from portside.graph.network.selector import EVERYTHING, Selector, selector
from portside.model.place import FieldPath
from portside.records import NamedTuple

ADMIN, NETWORK, BASELINE = range(3)
"""The tiers, in the order in which they are asked."""
ALLOW, DENY, PASS = "allow", "deny", "pass"
INGRESS, EGRESS = "ingress", "egress"


class Pods(NamedTuple):
    """Pods by labels; of the namespace called `namespace` where no `namespaces` are selected."""

    pods: Selector = EVERYTHING
    namespaces: Selector | None = EVERYTHING
    namespace: str = ""


class Addresses(NamedTuple):
    """A block of addresses outside of the cluster."""

    block: Block
    pods_too: bool = False
    """Whether the addresses of pods are among them, of which files say nothing."""


class Unknown(NamedTuple):
    """Peers that no file tells: nodes, domain names. Nothing in the map is one of them."""

    reason: str


Peer = Pods | Addresses | Unknown


class Ports(NamedTuple):
    """Ports by number, and by (protocol, name): the protocol is empty where the pod's counts."""

    numbers: ConnectionSet
    names: tuple[tuple[str, str], ...] = ()


EVERY_PORT = Ports(ALL)


class Rule(NamedTuple):
    action: str
    peers: tuple[Peer, ...] | None
    """None is everybody, inside and outside."""
    ports: Ports
    path: FieldPath
    name: str = ""


class Policy(NamedTuple):
    """Its rules for both directions, and those of the two in which it has a say."""

    tier: int
    priority: int
    source: NetworkObject
    subject: Pods
    ingress: tuple[Rule, ...]
    egress: tuple[Rule, ...]
    directions: tuple[str, ...]

    def written(self, direction: str) -> tuple[Rule, ...]:
        """The rules for a direction, whether they are in force or not."""
        return self.ingress if direction == INGRESS else self.egress

    def rules(self, direction: str) -> tuple[Rule, ...]:
        """The rules in force."""
        return self.written(direction) if direction in self.directions else ()

    @property
    def title(self) -> str:
        """What it is called among people: `NetworkPolicy shop/deny-all`."""
        source = self.source
        where = f"{source.namespace}/" if self.tier == NETWORK else ""
        return f"{source.kind} {where}{source.name}"


def subject(value: object, path: FieldPath) -> Pods:
    """The pods that a policy of the cluster is about: `namespaces` or `pods`."""
    body = mapping(value, path)
    set_fields = [it for it in ("namespaces", "pods") if body.get(it) is not None]
    if len(set_fields) != 1:
        raise Refused(path, "exactly one of namespaces and pods has to be set")
    return pods_peer(body, path)


def pods_peer(body: dict[str, object], path: FieldPath) -> Pods:
    """A peer `namespaces: SELECTOR` or `pods: {namespaceSelector, podSelector}`."""
    if body.get("namespaces") is not None:
        return Pods(namespaces=selector(body["namespaces"], (*path, "namespaces")))
    where = (*path, "pods")
    inner = mapping(body.get("pods"), where)
    return Pods(
        selector(inner.get("podSelector"), (*where, "podSelector")),
        selector(inner.get("namespaceSelector"), (*where, "namespaceSelector")),
    )
