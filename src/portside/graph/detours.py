"""Which steps no path without a loop takes, as far as dominators tell (Cooper, Harvey, Kennedy).

A step from A to B is a detour where every way to A and every way from B to a goal come through the
same node: whoever takes it walks in a circle. Fewer steps in a graph never make a detour a way, so
a fault that is mended never makes another one worse.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

MOST_WORK = 3_000_000
"""Steps of the search; in a graph that takes more nothing counts as a detour."""
MOST_DEEP = 32
"""Nodes that every way comes through, of which so many are looked at."""


class Dominators:
    """Which nodes every way from `start` to a node comes through."""

    __slots__ = ("_parent", "_start", "known")

    def __init__(
        self, start: int, after: Sequence[Iterable[int]], before: Sequence[Iterable[int]]
    ) -> None:
        order = _reverse_postorder(start, after)
        parents = _immediate(order, before)
        self.known = parents is not None
        """Whether the answer could be found within `MOST_WORK`."""
        self._start = start
        self._parent = {order[at]: order[parent] for at, parent in enumerate(parents or ())}

    def of(self, node: int) -> Iterator[int]:
        """The node, and those that every way from the start to it comes through, nearest first."""
        for _ in range(MOST_DEEP):
            if node == self._start or node not in self._parent:
                return
            yield node
            node = self._parent[node]


def _reverse_postorder(start: int, after: Sequence[Iterable[int]]) -> list[int]:
    seen = {start}
    order: list[int] = []
    stack = [(start, iter(after[start]))]
    while stack:
        node, rest = stack[-1]
        for other in rest:
            if other not in seen:
                seen.add(other)
                stack.append((other, iter(after[other])))
                break
        else:
            order.append(node)
            stack.pop()
    return order[::-1]


def _immediate(order: list[int], before: Sequence[Iterable[int]]) -> list[int] | None:
    """The immediate dominator of each node, both by their positions in `order`."""
    position = {node: at for at, node in enumerate(order)}
    sources = [[position[it] for it in before[node] if it in position] for node in order]
    parents = [-1] * len(order)
    parents[0] = 0
    work = 0
    changed = True
    while changed and work <= MOST_WORK:
        changed = False
        for at in range(1, len(order)):
            known = [it for it in sources[at] if parents[it] >= 0]
            new = known[0]  # in this order one source comes before its target
            for other in known[1:]:
                new, steps = _meeting(new, other, parents)
                work += steps
            work += len(known)
            if new != parents[at]:
                parents[at] = new
                changed = True
    return None if changed else parents


def _meeting(one: int, other: int, parents: list[int]) -> tuple[int, int]:
    """Where the chains of two nodes meet, and after how many steps."""
    steps = 0
    while one != other:
        steps += 1
        if one > other:
            one = parents[one]
        else:
            other = parents[other]
    return one, steps
