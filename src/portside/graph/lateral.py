"""From pod to pod: a step wherever the policies let one connect to the other.

Pods that no policy tells apart are a group, with one node for what they send and one for what they
take, so that a cluster without policies costs as many steps as it has pods, and not their square.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from portside.graph.faults import Faults
from portside.graph.model import NETWORK, Edge, Graph, named
from portside.graph.network import ConnectionSet, Reachability
from portside.graph.network.connections import ALL, NONE
from portside.graph.network.peers import port_of
from portside.graph.network.policy import EGRESS, INGRESS, Policy
from portside.graph.network.policy import NETWORK as NETWORK_TIER
from portside.graph.pods import Workloads
from portside.graph.table import ALLOWS_ALL, HALF_OPEN, OPEN_TO_EGRESS, OPEN_TO_INGRESS
from portside.model.facts import Fact, Facts

MOST_ROWS = 250
"""Different sets of policies that pods are under."""
MOST_GROUPS = 250
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
        self._flat = False
        self._number()
        groups = self._groups(sorted({pod for pods in self.pods.values() for pod in pods}))
        self._connect(groups)
        for node, pods in self.pods.items():
            self._attach(node, pods, groups)

    def admits_outside(self, node: int) -> bool:
        """Whether the policies let addresses outside of the cluster connect to the workload."""
        first = len(self._reach.peers.pods)
        pods = self.pods.get(node)
        if pods is None:
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
                fact = self._by_value.get(id(it.source.value))
                node = None if fact is None else self._workloads.nodes.get(id(fact))
                if node is not None and fact is not None:
                    known = self.pods.get(node, ())
                    self.pods[node] = tuple({*known, *self._reach.pods_of(title)})
                    self._sources[node] = fact

    def _groups(self, pods: list[int]) -> dict[int, int]:
        """By pod: the group of those that no policy tells apart."""
        rows: dict[int, list[ConnectionSet]] = {}
        for pod in pods:
            for row in (self._row(INGRESS, pod), self._row(EGRESS, pod)):
                rows[id(row)] = row
            if len(rows) > MOST_ROWS:
                break
        numbers: dict[object, int] = {}
        groups = {}
        if len(rows) <= MOST_ROWS:
            for pod in pods:
                groups[pod] = numbers.setdefault(self._signature(pod, rows), len(numbers))
        if len(rows) > MOST_ROWS or len(numbers) > MOST_GROUPS:
            self._graph.notes.append(
                "the network policies tell apart more pods than are followed: "
                "every pod counts as reaching every other"
            )
            self._flat = True
            return dict.fromkeys(pods, 0)
        return groups

    def _row(self, direction: str, pod: int) -> list[ConnectionSet]:
        return self._reach.row(direction, pod)

    def _signature(self, pod: int, rows: dict[int, list[ConnectionSet]]) -> object:
        said = tuple(id(row[pod]) for row in rows.values())
        limited = any(row[pod] is not ALL for row in rows.values())
        ports = self._reach.peers.pods[pod].ports if limited else ()
        return id(self._row(INGRESS, pod)), id(self._row(EGRESS, pod)), said, ports

    def _connect(self, groups: dict[int, int]) -> None:
        members = {group: pod for pod, group in groups.items()}
        known: dict[tuple[int, int, int], bool] = {}
        for group, pod in members.items():
            for other, target in members.items():
                leaving = self._row(EGRESS, pod)[target]
                entering = self._row(INGRESS, target)[pod]
                key = (id(leaving), id(entering), target)
                if self._flat or (leaving is ALL and entering is ALL):
                    reached = True
                elif key in known:
                    reached = known[key]
                else:
                    reached = known[key] = self._meet(leaving & entering, target)
                if reached:
                    edge = Edge(self._out(group), self._in(other), "NETWORK", "may connect to", 0)
                    self._graph.add(edge)

    def _meet(self, ports: ConnectionSet, target: int) -> bool:
        declared = NONE
        for port in self._reach.peers.pods[target].ports:
            declared |= port_of(port)
        return bool(ports & declared) if declared else bool(ports)

    def _out(self, group: int) -> int:
        return self._graph.node(NETWORK, "", f"network {group} out")

    def _in(self, group: int) -> int:
        return self._graph.node(NETWORK, "", f"network {group} in")

    def _attach(self, node: int, pods: tuple[int, ...], groups: dict[int, int]) -> None:
        fact = self._sources[node]
        place = (fact.file, fact.place[0])
        leaving, entering = self._open(node, pods, EGRESS), self._open(node, pods, INGRESS)
        for group in {groups[pod] for pod in pods}:
            for it in self._workloads.containers[node]:
                edge = Edge(it.node, self._out(group), "LATERAL", "connects from", 0, leaving)
                self._graph.add(edge._replace(file=place[0], line=place[1]))
            why = "takes connections from other pods"
            self._graph.add(Edge(self._in(group), node, "LATERAL", why, 0, entering, *place))

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
