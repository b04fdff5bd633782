"""Attack paths: the band of every finding that is a step of one, and the path in words.

P0: from outside at a cost of 0 or 1. P1: from outside at a cost of 2, or from an identity that is
given out, at none. P2: any other way, from a container that somebody has taken over to start with.
P3: no way. All are least costs over walks, found once for all findings.
"""

from __future__ import annotations

from collections.abc import Iterator

from portside.graph.build import Application
from portside.graph.detours import Dominators
from portside.graph.model import CONTAINER, INTERNET, JEWEL, NETWORK, Edge
from portside.graph.ways import MOST_STEPS, Distance, Ways, cost_of, is_far
from portside.records import NamedTuple

P0, P1, P2, P3 = "P0", "P1", "P2", "P3"
_BANDS = (P0, P1, P2, P3)
EXTERNAL_MOST = {0: P0, 1: P0, 2: P1}
"""By the cost of a path from outside: its band."""
_MOST_WORDS = 400


class Path(NamedTuple):
    """A path by its steps."""

    band: str
    cost: int
    edges: tuple[int, ...]


class Attack:
    """The attack paths of an application."""

    def __init__(self, application: Application) -> None:
        self.application = application
        graph = application.graph
        self.ways = Ways(len(graph.nodes), graph.edges)
        self.internet = graph.find(INTERNET, "", "internet")
        self.jewels = graph.of_kind(JEWEL)
        self.containers = graph.of_kind(CONTAINER)
        outside = [] if self.internet is None else [self.internet]
        self._to_jewel = self.ways.back(self.jewels)
        kinds = (outside, list(application.tenants), self.containers)
        self._starts = [self.ways.ahead(it) for it in kinds]
        edges = self.ways.edges
        self._sources = [[edges[it].source for it in numbers] for numbers in self.ways.into]
        self._targets = [[edges[it].target for it in numbers] for numbers in self.ways.out]
        self._behind = self._dominators_to_jewels()
        self._ahead = [self._dominators_from(it) for it in kinds]

    def bands(self) -> dict[int, Path]:
        """By the number of a finding: the worst path that leads over it."""
        found: dict[int, Path] = {}
        best: dict[int, tuple[int, Distance]] = {}
        for number, edge in enumerate(self.ways.edges):
            if edge.cost is None or not edge.faults:
                continue
            worst = self._worst(number, edge)
            if worst is None:
                continue
            band, length, start = worst
            rank = (_BANDS.index(band), length)
            for fault in edge.faults:
                if fault not in best or rank < best[fault]:
                    best[fault] = rank
                    found[fault] = Path(band, cost_of(length), (start, number))
        return {
            fault: path._replace(edges=self._walk(*path.edges)) for fault, path in found.items()
        }

    def worst_paths(self) -> Iterator[tuple[int, Path]]:
        """For each jewel that is reached: its number and the worst path to it."""
        for jewel in self.jewels:
            rated = []
            for start, spread in enumerate(self._starts):
                length = spread.far[jewel]
                if not is_far(length):
                    rated.append((_BANDS.index(_band(start, length)), start))
            if rated:
                at, start = min(rated)
                spread = self._starts[start]
                edges = tuple(self.ways.path(spread, jewel))
                yield jewel, Path(_BANDS[at], cost_of(spread.far[jewel]), edges)

    def words(self, path: Path) -> str:
        """The path as people read it: what is named on the way, and an arrow between."""
        nodes = self.application.graph.nodes
        edges = self.ways.edges
        if not path.edges:
            return ""
        titles = [nodes[edges[path.edges[0]].source].title]
        for number in path.edges:
            node = nodes[edges[number].target]
            if node.kind != NETWORK:
                titles.append(node.title)
        if len(path.edges) >= MOST_STEPS:
            titles.insert(0, "…")
        said = " → ".join(titles)
        return said if len(said) <= _MOST_WORDS else f"{said[: _MOST_WORDS - 1]}…"

    def _worst(self, number: int, edge: Edge) -> tuple[str, Distance, int] | None:
        """The band of the worst path over a step, its length, and where it starts."""
        rest = self._to_jewel.far[edge.target]
        if is_far(rest):
            return None
        behind = set(self._behind.of(edge.target))
        rated = []
        for start, spread in enumerate(self._starts):
            before = spread.far[edge.source]
            if is_far(before) or not behind.isdisjoint(self._ahead[start].of(edge.source)):
                continue  # too far, or in a circle
            length = before + self.ways.leg(number) + rest
            rated.append((_BANDS.index(_band(start, length)), length, start))
        if not rated:
            return None
        at, length, start = min(rated)
        return _BANDS[at], length, start

    def _walk(self, start: int, number: int) -> tuple[int, ...]:
        edge = self.ways.edges[number]
        before = self.ways.path(self._starts[start], edge.source)
        after = self.ways.path(self._to_jewel, edge.target, backwards=True)
        return (*before, number, *after)

    def _dominators_to_jewels(self) -> Dominators:
        return self._dominators(self.jewels, self._sources, self._targets)

    def _dominators_from(self, starts: list[int]) -> Dominators:
        return self._dominators(starts, self._targets, self._sources)

    def _dominators(
        self, starts: list[int], after: list[list[int]], before: list[list[int]]
    ) -> Dominators:
        """Those of a graph in which one node more leads to all of `starts`."""
        root = self.ways.size
        rooted = list(before)
        for start in starts:
            rooted[start] = [*before[start], root]
        return Dominators(root, [*after, starts], [*rooted, []])


def _band(start: int, length: Distance) -> str:
    cost = cost_of(length)
    if start == 0:
        return EXTERNAL_MOST.get(cost, P2)
    if start == 1 and cost == 0:
        return P1
    return P2
