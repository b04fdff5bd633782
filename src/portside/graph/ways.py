"""How far everything is from where attackers start, and from what they are after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from portside.graph.model import Edge
from portside.records import NamedTuple

FAR = 1 << 30
"""The distance of what cannot be reached."""
Distance = int
"""The cost, and within it the number of steps: the cost times `STEP` plus the steps."""
STEP = 1 << 20
MOST_STEPS = 60
"""Of a path that is shown."""


class Spread(NamedTuple):
    """By node: how far it is, and the first step on the way to where the search began, or -1."""

    far: list[Distance]
    via: list[int]


class Ways:
    """The steps of a graph that an attacker can take, by their ends."""

    __slots__ = ("edges", "into", "out", "size")

    def __init__(self, size: int, edges: Sequence[Edge]) -> None:
        self.size = size
        self.edges = edges
        self.out: list[list[int]] = [[] for _ in range(size)]
        self.into: list[list[int]] = [[] for _ in range(size)]
        for number, edge in enumerate(edges):
            if edge.cost is not None:
                self.out[edge.source].append(number)
                self.into[edge.target].append(number)

    def ahead(self, starts: Iterable[int]) -> Spread:
        """How far each node is from the nearest of `starts`: least cost, then fewest steps."""
        return self._spread(starts, self.out, backwards=False)

    def back(self, ends: Iterable[int]) -> Spread:
        """How far each node is from the nearest of `ends`, ahead of it."""
        return self._spread(ends, self.into, backwards=True)

    def leg(self, number: int) -> Distance:
        """The length of one step."""
        return (self.edges[number].cost or 0) * STEP + 1

    def path(self, spread: Spread, node: int, *, backwards: bool = False) -> list[int]:
        """The steps between a node and the nearest start, or end, in the order they are taken.

        Of a path longer than `MOST_STEPS` those next to the node.
        """
        found: list[int] = []
        while spread.via[node] >= 0 and len(found) < MOST_STEPS:
            number = spread.via[node]
            found.append(number)
            node = self.edges[number].target if backwards else self.edges[number].source
        return found if backwards else found[::-1]

    def _spread(
        self, starts: Iterable[int], next_edges: list[list[int]], *, backwards: bool
    ) -> Spread:
        from heapq import heappop, heappush

        found = [FAR * STEP] * self.size
        via = [-1] * self.size
        queue: list[tuple[Distance, int]] = []
        for node in starts:
            found[node] = 0
            queue.append((0, node))
        queue.sort()
        while queue:
            far, node = heappop(queue)
            if far > found[node]:
                continue
            for number in next_edges[node]:
                edge = self.edges[number]
                other = edge.source if backwards else edge.target
                length = far + (edge.cost or 0) * STEP + 1
                if length < found[other]:
                    found[other] = length
                    via[other] = number
                    heappush(queue, (length, other))
        return Spread(found, via)


def cost_of(distance: Distance) -> int:
    """The cost in a distance."""
    return distance // STEP


def is_far(distance: Distance) -> bool:
    """Whether it is the distance of what cannot be reached."""
    return distance >= FAR * STEP
