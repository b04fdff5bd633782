"""The steps from roles to what their holders can become, and from identities by several roles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice, product
from typing import Any

from portside.graph.faults import Faults
from portside.graph.model import (
    ACCOUNT,
    CLUSTER_ADMIN,
    GROUP,
    NODE_ROOT,
    SECRET,
    USER,
    Edge,
    Graph,
    named,
)
from portside.graph.places import ACCOUNTS, NEW_POD, PODS, SECRETS, SYSTEM, Places
from portside.graph.rights import (
    ADMISSION_TAMPER,
    API_EXTEND,
    CERTIFICATE_APPROVE,
    CERTIFICATE_REQUEST,
    CERTIFICATE_SIGN,
    EVERYTHING,
    IMPERSONATE,
    NODE_PROXY,
    POD_CREATE,
    POD_EXEC,
    ROLE_BIND,
    SECRET_CREATE,
    SYSTEM_CONFIG_WRITE,
    TOKEN_CREATE,
    TOKEN_LIST,
    VOLUME_CREATE,
    Grant,
    abilities,
    uses_wildcard,
)
from portside.graph.subjects import MASTERS, HeldRole, Subjects
from portside.graph.table import ABILITY_RULES, GRANTS_EVERYTHING, WILDCARDS
from portside.model.facts import Fact

Reason = tuple[tuple[int, ...], str, int]
"""The findings without which a right would not be there, and where it is written."""
_MOST_WAYS = 9
"""Of putting the same two rights together from several roles."""
_CLUSTER_WIDE: dict[str, tuple[str, int, str]] = {
    NODE_PROXY: (NODE_ROOT, 0, "may run commands on any node through its kubelet (nodes/proxy)"),
    ADMISSION_TAMPER: (CLUSTER_ADMIN, 1, "may have any object changed as it is admitted"),
    API_EXTEND: (CLUSTER_ADMIN, 2, "may have a server of his own answer for an API"),
}
"""By ability over things that are in no namespace: what it leads to, at what cost, and why."""


class Powers:
    """The steps of all roles and identities, in the graph once this is made."""

    def __init__(self, graph: Graph, subjects: Subjects, places: Places, faults: Faults) -> None:
        self._graph = graph
        self._places = places
        self._faults = faults
        self._subjects = subjects
        self._parts: dict[int, dict[tuple[str, str], list[Reason]]] = {}
        self._role = 0
        for role in subjects.roles.values():
            self._add_role(role)
        for who, held in subjects.held.items():
            self._add_together(who, held)
        masters = graph.find(GROUP, "", MASTERS)
        if masters is not None:
            why = "holds every right, whatever the roles say"
            graph.add(Edge(masters, places.jewel(CLUSTER_ADMIN), EVERYTHING, why, 0))

    def _add_role(self, role: HeldRole) -> None:
        for rule, written, index in role.rules:
            for grant in abilities(rule):
                reason = self._reason(grant.ability, rule, written, index)
                self._parts.setdefault(role.node, {}).setdefault(
                    (grant.ability, role.scope), []
                ).append(reason)
                handle = self._HANDLERS.get(grant.ability)
                if handle is not None:
                    handle(self, role, grant, reason)
                if grant.ability == EVERYTHING and not role.scope:
                    break  # nothing is added to every right

    def _reason(
        self, ability: str, rule: dict[str, Any], written: Fact | None, index: int
    ) -> Reason:
        if written is None:
            return (), "", 0
        rules: Iterable[str] = ABILITY_RULES.get(ability, ())
        if uses_wildcard(rule):
            rules = (*rules, GRANTS_EVERYTHING, *WILDCARDS)
        found = self._faults.of(written.object_key(), rules, ("rules", index))
        return found, written.file, written.place[0]

    def _step(
        self, source: int, target: int, grant: Grant, why: str, cost: int, reason: Reason
    ) -> None:
        faults, file, line = reason
        self._graph.add(Edge(source, target, grant.ability, why, cost, faults, file, line))

    def _everything(self, role: HeldRole, grant: Grant, reason: Reason) -> None:
        if not role.scope:
            target = self._places.jewel(CLUSTER_ADMIN)
            self._step(role.node, target, grant, "holds every right", 0, reason)

    def _bind(self, role: HeldRole, grant: Grant, reason: Reason) -> None:
        if not role.scope:
            why = f"may give any right to anybody (bind or escalate on {grant.about})"
            target = self._places.jewel(CLUSTER_ADMIN)
            self._step(role.node, target, grant, why, 0, reason)
            return
        why = f"may give any right in {role.scope} to anybody"
        for what in (NEW_POD, PODS, SECRETS):
            target = self._places.hub(what, role.scope)
            self._step(role.node, target, grant, why, 0, reason)

    def _impersonate(self, role: HeldRole, grant: Grant, reason: Reason) -> None:
        why = f"may act as {grant.about}"
        if grant.about == "serviceaccounts":
            self._over_accounts(role, grant, why, reason)
            return
        if role.scope:
            return  # users and groups are in no namespace: a RoleBinding gives nothing
        if not grant.names:
            target = self._places.jewel(CLUSTER_ADMIN)
            self._step(role.node, target, grant, f"{why} of its choice", 0, reason)
        for name in grant.names:
            kind = USER if grant.about == "users" else GROUP
            target = self._graph.node(kind, "", name)
            self._step(role.node, target, grant, why, 0, reason)

    def _token(self, role: HeldRole, grant: Grant, reason: Reason) -> None:
        self._over_accounts(role, grant, "may ask for the token", reason)

    def _over_accounts(self, role: HeldRole, grant: Grant, why: str, reason: Reason) -> None:
        if not grant.names:
            target = self._places.hub(ACCOUNTS, role.scope)
            self._step(role.node, target, grant, why, 0, reason)
        for target in self._named(ACCOUNT, role.scope, grant.names):
            self._step(role.node, target, grant, why, 0, reason)

    def _secrets(self, role: HeldRole, grant: Grant, reason: Reason) -> None:
        why = "may read the values"
        if not grant.names:
            target = self._places.hub(SECRETS, role.scope)
            self._step(role.node, target, grant, why, 0, reason)
        for target in self._named(SECRET, role.scope, grant.names):
            self._step(role.node, target, grant, why, 0, reason)

    def _named(self, kind: str, scope: str, names: tuple[str, ...]) -> Iterator[int]:
        """Things by their names: in the scope, or wherever there are some."""
        if scope:
            yield from (self._graph.node(kind, scope, name) for name in names)
            return
        for number in self._graph.of_kind(kind) if names else ():
            if self._graph.nodes[number].name in names:
                yield number

    def _create_pod(self, role: HeldRole, grant: Grant, reason: Reason) -> None:
        target = self._places.hub(NEW_POD, role.scope)
        self._step(role.node, target, grant, "may create pods", 0, reason)

    def _enter_pod(self, role: HeldRole, grant: Grant, reason: Reason) -> None:
        if not grant.names:  # names of pods are known of running ones only
            target = self._places.hub(PODS, role.scope)
            why = "may run commands in pods, or change their images"
            self._step(role.node, target, grant, why, 0, reason)

    def _cluster_wide(self, role: HeldRole, grant: Grant, reason: Reason) -> None:
        if not role.scope:
            name, cost, why = _CLUSTER_WIDE[grant.ability]
            self._step(role.node, self._places.jewel(name), grant, why, cost, reason)

    def _system_config(self, role: HeldRole, grant: Grant, reason: Reason) -> None:
        known = not grant.names or "aws-auth" in grant.names
        if named(role.scope or SYSTEM) == SYSTEM and known:
            why = "may change the ConfigMaps of kube-system, aws-auth on EKS among them"
            target = self._places.jewel(CLUSTER_ADMIN)
            self._step(role.node, target, grant, why, 2, reason)

    _HANDLERS: dict[str, Callable[[Powers, HeldRole, Grant, Reason], None]] = {  # noqa: RUF012 - a table
        EVERYTHING: _everything,
        ROLE_BIND: _bind,
        IMPERSONATE: _impersonate,
        TOKEN_CREATE: _token,
        TOKEN_LIST: _secrets,
        POD_CREATE: _create_pod,
        POD_EXEC: _enter_pod,
        NODE_PROXY: _cluster_wide,
        ADMISSION_TAMPER: _cluster_wide,
        API_EXTEND: _cluster_wide,
        SYSTEM_CONFIG_WRITE: _system_config,
    }

    def _add_together(self, who: int, held: list[int]) -> None:
        """The steps that an identity takes by rights of several rules or roles."""
        parts: dict[tuple[str, str], list[Reason]] = {}
        for role in dict.fromkeys(held):
            for key, reasons in self._parts.get(role, {}).items():
                parts.setdefault(key, []).extend(reasons)
        if (EVERYTHING, "") in parts or len(parts) < 2:
            return
        for scope in {scope for ability, scope in parts if ability == SECRET_CREATE}:
            readers = parts.get((TOKEN_LIST, scope), []) + parts.get((TOKEN_LIST, ""), [])
            made = [parts[SECRET_CREATE, scope], readers]
            why = "may have a token written into a Secret, and read it"
            self._together(who, self._places.hub(ACCOUNTS, scope), "TOKEN_CREATE", why, 0, made)
        creators = [it for (kind, _), its in parts.items() if kind == POD_CREATE for it in its]
        volumes = [parts.get((VOLUME_CREATE, ""), []), creators]
        why = "may create a volume of the node's files and a pod that mounts it"
        self._together(who, self._places.jewel(NODE_ROOT), VOLUME_CREATE, why, 1, volumes)
        self._sign(who, parts)

    def _sign(self, who: int, parts: dict[tuple[str, str], list[Reason]]) -> None:
        approval = [parts.get((it, ""), []) for it in (CERTIFICATE_APPROVE, CERTIFICATE_SIGN)]
        admin = self._places.jewel(CLUSTER_ADMIN)
        request = parts.get((CERTIFICATE_REQUEST, ""), [])
        why = "may have a certificate signed in any name"
        self._together(who, admin, CERTIFICATE_APPROVE, why, 0, [*approval, request])
        if not request:
            why = "may approve what somebody else asks to be signed"
            self._together(who, admin, CERTIFICATE_APPROVE, why, 1, approval)

    def _together(
        self, who: int, target: int, kind: str, why: str, cost: int, made: list[list[Reason]]
    ) -> None:
        for ways in islice(product(*made), _MOST_WAYS):
            faults = tuple(sorted({it for reason in ways for it in reason[0]}))
            _, file, line = ways[0]
            self._graph.add(Edge(who, target, kind, why, cost, faults, file, line))
