"""One graph of facts: what there is in an application, and what leads from one to the other."""

from __future__ import annotations

from portside.records import NamedTuple

INTERNET, NAMESPACE, WORKLOAD, CONTAINER, ACCOUNT, USER, GROUP = (
    *("internet", "namespace", "workload", "container", "account"),
    *("user", "group"),
)
ROLE, SECRET, SERVICE, INGRESS, POLICY, HUB, NETWORK, JEWEL = (
    *("role", "secret", "service", "ingress", "policy", "hub", "network"),
    "jewel",
)
IDENTITIES = (ACCOUNT, USER, GROUP)
CLUSTER_ADMIN, NODE_ROOT, EVERY_SECRET = "cluster-admin", "node", "secrets"
UNNAMED = "default"
"""The namespace of what names none."""
MOST_EDGES = 400_000


class Node(NamedTuple):
    """Something in the graph. `kind` is one of the words above."""

    kind: str
    namespace: str
    name: str
    """Unique among the nodes of its kind and namespace; of a container with its workload."""

    @property
    def title(self) -> str:
        """What people call it."""
        if self.kind in (USER, GROUP):
            return f"{self.kind.capitalize()} {self.name}"
        if self.kind == JEWEL:
            return _JEWELS.get(self.name, self.name)
        if self.kind in (ACCOUNT, SECRET, NAMESPACE):
            where = f"{self.namespace}/{self.name}" if self.namespace else self.name
            return f"{_WORDS[self.kind]} {where}"
        return self.name


_WORDS = {ACCOUNT: "ServiceAccount", SECRET: "Secret", NAMESPACE: "Namespace"}
_JEWELS = {
    CLUSTER_ADMIN: "every right in the cluster",
    NODE_ROOT: "root on a node",
    EVERY_SECRET: "every Secret of the cluster",
}


class Edge(NamedTuple):
    """One step. Without a `cost` it is a fact that no attacker can use by itself."""

    source: int
    target: int
    kind: str
    """What the step is, as in KubeHound's words where it has one."""
    why: str
    """Words for people: `mounts the socket of the container runtime`."""
    cost: int | None = None
    """0 is trivial, 1 needs another bug, 2 needs a rare condition."""
    faults: tuple[int, ...] = ()
    """Findings without any one of which the step would not exist, by their numbers."""
    file: str = ""
    line: int = 0


class Graph:
    """Nodes by number and the edges between them; each edge stands once."""

    __slots__ = ("_numbers", "_seen", "edges", "full", "nodes", "notes")

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.notes: list[str] = []
        """What is not known or was left out, in sentences."""
        self.full = False
        """Whether edges were left out because there are too many."""
        self._numbers: dict[Node, int] = {}
        self._seen: set[tuple[int, int, str, tuple[int, ...]]] = set()

    def node(self, kind: str, namespace: str, name: str) -> int:
        """The number of this node, which is made where it is new."""
        node = Node(kind, namespace, name)
        number = self._numbers.get(node)
        if number is None:
            number = self._numbers[node] = len(self.nodes)
            self.nodes.append(node)
        return number

    def find(self, kind: str, namespace: str, name: str) -> int | None:
        """The number of this node, where there is one."""
        return self._numbers.get(Node(kind, namespace, name))

    def add(self, edge: Edge) -> None:
        """Add `edge`, unless it is there or the graph is full (which a note says)."""
        key = (edge.source, edge.target, edge.kind, edge.faults)
        if key in self._seen:
            return
        if len(self.edges) >= MOST_EDGES:
            if not self.full:
                self.full = True
                self.notes.append(f"more than {MOST_EDGES:,} steps: the rest are left out")
            return
        self._seen.add(key)
        self.edges.append(edge)

    def of_kind(self, *kinds: str) -> list[int]:
        """The numbers of all nodes of these kinds."""
        return [number for number, node in enumerate(self.nodes) if node.kind in kinds]


def named(namespace: str) -> str:
    """The namespace, or the one of what names none."""
    return namespace or UNNAMED
