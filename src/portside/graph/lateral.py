"""From pod to pod: a step wherever the policies let one connect to the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from portside.graph.faults import Faults
from portside.graph.hops import OPEN, Hops, hops
from portside.graph.model import NETWORK, Edge, Graph, named
from portside.graph.network import Reachability
from portside.graph.network.policy import EGRESS, INGRESS, Policy
from portside.graph.network.policy import NETWORK as NETWORK_TIER
from portside.graph.pods import Workloads
from portside.graph.table import ALLOWS_ALL, HALF_OPEN, OPEN_TO_EGRESS, OPEN_TO_INGRESS
from portside.model.facts import Fact, Facts

_DIRECTIONS = {INGRESS: "Ingress", EGRESS: "Egress"}
_OPEN = {INGRESS: OPEN_TO_INGRESS, EGRESS: OPEN_TO_EGRESS}


class Lateral:
    """The steps over the network, in the graph once this is made."""

    def __init__(
        self, graph: Graph, facts: Facts, reach: Reachability, workloads: Workloads, faults: Faults
    ) -> None:
        self.pods: dict[int, tuple[int, ...]] = {}
        """By the node of a workload: its pods, as the map of the network numbers them."""
        self._graph = graph
        self._reach = reach
        self._workloads = workloads
        self._faults = faults
        self._by_value = {id(it.value): it for it in facts.listed}
        self._namespaces = {it.name: it for it in facts.of("Namespace")}
        self._sources: dict[int, Fact] = {}
        self._on_host: set[int] = set()
        self._noted = False
        self._number()
        made = hops(reach, sorted({pod for pods in self.pods.values() for pod in pods}))
        self._connect(made)
        for node, pods in self.pods.items():
            self._attach(node, pods, made)

    def admits_outside(self, node: int) -> bool:
        """Whether the policies let addresses outside of the cluster connect to the workload.

        Most plugins apply none to pods on the network of their node.
        """
        first = len(self._reach.peers.pods)
        pods = self.pods.get(node)
        if pods is None or node in self._on_host:
            return True
        return any(any(self._reach.row(INGRESS, pod)[first:]) for pod in pods)

    def admits_forwarders(self, node: int) -> bool:
        """Whether the policies may let an ingress controller in, whose labels no file tells."""
        for pod in self.pods.get(node, ()):
            subject = self._reach.subject(pod, INGRESS)
            if subject.isolated and not any(it.rules(INGRESS) for it in subject.policies):
                return False
        return True

    def fact(self, value: object) -> Fact | None:
        """The fact of which the map of the network was given the value."""
        return self._by_value.get(id(value))

    def _number(self) -> None:
        for title, listed in self._reach.workloads.items():
            for it in listed:
                if it.host_network and self._reach.policies:
                    self._note_host_network(title)
                fact = self._by_value.get(id(it.source.value))
                node = None if fact is None else self._workloads.nodes.get(id(fact))
                if node is not None and fact is not None:
                    known = self.pods.get(node, ())
                    self.pods[node] = tuple({*known, *self._reach.pods_of(title)})
                    self._sources[node] = fact
                    if it.host_network:
                        self._on_host.add(node)

    def _note_host_network(self, title: str) -> None:
        if not self._noted:
            self._noted = True
            self._graph.notes.append(
                f"{title} is on the network of its node, where most plugins apply no policy: "
                "between pods it is judged as the policies are written"
            )

    def _connect(self, made: Hops) -> None:
        if not made.exact:
            self._graph.notes.append(
                "the network policies tell apart more pods than are followed: "
                "every pod counts as reaching every other"
            )
        for source, target in made.links:
            # What is open takes at its point, and hands on to the points of those that are.
            start = self._in(source) if source == OPEN and made.exact else self._out(source)
            edge = Edge(start, self._in(target), "NETWORK", "may connect to", 0)
            self._graph.add(edge)

    def _out(self, point: str) -> int:
        return self._graph.node(NETWORK, "", f"network {point} out")

    def _in(self, point: str) -> int:
        return self._graph.node(NETWORK, "", f"network {point} in")

    def _attach(self, node: int, pods: tuple[int, ...], made: Hops) -> None:
        fact = self._sources[node]
        place = (fact.file, fact.place[0])
        leaving, entering = self._open(node, pods, EGRESS), self._open(node, pods, INGRESS)
        for pod in pods:
            start, end = self._out(made.sends[pod]), self._in(made.takes[pod])
            for it in self._workloads.containers[node]:
                self._graph.add(
                    Edge(it.node, start, "LATERAL", "connects from", 0, leaving, *place)
                )
            why = "takes connections from other pods"
            self._graph.add(Edge(end, node, "LATERAL", why, 0, entering, *place))

    def _open(self, node: int, pods: tuple[int, ...], direction: str) -> tuple[int, ...]:
        """The findings without any one of which the workload would be closed in a direction."""
        fact = self._sources[node]
        subjects = [self._reach.subject(pod, direction) for pod in pods]
        if not any(it.isolated for it in subjects):
            found = self._faults.of(fact.object_key(), (*_OPEN[direction], HALF_OPEN))
            namespace = self._namespaces.get(named(fact.namespace))
            if namespace is not None:
                found += self._faults.of(namespace.object_key(), _OPEN[direction])
            return found
        listed = {id(it): it for subject in subjects for it in _network(subject.policies)}
        if len(listed) != 1:
            return ()
        policy = self._by_value.get(id(next(iter(listed.values())).source.value))
        if policy is None:
            return ()
        return self._faults.of(policy.object_key(), ALLOWS_ALL[_DIRECTIONS[direction]])


def _network(policies: Iterable[Policy]) -> Iterator[Policy]:
    return (it for it in policies if it.tier == NETWORK_TIER)
