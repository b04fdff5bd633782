"""All peers of a map in two rows, and which of them a rule is about.

Pods that no policy can tell apart are one peer. Addresses outside of the cluster are cut into
pieces wherever a rule begins or ends: as sources by the rules for ingress, as destinations by the
rules for egress. Bit N of a set of peers is the pod at N; the pieces follow behind the pods.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence

from portside.graph.network.addresses import FAMILIES, WHOLE, Block, range_text
from portside.graph.network.connections import (
    LAST_PORT,
    NONE,
    PROTOCOLS,
    ConnectionSet,
    of_protocol,
)
from portside.graph.network.intervals import Intervals, pieces
from portside.graph.network.policy import (
    EGRESS,
    INGRESS,
    Addresses,
    Peer,
    Pods,
    Policy,
    Rule,
)
from portside.graph.network.selector import Bits, Index
from portside.graph.network.workloads import Port, Workload
from portside.records import NamedTuple

NAME_LABEL = "kubernetes.io/metadata.name"
"""Every namespace bears it, with its own name (KEP-2161)."""
DIRECTIONS = (INGRESS, EGRESS)
Match = tuple[Bits, ConnectionSet]
"""Some peers, and the connections with them that a rule is about."""


class PodClass(NamedTuple):
    """Pods that are the same to every policy."""

    namespace: str
    labels: tuple[tuple[str, str], ...]
    ports: tuple[Port, ...]

    @classmethod
    def of(cls, workload: Workload) -> PodClass:
        return cls(workload.namespace, workload.labels, workload.ports)


class Piece(NamedTuple):
    """A range of addresses that no rule tells apart."""

    family: int
    first: int
    last: int

    @property
    def title(self) -> str:
        return f"{range_text(*self)}[External]"


class Peers:
    """The peers, and the answers to "who of them is meant"."""

    def __init__(
        self,
        pods: Sequence[PodClass],
        namespaces: Mapping[str, Mapping[str, str]],
        policies: Iterable[Policy],
    ) -> None:
        self.pods = list(pods)
        self.all_pods: Bits = (1 << len(self.pods)) - 1
        bits_of: dict[str, Bits] = {}
        for at, pod in enumerate(self.pods):
            bits_of[pod.namespace] = bits_of.get(pod.namespace, 0) | 1 << at
        self._of_namespace = bits_of
        self._by_label = Index((1 << at, dict(pod.labels)) for at, pod in enumerate(self.pods))
        self._by_namespace = Index(
            (bits, {**namespaces.get(name, {}), NAME_LABEL: name}) for name, bits in bits_of.items()
        )
        policies = list(policies)
        self.pieces = {it: _cut(policies, it) for it in DIRECTIONS}
        self._leaving: dict[int, tuple[Rule, list[Match]]] = {}
        self._starts = {
            direction: [(it.family, it.first) for it in self.pieces[direction]]
            for direction in DIRECTIONS
        }

    def everybody(self, direction: str) -> Bits:
        return (1 << len(self.pods) + len(self.pieces[direction])) - 1

    def meant(self, peers: tuple[Peer, ...] | None, direction: str) -> Bits:
        """Whom a rule for `direction` is about: its sources for ingress, else destinations."""
        if peers is None:
            return self.everybody(direction)
        found = 0
        for it in peers:
            if isinstance(it, Pods):
                found |= self.selected(it)
            elif isinstance(it, Addresses):
                found |= self.located(it.block, direction)
                found |= self.all_pods if it.pods_too else 0
        return found

    def selected(self, wanted: Pods) -> Bits:
        if wanted.namespaces is None:
            found = self._of_namespace.get(wanted.namespace, 0)
        else:
            found = self._by_namespace.selected(wanted.namespaces)
        return found & self._by_label.selected(wanted.pods)

    def located(self, block: Block, direction: str) -> Bits:
        """The pieces that begin inside of `block`; those of the rules lie in it wholly."""
        starts = self._starts[direction]
        found = 0
        for first, last in block.addresses:
            low = bisect_left(starts, (block.family, first))
            high = bisect_left(starts, (block.family, last + 1))
            found |= (1 << high) - (1 << low)
        return found << len(self.pods)

    def overlapping(self, block: Block, direction: str) -> list[tuple[int, Piece]]:
        """The pieces that hold addresses of `block`, each with its number."""
        starts = self._starts[direction]
        found: list[tuple[int, Piece]] = []
        for first, last in block.addresses:
            low = bisect_right(starts, (block.family, first)) - 1
            high = bisect_right(starts, (block.family, last))
            found += [(at, self.pieces[direction][at]) for at in range(low, high)]
        return found

    def matches(self, rule: Rule, direction: str, subject: int) -> list[Match]:
        """What `rule` is about for the pod at `subject`: whom, on which connections.

        A name of a port is one of the pod that is connected to.
        """
        numbers, names = rule.ports
        if direction == EGRESS:
            made = self._leaving.get(id(rule))
            if made is None:
                # The rule is kept too, so that its id stays its own.
                made = self._leaving[id(rule)] = (rule, self._left(rule))
            return made[1]
        meant = self.meant(rule.peers, INGRESS)
        return [(meant, numbers | _named(self.pods[subject], names) if names else numbers)]

    def _left(self, rule: Rule) -> list[Match]:
        """What a rule for egress is about, which is the same whoever leaves."""
        numbers, names = rule.ports
        rest = self.meant(rule.peers, EGRESS)
        by_ports: dict[ConnectionSet, Bits] = {}
        for at, pod in enumerate(self.pods):
            if names and pod.ports and rest >> at & 1:
                named = _named(pod, names)
                if named:
                    by_ports[named] = by_ports.get(named, 0) | 1 << at
        made = [(bits, numbers | named) for named, bits in by_ports.items()]
        for bits, _ in made:
            rest &= ~bits
        return [*made, (rest, numbers)]


def _named(pod: PodClass, names: tuple[tuple[str, str], ...]) -> ConnectionSet:
    made = NONE
    for port in pod.ports:
        for protocol, name in names:
            if port.name == name and protocol in ("", port.protocol):
                made |= port_of(port)
    return made


def port_of(port: Port) -> ConnectionSet:
    """The one port, or nothing where its numbers or its protocol do not exist."""
    if port.protocol not in PROTOCOLS or not 0 < port.number <= LAST_PORT:
        return NONE
    return of_protocol(port.protocol, ((port.number, port.number),))


def _cut(policies: Iterable[Policy], direction: str) -> list[Piece]:
    cuts: dict[int, list[Intervals]] = {family: [] for family in FAMILIES}
    for policy in policies:
        for rule in policy.written(direction):
            for peer in rule.peers or ():
                if isinstance(peer, Addresses):
                    cuts[peer.block.family].append(peer.block.addresses)
    return [
        Piece(family, first, last)
        for family in FAMILIES
        for first, last in pieces(WHOLE[family], cuts[family])
    ]
