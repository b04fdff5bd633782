"""Choke points: the faults whose mending cuts most attack paths, counted by cutting them.

A path, here, is a pair: a way in (a Service, an Ingress, an identity that is given out) and a last
step onto what an attacker is after, when the one leads to the other within P0 or P1. How many ways
lead between the two is not counted, so nothing grows with them, and a fault is said to cut a pair
only if no other way is left.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from typing import NamedTuple

from portside.graph.attack import Attack
from portside.graph.model import JEWEL, Edge

MOST_COST = 2
"""Of a path from outside, that is of P1 at the least."""
MOST_ENTRIES = 2_000
MOST_TRIED = 40
"""Faults that are cut for trial, those first that most pairs can lead over."""
MOST_SAID = 10
MOST_WORK = 2_000_000
"""Steps of all trials together."""
_NONE: frozenset[int] = frozenset()
Bits = int


class Choke(NamedTuple):
    """A fault, and how many of the paths of P0 and P1 its mending cuts."""

    fault: int
    edge: int
    """One of the steps that it allows."""
    paths: int
    all_paths: int


class ChokePoints:
    """The choke points of an application; `notes` say what was left out of the count."""

    def __init__(self, attack: Attack) -> None:
        self.notes: list[str] = []
        self._ways = attack.ways
        self._nodes = attack.application.graph.nodes
        self._faults = attack.application.faults
        self._layers = MOST_COST + 1
        self._entries = self._entry_states(attack)
        self._work = 0
        self._reached: list[Bits] = []
        self.all_paths = self.count(_NONE)

    def count(self, cut: Collection[int]) -> int:
        """How many pairs are left without the steps in `cut`."""
        self._reached = self._spread(cut)
        return sum(bits.bit_count() for bits in self._pairs(self._reached, cut).values())

    def found(self) -> list[Choke]:
        """The faults that cut something, those first that cut most."""
        if not self.all_paths:
            return []
        before = list(self._reached)
        by_fault = self._by_fault()
        ranked = sorted(by_fault, key=lambda it: (-self._most(by_fault[it], before), it))
        made = []
        for tried, fault in enumerate(ranked[:MOST_TRIED]):
            if self._work > MOST_WORK:
                self.notes.append(f"choke points: {len(ranked) - tried} faults were not tried")
                break
            cut = self.all_paths - self.count(set(by_fault[fault]))
            if cut:
                made.append(Choke(fault, by_fault[fault][0], cut, self.all_paths))
        if len(ranked) > MOST_TRIED:
            more = len(ranked) - MOST_TRIED
            self.notes.append(
                f"choke points: the {MOST_TRIED} likeliest faults were tried, not {more} more"
            )
        made.sort(key=lambda it: (-it.paths, it.fault))
        return made[:MOST_SAID]

    def _entry_states(self, attack: Attack) -> list[tuple[int, int]]:
        """Ways in: an edge from outside, or a node; each as (edge or ~node, cost so far)."""
        found: list[tuple[int, int]] = []
        if attack.internet is not None:
            found = [(number, 0) for number in self._ways.out[attack.internet]]
        found += [(~node, MOST_COST) for node in attack.application.tenants]
        if len(found) > MOST_ENTRIES:
            more = len(found) - MOST_ENTRIES
            self.notes.append(f"choke points: {more} ways in are left out of the count")
        return found[:MOST_ENTRIES]

    def _spread(self, cut: Collection[int]) -> list[Bits]:
        """By node and cost: which ways in lead there at that cost."""
        layers, edges, out = self._layers, self._ways.edges, self._ways.out
        reached = [0] * (self._ways.size * layers)
        queue: deque[int] = deque()
        seats: dict[tuple[int, int], int] = {}
        for entry, spent in self._entries:
            if entry in cut:
                continue
            edge = None if entry < 0 else edges[entry]
            node = ~entry if edge is None else edge.target
            cost = spent if edge is None else spent + (edge.cost or 0)
            seat = (node, spent)
            bit = 1 << seats.setdefault(seat, len(seats))
            if cost < layers:
                reached[node * layers + cost] |= bit
                queue.append(node * layers + cost)
        while queue:
            state = queue.popleft()
            node, cost = divmod(state, layers)
            bits = reached[state]
            for number in out[node]:
                self._work += 1
                edge = edges[number]
                new = cost + (edge.cost or 0)
                if new >= layers or number in cut:
                    continue
                other = edge.target * layers + new
                if bits | reached[other] != reached[other]:
                    reached[other] |= bits
                    queue.append(other)
        return reached

    def _pairs(self, reached: list[Bits], cut: Collection[int]) -> dict[tuple[int, int], Bits]:
        """By last step, as (from, jewel): the ways in that lead over it."""
        found: dict[tuple[int, int], Bits] = {}
        layers = self._layers
        for node in range(self._ways.size):
            for number in self._ways.out[node]:
                edge = self._ways.edges[number]
                if self._nodes[edge.target].kind != JEWEL or number in cut:
                    continue
                bits = 0
                for cost in range(layers - (edge.cost or 0)):
                    bits |= reached[node * layers + cost]
                if bits:
                    key = (edge.source, edge.target)
                    found[key] = found.get(key, 0) | bits
        return found

    def _by_fault(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for number, edge in enumerate(self._ways.edges):
            if edge.cost is not None:
                for fault in edge.faults:
                    if not self._faults[fault].covered_by:  # its cause is tried
                        found.setdefault(fault, []).append(number)
        return found

    def _most(self, numbers: list[int], reached: list[Bits]) -> int:
        """How many ways in lead to the steps of a fault: it cuts none of the others."""
        bits = 0
        for number in numbers:
            bits |= self._at(self._ways.edges[number], reached)
        return bits.bit_count()

    def _at(self, edge: Edge, reached: list[Bits]) -> Bits:
        first = edge.source * self._layers
        bits = 0
        for cost in range(self._layers):
            bits |= reached[first + cost]
        if bits or self._nodes[edge.source].kind != "internet":
            return bits
        first = edge.target * self._layers
        for cost in range(self._layers):
            bits |= reached[first + cost]
        return bits
