"""Which pods connect to which, as few links between few points.

Each pod sends from a point and takes at a point. Pods that no policy tells apart share both: a
cluster without policies has as many links as pods, and not their square. Where policies tell more
apart than can be compared with each other, each closed pod has points of its own and links to just
those that it may connect with, and all that are open share one point.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from portside.graph.network import ConnectionSet, Reachability
from portside.graph.network.connections import ALL, NONE
from portside.graph.network.peers import port_of
from portside.graph.network.policy import EGRESS, INGRESS
from portside.records import NamedTuple

MOST_ROWS = 250
"""Different sets of policies that pods are under, to compare their pods with each other."""
MOST_GROUPS = 250
MOST_PAIRS = 150_000
"""Links between closed pods."""
MOST_SEEN = 8_000_000
"""Answers that are looked at to find them."""
OPEN = "open"
Row = list[ConnectionSet]


class Hops(NamedTuple):
    """By pod: the point it sends from, and the one it takes at; and the links between points."""

    sends: dict[int, str]
    takes: dict[int, str]
    links: list[tuple[str, str]]
    exact: bool
    """Whether they are what the policies say; else every pod connects to every other."""


def hops(reach: Reachability, pods: list[int]) -> Hops:
    """The links between these pods of the map of the network."""
    asked = _Asked(reach, pods)
    return asked.grouped() or asked.paired() or asked.flat()


class _Asked:
    """The rows of answers of some pods."""

    def __init__(self, reach: Reachability, pods: list[int]) -> None:
        self._reach = reach
        self._pods = pods
        self._met: dict[tuple[int, int, int], bool] = {}
        self._rows: dict[int, Row] = {}

    def grouped(self) -> Hops | None:
        """Pods in groups, each compared with each; None where there are too many."""
        for pod in self._pods:
            for row in (self._row(INGRESS, pod), self._row(EGRESS, pod)):
                self._rows[id(row)] = row
            if len(self._rows) > MOST_ROWS:
                return None
        numbers: dict[object, str] = {}
        points = {}
        first: dict[str, int] = {}
        for pod in self._pods:
            signature = self._signature(pod)
            points[pod] = numbers.setdefault(signature, str(len(numbers)))
            first.setdefault(points[pod], pod)
        if len(numbers) > MOST_GROUPS:
            return None
        links = [
            (one, other)
            for one, source in first.items()
            for other, target in first.items()
            if self._allowed(source, target)
        ]
        return Hops(points, points, links, exact=True)

    def paired(self) -> Hops | None:
        """Each pod with a point of its own; None where there are too many pairs."""
        own = {pod: str(pod) for pod in self._pods}
        receivers = [pod for pod in self._pods if self._is_open(self._row(INGRESS, pod))]
        links = [(OPEN, own[pod]) for pod in receivers]
        senders = [pod for pod in self._pods if self._is_open(self._row(EGRESS, pod))]
        links += [(own[pod], OPEN) for pod in senders]
        pairs = list(islice(self._pairs(set(receivers), set(senders)), MOST_PAIRS + 1))
        rows = {id(self._row(it, pod)) for it in (INGRESS, EGRESS) for pod in self._pods}
        if len(pairs) > MOST_PAIRS or len(rows) * len(self._pods) > MOST_SEEN:
            return None
        links += [(own[source], own[target]) for source, target in pairs]
        return Hops(own, own, links, exact=True)

    def flat(self) -> Hops:
        """Every pod connects to every other."""
        points = dict.fromkeys(self._pods, OPEN)
        return Hops(points, points, [(OPEN, OPEN)], exact=False)

    def _pairs(self, receivers: set[int], senders: set[int]) -> Iterator[tuple[int, int]]:
        """Who connects to whom where one of the two is closed."""
        into_closed = (
            (source, target)
            for target in self._pods
            if target not in receivers
            for source in self._some(self._row(INGRESS, target))
        )
        out_of_closed = (
            (source, target)
            for source in self._pods
            if source not in senders
            for target in self._some(self._row(EGRESS, source))
            if target in receivers
        )
        for source, target in chain(into_closed, out_of_closed):
            if source != target and self._allowed(source, target):
                yield source, target

    def _some(self, row: Row) -> Iterable[int]:
        return (pod for pod in self._pods if row[pod])

    def _is_open(self, row: Row) -> bool:
        return all(row[pod] is ALL for pod in self._pods)

    def _row(self, direction: str, pod: int) -> Row:
        return self._reach.row(direction, pod)

    def _signature(self, pod: int) -> object:
        """What sets a pod apart: its own rows, and what the others' say of it."""
        said = tuple(id(row[pod]) for row in self._rows.values())
        limited = any(row[pod] is not ALL for row in self._rows.values())
        ports = self._reach.peers.pods[pod].ports if limited else ()
        return id(self._row(INGRESS, pod)), id(self._row(EGRESS, pod)), said, ports

    def _allowed(self, source: int, target: int) -> bool:
        leaving = self._row(EGRESS, source)[target]
        entering = self._row(INGRESS, target)[source]
        if leaving is ALL and entering is ALL:
            return True
        key = (id(leaving), id(entering), target)
        known = self._met.get(key)
        if known is None:
            known = self._met[key] = self._meet(leaving & entering, target)
        return known

    def _meet(self, ports: ConnectionSet, target: int) -> bool:
        """Whether something may listen there: on what is declared, or anywhere where nothing is."""
        declared = NONE
        for port in self._reach.peers.pods[target].ports:
            declared |= port_of(port)
        return bool(ports & declared) if declared else bool(ports)
