"""Choke points: the faults whose mending cuts most attack paths, counted by cutting them.

A path, here, is a pair: a way in (a Service, an Ingress, an identity that is given out) and a last
step onto what an attacker is after, when the one leads to the other within P0 or P1. How many ways
lead between the two is not counted, so nothing grows with them, and a fault is said to cut a pair
only if no other way is left.

Each fault has a bound, the pairs that can lead over its steps at all. Faults are cut for trial in
the order of their bounds until no bound is left above what was found, so the first ones are exact.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Sequence

from portside.graph.attack import Attack
from portside.graph.model import JEWEL, Edge
from portside.records import NamedTuple

MOST_COST = 2
"""Of a path from outside, that is of P1 at the least."""
LAYERS = MOST_COST + 1
MOST_ENTRIES = 2_000
MOST_SAID = 10
MOST_WORK = 2_000_000
"""Steps of all trials together."""
_NONE: frozenset[int] = frozenset()
Bits = int
Start = tuple[int, int, Bits]
"""A node, the cost spent by then, and who stands there."""


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
        self._work = 0
        self._entries = self._ways_in(attack)
        self._last = [
            number
            for number, edge in enumerate(self._ways.edges)
            if edge.cost is not None and self._nodes[edge.target].kind == JEWEL
        ]
        self.all_paths = self.count(_NONE)

    def count(self, cut: Collection[int]) -> int:
        """How many pairs are left without the steps in `cut`."""
        reached = self._reached(cut)
        pairs: dict[tuple[int, int], Bits] = {}
        for number in self._last:
            if number in cut:
                continue
            edge = self._ways.edges[number]
            bits = _within(reached, edge.source, MOST_COST - (edge.cost or 0))
            if bits:
                key = (edge.source, edge.target)
                pairs[key] = pairs.get(key, 0) | bits
        return sum(bits.bit_count() for bits in pairs.values())

    def found(self) -> list[Choke]:
        """The faults that cut something, those first that cut most."""
        if not self.all_paths:
            return []
        by_fault = self._by_fault()
        bounds = self._bounds(by_fault)
        ranked = sorted(bounds, key=lambda it: (-bounds[it], it))
        made: list[Choke] = []
        for fault in ranked:
            made.sort(key=lambda it: (-it.paths, it.fault))
            if len(made) >= MOST_SAID and made[MOST_SAID - 1].paths >= bounds[fault]:
                break
            if self._work > MOST_WORK:
                self.notes.append("choke points: too many faults to try them all: likely ones")
                break
            cut = self.all_paths - self.count(set(by_fault[fault]))
            if cut:
                made.append(Choke(fault, by_fault[fault][0], cut, self.all_paths))
        made.sort(key=lambda it: (-it.paths, it.fault))
        return made[:MOST_SAID]

    def _ways_in(self, attack: Attack) -> list[tuple[int, Start]]:
        """Ways in: the step from outside (-1 for an identity), and where it leads at what cost."""
        edges = self._ways.edges
        outside = [] if attack.internet is None else self._ways.out[attack.internet]
        listed = [(number, edges[number].target, edges[number].cost or 0) for number in outside]
        listed += [(-1, node, MOST_COST) for node in attack.application.tenants]
        seats: dict[tuple[int, bool], int] = {}
        found = []
        for number, node, cost in listed:
            bit = 1 << seats.setdefault((node, number < 0), len(seats))
            if cost < LAYERS:
                found.append((number, (node, cost, bit)))
        if len(found) > MOST_ENTRIES:
            more = len(found) - MOST_ENTRIES
            self.notes.append(f"choke points: {more} ways in are left out of the count")
        return found[:MOST_ENTRIES]

    def _reached(self, cut: Collection[int]) -> list[Bits]:
        """By node and cost: which ways in lead there at that cost."""
        starts = [start for number, start in self._entries if number not in cut]
        return self._spread(starts, self._ways.out, cut, back=False)

    def _spread(
        self,
        starts: Iterable[Start],
        steps: Sequence[Sequence[int]],
        cut: Collection[int],
        *,
        back: bool,
    ) -> list[Bits]:
        edges = self._ways.edges
        reached = [0] * (self._ways.size * LAYERS)
        queue: deque[int] = deque()
        for node, cost, bits in starts:
            reached[node * LAYERS + cost] |= bits
            queue.append(node * LAYERS + cost)
        while queue:
            state = queue.popleft()
            node, cost = divmod(state, LAYERS)
            bits = reached[state]
            self._work += len(steps[node])
            for number in steps[node]:
                edge = edges[number]
                new = cost + (edge.cost or 0)
                if new >= LAYERS or number in cut:
                    continue
                other = (edge.source if back else edge.target) * LAYERS + new
                if bits | reached[other] != reached[other]:
                    reached[other] |= bits
                    queue.append(other)
        return reached

    def _by_fault(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for number, edge in enumerate(self._ways.edges):
            if edge.cost is not None:
                for fault in edge.faults:
                    if not self._faults[fault].covered_by:  # its cause is tried
                        found.setdefault(fault, []).append(number)
        return found

    def _bounds(self, by_fault: dict[int, list[int]]) -> dict[int, int]:
        """By fault: as many pairs as can lead over its steps; without those of none."""
        edges = self._ways.edges
        ahead = self._reached(_NONE)
        seats: dict[tuple[int, int], int] = {}
        starts = []
        for number in self._last:
            edge = edges[number]
            bit = 1 << seats.setdefault((edge.source, edge.target), len(seats))
            starts.append((edge.source, edge.cost or 0, bit))
        behind = self._spread(starts, self._ways.into, _NONE, back=True)
        first = {number: start for number, start in self._entries if number >= 0}
        found = {}
        for fault, numbers in by_fault.items():
            bound = sum(self._over(it, ahead, behind, first.get(it)) for it in numbers)
            if bound:
                found[fault] = min(bound, self.all_paths)
        return found

    def _over(self, number: int, ahead: list[Bits], behind: list[Bits], start: Start | None) -> int:
        """As many pairs as can lead over one step."""
        edge: Edge = self._ways.edges[number]
        if start is not None:
            return _within(behind, edge.target, MOST_COST - start[1]).bit_count()
        is_last = self._nodes[edge.target].kind == JEWEL
        bound, seen = 0, 0
        for cost in range(LAYERS - (edge.cost or 0)):
            new = ahead[edge.source * LAYERS + cost] & ~seen
            seen |= new
            left = MOST_COST - cost - (edge.cost or 0)
            lasts = 1 if is_last else _within(behind, edge.target, left).bit_count()
            bound += new.bit_count() * lasts
        return bound


def _within(spread: list[Bits], node: int, most: int) -> Bits:
    """Who is at a node at a cost of `most` at the most."""
    bits = 0
    for cost in range(most + 1):
        bits |= spread[node * LAYERS + cost]
    return bits
