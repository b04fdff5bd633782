"""What of a graph is drawn: containers with their workload, networks as plain arrows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from portside.graph.attack import Attack, Path
from portside.graph.model import CONTAINER, NETWORK, POLICY, WORKLOAD, Edge, Graph, named
from portside.model.facts import Facts
from portside.model.fields import mapping
from portside.records import NamedTuple

MOST_DRAWN = 400
"""Nodes in a picture that people are to look at; ten times as many arrows."""


class Box(NamedTuple):
    """Something drawn. `band` is the worst of the attack paths that lead there, or empty."""

    title: str
    kind: str
    namespace: str
    band: str


class Arrow(NamedTuple):
    """From box to box, by their positions."""

    source: int
    target: int
    words: str
    band: str


class View(NamedTuple):
    boxes: list[Box]
    arrows: list[Arrow]
    paths: list[tuple[str, str]]
    """The worst attack path to each jewel: its band, and the path in words."""
    left_out: int
    """Boxes that there were too many of."""


def view(attack: Attack, *, only_paths: bool, most: int = MOST_DRAWN) -> View:
    """The whole picture, or what attack paths lead over; at most `most` boxes."""
    graph = attack.application.graph
    worst = attack.worst_paths()
    paths = sorted({(path.band, attack.words(path)) for _, path in worst})
    over, hops = _over(attack)
    numbers = range(len(graph.edges)) if not only_paths else sorted(over)
    made = _Drawing(graph, most)
    for number in numbers:
        made.add(number, over.get(number, ""))
    for (source, target), band in hops.items():
        made.connect(source, target, "connects to", band)
    if not only_paths:
        for number, node in enumerate(graph.nodes):
            if node.kind not in (CONTAINER, NETWORK, "hub", "jewel", "internet"):
                made.box(number)
    return View(list(made.boxes.values()), made.arrows(), paths, len(made.left_out))


def add_policies(graph: Graph, facts: Facts) -> None:
    """Add the NetworkPolicies and whom they select: facts that no step of an attack needs."""
    for policy in facts.of("networking.k8s.io/NetworkPolicy"):
        namespace = named(policy.namespace)
        title = f"NetworkPolicy {namespace}/{policy.name}"
        node = graph.node(POLICY, namespace, title)
        selector = mapping(policy.value, "spec", "podSelector")
        for fact in facts.selected(selector, policy.namespace):
            title = f"{fact.ref.kind} {namespace}/{fact.name}"
            target = graph.find(WORKLOAD, namespace, title)
            if target is not None:
                place = (policy.file, policy.place[0])
                graph.add(Edge(node, target, "SELECTS", "selects", None, (), *place))


Hops = dict[tuple[int, int], str]


def _over(attack: Attack) -> tuple[dict[int, str], Hops]:
    """By step, and by ends of a hop over the network: the worst band of the paths over it."""
    steps: dict[int, str] = {}
    hops: Hops = {}
    nodes, edges = attack.application.graph.nodes, attack.ways.edges
    listed: Iterable[Path] = [
        *(path for _, path in attack.worst_paths()),
        *attack.bands().values(),
    ]
    for path in listed:
        start = -1
        for number in path.edges:
            edge = edges[number]
            if nodes[edge.target].kind == NETWORK:
                start = edge.source if start < 0 else start
            elif nodes[edge.source].kind == NETWORK:
                key = (start, edge.target)
                hops[key] = min(path.band, hops.get(key, path.band))
                start = -1
            else:
                steps[number] = min(path.band, steps.get(number, path.band))
    return steps, hops


class _Drawing:
    """Boxes and arrows as they come in."""

    def __init__(self, graph: Graph, most: int) -> None:
        self.boxes: dict[int, Box] = {}
        self.left_out: set[int] = set()
        self._graph = graph
        self._most = most
        self._shown: dict[tuple[int, int, str], str] = {}
        self._homes = dict(_homes(graph))
        self._tokens = {
            (self._homes.get(it.source), it.target)
            for it in graph.edges
            if it.kind == "IDENTITY_ASSUME"
        }

    def box(self, number: int, band: str = "") -> int | None:
        """The box of a node, by the node that stands for it."""
        number = self._homes.get(number, number)
        known = self.boxes.get(number)
        if known is None:
            if len(self.boxes) >= self._most:
                self.left_out.add(number)
                return None
            node = self._graph.nodes[number]
            known = self.boxes[number] = Box(node.title, node.kind, node.namespace, band)
        if band and (not known.band or band < known.band):
            self.boxes[number] = known._replace(band=band)
        return number

    def add(self, number: int, band: str) -> None:
        edge = self._graph.edges[number]
        nodes = self._graph.nodes
        if NETWORK in (nodes[edge.source].kind, nodes[edge.target].kind):
            return
        if edge.kind == "RUNS_AS" and self._holds_token(edge):
            return
        words = edge.why
        if nodes[edge.source].kind == CONTAINER:
            container = nodes[edge.source].name.removeprefix("container ").partition(" of ")[0]
            words = f"{container}: {edge.why}"
        self.connect(edge.source, edge.target, words, band)

    def _holds_token(self, edge: Edge) -> bool:
        """Whether one of the workload's containers has an arrow to its account anyway."""
        return (edge.source, edge.target) in self._tokens

    def connect(self, source: int, target: int, words: str, band: str) -> None:
        """Draw an arrow, and its ends."""
        first, second = self.box(source, band), self.box(target, band)
        if first is None or second is None or first == second:
            return
        key = (first, second, words)
        known = self._shown.get(key, "")
        self._shown[key] = min(filter(None, (known, band)), default="")

    def arrows(self) -> list[Arrow]:
        position = {number: at for at, number in enumerate(self.boxes)}
        return [
            Arrow(position[source], position[target], words, band)
            for (source, target, words), band in islice(self._shown.items(), 10 * self._most)
        ]


def _homes(graph: Graph) -> Iterator[tuple[int, int]]:
    """By container: the workload that stands for it."""
    for number, node in enumerate(graph.nodes):
        if node.kind == CONTAINER:
            home = graph.find(WORKLOAD, node.namespace, node.name.partition(" of ")[2])
            if home is not None:
                yield number, home
