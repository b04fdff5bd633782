"""Who reaches whom: the map of all connections that the objects of an application allow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from portside.errors import SourceError
from portside.graph.network.addresses import IPV4, Block, place_of
from portside.graph.network.collect import Collected
from portside.graph.network.connections import ALL, NONE, ConnectionSet
from portside.graph.network.entrances import (
    CONTROLLER,
    CONTROLLER_NAMESPACE,
    GATEWAY,
    Entrance,
)
from portside.graph.network.objects import Fault, NetworkObject
from portside.graph.network.peers import Peers, Piece, PodClass
from portside.graph.network.policy import EGRESS, INGRESS, Policy
from portside.graph.network.selector import Bits
from portside.graph.network.verdict import Subject, ordered, verdicts
from portside.graph.network.workloads import Port, Workload
from portside.records import NamedTuple

IPV4_ONLY = (IPV4,)
MOST_PAIRS = 60_000_000
"""Eight bytes each are held: half a gigabyte. That is a map of 5,000 different pods."""


class Connection(NamedTuple):
    """What one peer may open to another."""

    source: str
    target: str
    ports: ConnectionSet


class Reachability:
    """The map of one application; `Reachability.of` makes it.

    A peer is called as it stands in the map: `shop/web[Deployment]` is a workload,
    `10.0.0.0-10.255.255.255[External]` a range of addresses, `{ingress-controller}` whoever
    forwards for Ingresses and Routes, and `{gateway}` for the Gateway API.
    """

    def __init__(self, collected: Collected, *, undeclared_ports: bool = False) -> None:
        self.faults: list[Fault] = collected.faults
        """What the map is without: with any of them it is incomplete."""
        self.notes: list[Fault] = list(collected.notes)
        """What qualifies the map."""
        self.workloads: dict[str, list[Workload]] = {}
        """By what it is called: its pod templates or pods, which may differ."""
        self.entrances: dict[tuple[str, str], list[Entrance]] = {}
        """By forwarder and workload: what leads there."""
        self._undeclared = undeclared_ports
        self.policies = ordered(collected.policies)
        self._pods: dict[str, tuple[int, ...]] = {}
        classes = self._numbered(collected.workloads)
        self.peers = Peers(classes, collected.namespaces, self.policies)
        self._selecting = self._selected()
        self._pieces_at = {it: self._numbered_pieces(it) for it in (INGRESS, EGRESS)}
        self._rows: dict[str, list[list[ConnectionSet] | None]] = {
            it: [None] * len(classes) for it in (INGRESS, EGRESS)
        }
        self._same: dict[tuple[str, tuple[int, ...], tuple[Port, ...]], list[ConnectionSet]] = {}
        self._one: dict[ConnectionSet, ConnectionSet] = {}
        self._both: dict[tuple[int, int], ConnectionSet] = {}
        self._enter(collected.entrances)

    @classmethod
    def of(
        cls, objects: Iterable[NetworkObject], *, undeclared_ports: bool = False
    ) -> Reachability:
        """The map of `objects`.

        With `undeclared_ports` an entrance leads to ports that no container declares, too: nothing
        keeps a process from listening there.
        """
        return cls(Collected(objects), undeclared_ports=undeclared_ports)

    def connections(self, families: tuple[int, ...] = IPV4_ONLY) -> Iterator[Connection]:
        """All that is allowed, from peers to others, in the order of their names.

        Raises SourceError where that is more than a machine holds.
        """
        self.check_size()
        inside = sorted(self._pods)
        outside = {
            it: [piece.title for piece in self.peers.pieces[it] if piece.family in families]
            for it in (INGRESS, EGRESS)
        }
        forwarders = {source for source, _ in self.entrances}
        everybody = sorted([*inside, *outside[EGRESS]])
        for source in sorted([*inside, *outside[INGRESS], *forwarders]):
            yield from self.opened(source, everybody if source in self._pods else inside)

    def check_size(self) -> None:
        """Raises SourceError for a map of more pairs than `MOST_PAIRS`."""
        pods = len(self.peers.pods)
        pairs = sum(pods * (pods + len(self.peers.pieces[it])) for it in (INGRESS, EGRESS))
        if pairs > MOST_PAIRS:
            raise SourceError(
                f"the map has {pairs:,} pairs of pods and ranges of addresses, of {MOST_PAIRS:,}",
                where="network",
                hint="name fewer folders: those of one cluster, or of one part of it",
                undone="no map was made",
            )

    def opened(self, source: str, targets: list[str]) -> Iterator[Connection]:
        """What `source` may open to each of `targets` but itself, where that is anything.

        Raises KeyError for a workload that is not here.
        """
        inside, outside = self._pods, self._pieces_at[EGRESS]
        forwards = source in (CONTROLLER, GATEWAY)
        starts = () if forwards else self._indices(source, INGRESS)
        alone = starts[0] if len(starts) == 1 else -1
        row = self._row(EGRESS, alone) if alone >= 0 and source in self._pods else None
        for target in targets:
            if source == target:
                continue
            ends = inside.get(target) or outside.get(target) or self._indices(target, EGRESS)
            if alone >= 0 and len(ends) == 1:  # nearly always: no need to join answers
                end = ends[0]
                ports = self._let_in(ALL if row is None else row[end], alone, end)
            else:
                ports = self.allowed(source, target)
            if ports:
                yield Connection(source, target, ports)

    def allowed(self, source: str, target: str) -> ConnectionSet:
        """What `source` may open to `target`. Raises KeyError for a workload that is not here.

        An address or a range is answered for what of it is allowed everywhere.
        """
        if source in (CONTROLLER, GATEWAY):
            return self._entering(source, target)
        starts, ends = self._indices(source, INGRESS), self._indices(target, EGRESS)
        if source not in self._pods:
            return self._met(
                [self._joined([self._any(-1, at, it) for it in ends]) for at in starts]
            )
        reached = [self._joined([self._any(it, it, end) for it in starts]) for end in ends]
        return self._joined(reached) if target in self._pods else self._met(reached)

    def subject(self, pod: int, direction: str) -> Subject:
        listed = self._selecting[pod]
        return Subject(pod, direction, tuple(it for it in listed if direction in it.directions))

    def pods_of(self, title: str) -> tuple[int, ...]:
        """The pods of a workload or of a forwarder, as peers know them."""
        return (0,) if title in (CONTROLLER, GATEWAY) else self._pods[title]

    def pieces_of(self, block: Block, direction: str) -> list[tuple[int, Piece]]:
        """The pieces that hold addresses of `block`, each with its number."""
        return self.peers.overlapping(block, direction)

    def row(self, direction: str, pod: int) -> list[ConnectionSet]:
        """What a pod allows with each peer in a direction: the pods, then the pieces behind them.

        The same set of connections is the same object in all rows.
        """
        return self._row(direction, pod)

    def leading(self, entrance: Entrance) -> ConnectionSet:
        """The ports that an entrance leads to."""
        return entrance.ports | (entrance.undeclared if self._undeclared else NONE)

    def _numbered(self, workloads: Iterable[Workload]) -> list[PodClass]:
        """The different pods, and note which of them each workload has; the first forwards."""
        classes = {PodClass(CONTROLLER_NAMESPACE, (), ()): 0}
        for it in workloads:
            at = classes.setdefault(PodClass.of(it), len(classes))
            self.workloads.setdefault(it.title, []).append(it)
            known = self._pods.get(it.title, ())
            self._pods[it.title] = known if at in known else (*known, at)
        return list(classes)

    def _selected(self) -> list[list[Policy]]:
        """By pod: the policies that select it, in the order they are asked."""
        found: list[list[Policy]] = [[] for _ in self.peers.pods]
        for policy in self.policies:
            bits: Bits = self.peers.selected(policy.subject)
            while bits:
                lowest = bits & -bits
                found[lowest.bit_length() - 1].append(policy)
                bits ^= lowest
        return found

    def _numbered_pieces(self, direction: str) -> dict[str, tuple[int, ...]]:
        first = len(self.peers.pods)
        pieces = self.peers.pieces[direction]
        return {it.title: (first + at,) for at, it in enumerate(pieces)}

    def _enter(self, entrances: Iterable[Entrance]) -> None:
        for it in entrances:
            key = (it.backend.forwarder, it.workload.title)
            self.entrances.setdefault(key, []).append(it)
            if it.undeclared and not self._undeclared:
                source = it.backend.source
                reason = (
                    f"leads to {it.undeclared} of {it.workload.title}, which no container "
                    "declares: not in the map"
                )
                line = source.line(it.backend.path)
                self.notes.append(Fault(it.backend.title, reason, source.file, line))

    def _entering(self, source: str, target: str) -> ConnectionSet:
        found = NONE
        for entrance in self.entrances.get((source, target), ()):
            found |= self.leading(entrance)
        return found & self._joined([self._any(0, 0, end) for end in self._pods[target]])

    def _indices(self, title: str, direction: str) -> tuple[int, ...]:
        """Where a peer stands in the rows of a direction."""
        known = self._pods.get(title) or self._pieces_at[direction].get(title)
        if known:
            return known
        try:
            wanted = place_of(title)
        except ValueError:
            raise KeyError(title) from None
        first = len(self.peers.pods)
        found = tuple(first + at for at, _ in self.pieces_of(wanted, direction))
        self._pieces_at[direction][title] = found
        return found

    def _any(self, pod: int, source: int, target: int) -> ConnectionSet:
        """What the two sides allow together; an address, as no pod, has no side of its own."""
        leaving = ALL if pod < 0 else self._row(EGRESS, source)[target]
        return self._let_in(leaving, source, target)

    def _let_in(self, leaving: ConnectionSet, source: int, target: int) -> ConnectionSet:
        """What of `leaving` enters the target too."""
        if target >= len(self.peers.pods) or not leaving:
            return leaving
        entering = (self._rows[INGRESS][target] or self._row(INGRESS, target))[source]
        if leaving is ALL or leaving is entering:
            return entering
        if entering is ALL:
            return leaving
        key = (id(leaving), id(entering))
        both = self._both.get(key)
        if both is None:
            both = self._both[key] = self._interned(leaving & entering)
        return both

    def _row(self, direction: str, pod: int) -> list[ConnectionSet]:
        rows = self._rows[direction]
        row = rows[pod]
        if row is None:
            subject = self.subject(pod, direction)
            # Pods of the same policies have the same row, but for the names of their ports.
            own = self.peers.pods[pod].ports if direction == INGRESS and subject.names else ()
            key = (direction, tuple(id(it) for it in subject.policies), own)
            row = rows[pod] = self._same.get(key) or self._made_row(subject)
            self._same[key] = row
        return row

    def _made_row(self, subject: Subject) -> list[ConnectionSet]:
        size = len(self.peers.pods) + len(self.peers.pieces[subject.direction])
        groups = verdicts(subject, self.peers)
        most, *others = sorted(groups, key=lambda it: -it[0].bit_count())
        row = [self._interned(most[1])] * size
        for bits, ports in others:
            said = self._interned(ports)
            while bits:
                lowest = bits & -bits
                row[lowest.bit_length() - 1] = said
                bits ^= lowest
        return row

    def _interned(self, ports: ConnectionSet) -> ConnectionSet:
        return ALL if ports == ALL else self._one.setdefault(ports, ports)

    def _joined(self, parts: list[ConnectionSet]) -> ConnectionSet:
        """What any of `parts` has."""
        made = parts[0]
        for it in parts[1:]:
            if it is not made:
                made = self._interned(made | it)
        return made

    def _met(self, parts: list[ConnectionSet]) -> ConnectionSet:
        """What all of `parts` have."""
        made = parts[0]
        for it in parts[1:]:
            if it is not made:
                made = self._interned(made & it)
        return made
