"""Who is bound to which role, as nodes: identities, roles in their scopes, the steps between."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portside.graph.faults import Faults
from portside.graph.model import ACCOUNT, GROUP, INTERNET, ROLE, USER, Edge, Graph, named
from portside.graph.rights import AGGREGATED, BUILT_IN
from portside.graph.table import BINDINGS
from portside.model.accounts import BINDINGS as BINDING_KINDS
from portside.model.accounts import account_of
from portside.model.facts import Fact, Facts
from portside.model.fields import mapping, maps, text
from portside.model.grants import Roles
from portside.records import NamedTuple

MASTERS = "system:masters"
EVERYBODY = ("system:authenticated", "system:serviceaccounts")
ANONYMOUS = ((USER, "system:anonymous"), (GROUP, "system:unauthenticated"))
_CLUSTER_ROLE = "rbac.authorization.k8s.io/ClusterRole"
_AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-"


class HeldRole(NamedTuple):
    """A role in one scope: its node, and its rules with the object and the index of each."""

    node: int
    scope: str
    """The namespace it is bound in; empty is the whole cluster."""
    rules: tuple[tuple[dict[str, Any], Fact | None, int], ...]
    """A rule, the role it is written in (None: Kubernetes' own), and its index there."""


class Subjects:
    """The identities and roles of an application, in the graph once this is made."""

    def __init__(self, graph: Graph, facts: Facts, faults: Faults) -> None:
        self.roles: dict[int, HeldRole] = {}
        self.held: dict[int, list[int]] = {}
        """By identity: the roles it is bound to."""
        self.tenants: list[int] = []
        """People and groups to whom a namespace is given to work in."""
        self._graph = graph
        self._facts = facts
        self._faults = faults
        self._written = facts.once(Roles)
        self._unknown: dict[str, None] = {}
        self._unnamed = _accounts_without_namespace(facts)
        self._added = _added_to_built_in(facts)
        for fact in facts.of("ServiceAccount"):
            graph.node(ACCOUNT, named(fact.namespace), fact.name)
        for binding in facts.of(*BINDING_KINDS):
            self._bind(binding)
        if self._unknown:
            first, *others = self._unknown
            more = f" (and {len(others)} more)" if others else ""
            graph.notes.append(
                f"ClusterRole {first}{more} is bound and in no file: what it gives is not known"
            )

    def account(self, namespace: str, name: str) -> int:
        """The service account of that name, in the graph."""
        return self._graph.node(ACCOUNT, named(namespace), name)

    def _bind(self, binding: Fact) -> None:
        role = self._role(binding)
        key, what = binding.object_key(), f"{binding.ref.kind} {binding.name}"
        file, line = binding.file, binding.place[0]
        for index, subject in maps(binding.value, "subjects"):
            who = self._subject(subject, binding)
            if who is None:
                continue
            faults = self._faults.of(key, BINDINGS, ("subjects", index))
            faults += self._faults.of(key, BINDINGS, ("roleRef",))
            edge = Edge(who, role, "BOUND", f"by {what}", 0, faults, file, line)
            self._graph.add(edge)
            self.held.setdefault(who, []).append(role)
            if binding.ref.kind == "RoleBinding":
                self._note_tenant(who)

    def _note_tenant(self, who: int) -> None:
        node = self._graph.nodes[who]
        people = node.kind in (USER, GROUP) and not node.name.startswith("system:")
        if people and who not in self.tenants[-1:]:
            self.tenants.append(who)

    def _subject(self, subject: dict[str, Any], binding: Fact) -> int | None:
        kind, name = text(subject, "kind"), text(subject, "name")
        if not name or kind not in ("ServiceAccount", "User", "Group"):
            return None
        if kind == "ServiceAccount":
            namespace = text(subject, "namespace") or binding.namespace
            known = self._graph.find(ACCOUNT, named(namespace), name)
            if known is None and name in self._unnamed:
                return self.account("", name)
            return self.account(namespace, name)
        prefix = "system:serviceaccount:"
        if kind == "User" and name.startswith(prefix):
            namespace, _, account = name.removeprefix(prefix).partition(":")
            return self.account(namespace, account)
        return self._graph.node(USER if kind == "User" else GROUP, "", name)

    def _role(self, binding: Fact) -> int:
        ref = mapping(binding.value, "roleRef")
        kind, name = text(ref, "kind"), text(ref, "name")
        scope = "" if binding.ref.kind == "ClusterRoleBinding" else named(binding.namespace)
        where = f"in {scope}" if scope else "everywhere"
        node = self._graph.node(ROLE, scope, f"{kind} {name} {where}")
        if node not in self.roles:
            self.roles[node] = HeldRole(node, scope, tuple(self._rules(binding, kind, name)))
        return node

    def _rules(
        self, binding: Fact, kind: str, name: str
    ) -> Iterator[tuple[dict[str, Any], Fact | None, int]]:
        written = self._written.of(binding)
        for role in written:
            for index, rule in maps(role.value, "rules"):
                yield rule, role, index
            for other in self._aggregated(role):
                for index, rule in maps(other.value, "rules"):
                    yield rule, other, index
        if kind == "ClusterRole" and not written:
            yield from self._built_in(name)

    def _aggregated(self, role: Fact) -> list[Fact]:
        return self._written.aggregated(role) if "aggregationRule" in role.value else []

    def _built_in(self, name: str) -> Iterator[tuple[dict[str, Any], Fact | None, int]]:
        if name not in BUILT_IN:
            self._unknown.setdefault(name)
            return
        for index, rule in enumerate(BUILT_IN[name]):
            yield rule, None, index
        for label in AGGREGATED.get(name, ()):
            for role in self._added.get(label, ()):
                for index, rule in maps(role.value, "rules"):
                    yield rule, role, index

    def join_groups(self) -> None:
        """Service accounts are in the groups of all and of their namespace's, people in one."""
        graph = self._graph
        for number in graph.of_kind(ACCOUNT):
            node = graph.nodes[number]
            for name in (*EVERYBODY, f"system:serviceaccounts:{node.namespace}"):
                self._join(number, name)
        for number in graph.of_kind(USER, GROUP):
            node = graph.nodes[number]
            if node.name not in EVERYBODY and (node.kind, node.name) not in ANONYMOUS:
                self._join(number, EVERYBODY[0])
        for kind, name in ANONYMOUS:
            entry = graph.find(kind, "", name)
            if entry is not None:
                internet = graph.node(INTERNET, "", "internet")
                why = "needs no credential, where the API server can be reached"
                graph.add(Edge(internet, entry, "ANONYMOUS", why, 1))

    def _join(self, number: int, name: str) -> None:
        group = self._graph.find(GROUP, "", name)
        if group is not None and group != number:
            self._graph.add(Edge(number, group, "MEMBER", "is a member of the group", 0))


def _accounts_without_namespace(facts: Facts) -> set[str]:
    """Service accounts of files that leave the namespace to whoever applies them."""
    found = {it.name for it in facts.of("ServiceAccount") if not it.namespace}
    for workload in facts.workloads():
        if not workload.namespace:
            found.update(account_of(pod.spec) for pod in workload.pods())
    return found


def _added_to_built_in(facts: Facts) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for role in facts.of(_CLUSTER_ROLE):
        for key, value in role.labels.items():
            if key.startswith(_AGGREGATE) and value == "true":
                found.setdefault(key.removeprefix(_AGGREGATE), []).append(role)
    return found
