"""RBAC reach: who can become what, by bindings, roles, tokens, pods and Secrets, step by step.

Steps over the network are none of it: what counts is what an identity may do, and what comes of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from portside.graph.build import Application
from portside.graph.model import (
    CLUSTER_ADMIN,
    CONTAINER,
    EVERY_SECRET,
    IDENTITIES,
    JEWEL,
    NODE_ROOT,
    SECRET,
    WORKLOAD,
    Edge,
    Node,
)
from portside.graph.ways import Ways, cost_of, is_far
from portside.records import NamedTuple

_NO_RIGHT = ("NETWORK", "LATERAL", "ENDPOINT_EXPLOIT", "ENDPOINT_OPEN", "EXPOSURE", "SERVES")
_SHORT = {CLUSTER_ADMIN: CLUSTER_ADMIN, NODE_ROOT: NODE_ROOT, EVERY_SECRET: EVERY_SECRET}
_ENDS = (*IDENTITIES, SECRET, JEWEL)
MOST_PATHS = 1_000


class Become(NamedTuple):
    """Who can become what, and the steps of the cheapest way."""

    source: str
    target: str
    cost: int
    steps: tuple[Edge, ...]


class Access:
    """The rights of an application's identities, to be asked for paths."""

    def __init__(self, application: Application) -> None:
        graph = application.graph
        self.nodes = graph.nodes
        edges = [it if it.kind not in _NO_RIGHT else it._replace(cost=None) for it in graph.edges]
        self._ways = Ways(len(graph.nodes), edges)
        self._graph = graph

    def named(self, word: str, *, as_source: bool) -> list[int]:
        """The nodes that `word` names: `NAMESPACE/NAME`, `NAME`, or their title in reports."""
        kinds = (*IDENTITIES, WORKLOAD) if as_source else _ENDS
        return [
            number
            for number, node in enumerate(self.nodes)
            if node.kind in kinds and word in _names(node)
        ]

    def known(self, *, as_source: bool) -> list[str]:
        """What can be named, for suggestions."""
        kinds = (*IDENTITIES, WORKLOAD) if as_source else _ENDS
        return [name for node in self.nodes if node.kind in kinds for name in _names(node)]

    def paths(self, sources: Sequence[int], targets: Sequence[int]) -> Iterator[Become]:
        """The cheapest way from each source to each target.

        Without sources they are all identities; without targets, all that an attacker is after,
        and with sources whatever else they can become.
        """
        if sources:
            wanted = set(targets) if targets else set(self._graph.of_kind(*_ENDS))
            for source in sources:
                yield from self._from(source, wanted)
            return
        for target in targets or self._graph.of_kind(JEWEL):
            if target in range(len(self.nodes)):
                yield from self._to(target)

    def _from(self, source: int, wanted: set[int]) -> Iterator[Become]:
        starts = self._starts(source)
        spread = self._ways.ahead(starts)
        for target in sorted(wanted):
            far = spread.far[target]
            if is_far(far) or target == source or not far:
                continue
            steps = tuple(self._ways.edges[it] for it in self._ways.path(spread, target))
            yield Become(self._title(source), self._title(target), cost_of(far), steps)

    def _to(self, target: int) -> Iterator[Become]:
        spread = self._ways.back([target])
        for source in self._graph.of_kind(*IDENTITIES):
            far = spread.far[source]
            if is_far(far) or not far:
                continue
            numbers = self._ways.path(spread, source, backwards=True)
            steps = tuple(self._ways.edges[it] for it in numbers)
            yield Become(self._title(source), self._title(target), cost_of(far), steps)

    def _starts(self, source: int) -> list[int]:
        """A workload is whoever is in one of its containers."""
        node = self.nodes[source]
        if node.kind != WORKLOAD:
            return [source]
        return [
            number
            for number in self._graph.of_kind(CONTAINER)
            if self.nodes[number].namespace == node.namespace
            and self.nodes[number].name.partition(" of ")[2] == node.name
        ]

    def _title(self, number: int) -> str:
        return self.nodes[number].title


def _names(node: Node) -> tuple[str, ...]:
    title = node.title
    if node.kind == JEWEL:
        return title, _SHORT.get(node.name, title)
    bare = title.partition(" ")[2]
    return title, bare, bare.rpartition("/")[2]
