"""What rights are about: all service accounts, Secrets or pods of a namespace, or everywhere.

Each is one node, so that a right over many things is one step, and each of them another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from portside.graph.faults import Faults
from portside.graph.model import (
    ACCOUNT,
    CLUSTER_ADMIN,
    CONTAINER,
    EVERY_SECRET,
    HUB,
    JEWEL,
    NODE_ROOT,
    SECRET,
    Edge,
    Graph,
)
from portside.graph.table import NO_POD_SECURITY
from portside.model.facts import Facts
from portside.model.fields import text

ACCOUNTS, SECRETS, PODS, NEW_POD = (
    *("any ServiceAccount", "any Secret", "a shell in any pod"),
    "a pod of one's own",
)
SYSTEM = "kube-system"
_ENFORCE = "pod-security.kubernetes.io/enforce"


class Places:
    """The nodes for all things of a kind in a namespace; `finish` leads on from those in use."""

    def __init__(self, graph: Graph, facts: Facts, faults: Faults) -> None:
        self._graph = graph
        self._faults = faults
        self._namespaces = {it.name: it for it in facts.of("Namespace")}
        self._used: dict[tuple[str, str], int] = {}

    def hub(self, what: str, scope: str) -> int:
        """The node of all things of a kind in a namespace, or in all where `scope` is empty."""
        known = self._used.get((what, scope))
        if known is None:
            where = f"in {scope}" if scope else "everywhere"
            known = self._used[what, scope] = self._graph.node(HUB, scope, f"{what} {where}")
        return known

    def jewel(self, name: str) -> int:
        return self._graph.node(JEWEL, "", name)

    def finish(self) -> None:
        """Lead on from every node that is in use, and those that this brings in."""
        members = self._members()
        done: set[tuple[str, str]] = set()
        while len(done) < len(self._used):
            for key in [it for it in self._used if it not in done]:
                done.add(key)
                what, scope = key
                if what == NEW_POD:
                    self._from_new_pod(scope)
                elif scope:
                    self._from_one(what, scope, members.get(key, ()))
                else:
                    self._from_all(what, members)

    def _members(self) -> dict[tuple[str, str], list[int]]:
        kinds = {ACCOUNT: ACCOUNTS, SECRET: SECRETS, CONTAINER: PODS}
        found: dict[tuple[str, str], list[int]] = {}
        for number, node in enumerate(self._graph.nodes):
            if node.kind in kinds:
                found.setdefault((kinds[node.kind], node.namespace), []).append(number)
        return found

    def _from_one(self, what: str, scope: str, members: Iterable[int]) -> None:
        source = self.hub(what, scope)
        for number in members:
            self._step(source, number, "one of them")
        if scope != SYSTEM:
            return
        if what == ACCOUNTS:
            why = "the accounts of Kubernetes' own controllers are there"
            self._step(source, self.jewel(CLUSTER_ADMIN), why)
        elif what == SECRETS:
            self._step(source, self.jewel("the Secrets of kube-system"), "all of them")
        else:
            self._step(source, self.jewel(NODE_ROOT), "some of the system's are privileged", 1)

    def _from_all(self, what: str, members: Mapping[tuple[str, str], object]) -> None:
        source = self.hub(what, "")
        if what == ACCOUNTS:
            why = "those of Kubernetes' own controllers among them"
            self._step(source, self.jewel(CLUSTER_ADMIN), why)
        elif what == SECRETS:
            self._step(source, self.jewel(EVERY_SECRET), "all of them")
        else:
            self._step(source, self.jewel(NODE_ROOT), "some of the system's are privileged", 1)
        for other, namespace in members:
            if other == what:
                self._step(source, self.hub(what, namespace), "those there")

    def _from_new_pod(self, scope: str) -> None:
        source = self.hub(NEW_POD, scope)
        self._step(source, self.hub(ACCOUNTS, scope), "a pod runs as whichever it names")
        self._step(source, self.hub(SECRETS, scope), "a pod mounts whichever it names")
        node = self.jewel(NODE_ROOT)
        if not scope:
            self._step(source, node, "a privileged one, where no Pod Security level is enforced")
            return
        namespace = self._namespaces.get(scope)
        if namespace is None:
            why = "a privileged one, unless the Namespace, which is not here, forbids it"
            self._step(source, node, why, 1)
        elif text(namespace.value, "metadata", "labels", _ENFORCE) not in (
            "baseline",
            "restricted",
        ):
            faults = self._faults.of(namespace.object_key(), NO_POD_SECURITY)
            why = f"a privileged one, which Namespace {scope} admits"
            line = namespace.place[0]
            self._graph.add(
                Edge(source, node, "POD_PRIVILEGED", why, 0, faults, namespace.file, line)
            )

    def _step(self, source: int, target: int, why: str, cost: int = 0) -> None:
        self._graph.add(Edge(source, target, "ANY_OF", why, cost))
