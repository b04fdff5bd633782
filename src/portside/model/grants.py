"""Which roles bindings give, as Kubernetes puts them together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.fields import maps, texts
from portside.model.fields import text as text_at
from portside.model.selector import matches

ADMIN = "cluster-admin"
_BUILT_IN = (ADMIN, "admin", "edit", "view")
_ROLE = "rbac.authorization.k8s.io/Role"
_CLUSTER_ROLE = "rbac.authorization.k8s.io/ClusterRole"
_ALL_VERBS = frozenset(("get", "list", "watch", "create", "update", "patch", "delete"))


def is_builtin(role: str) -> bool:
    """Whether the name is one that Kubernetes itself gives to roles."""
    return role in _BUILT_IN or role.startswith("system:")


class Roles:
    """The roles that bindings name. Made by `facts.once`."""

    __slots__ = ("_aggregating", "_by_name", "_cluster_roles", "_facts", "_of")

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._of: dict[tuple[str, str, str, str], list[Fact]] = {}
        self._by_name: dict[tuple[str, str], list[Fact]] = {}
        self._cluster_roles = list(facts.of(_CLUSTER_ROLE))
        for role in (*self._cluster_roles, *facts.of(_ROLE)):
            self._by_name.setdefault((role.ref.kind, role.name), []).append(role)
        self._aggregating: dict[int, list[Fact]] = {}

    def of(self, binding: Fact) -> list[Fact]:
        """The roles of the name that `binding` gives: several where a tree holds several.

        Those of its own application, where there are any.
        """
        kind = text_at(binding.value, "roleRef", "kind")
        name = text_at(binding.value, "roleRef", "name")
        key = (binding.folder, binding.namespace, kind, name)
        if key not in self._of:
            self._of[key] = self._found(binding, kind, name)
        return self._of[key]

    def _found(self, binding: Fact, kind: str, name: str) -> list[Fact]:
        found = self._by_name.get((kind, name), [])
        if kind != "ClusterRole" and binding.namespace:
            # A file that leaves its namespace to whoever applies it may be of any.
            found = [it for it in found if it.namespace in (binding.namespace, "")]
        return [it for it in found if Facts.together(binding, it)] or found

    def rules_of(self, binding: Fact) -> Iterator[dict[str, Any]]:
        """The rules that `binding` gives, those that are added by labels among them."""
        for role in self.of(binding):
            self._facts.spend(1)
            yield from (rule for _, rule in maps(role.value, "rules"))
            if "aggregationRule" in role.value:
                for other in self.aggregated(role):
                    yield from (rule for _, rule in maps(other.value, "rules"))

    def aggregated(self, role: Fact) -> list[Fact]:
        """The roles whose rules an `aggregationRule` adds to those of `role`."""
        if id(role) not in self._aggregating:
            wanted = [it for _, it in maps(role.value, "aggregationRule", "clusterRoleSelectors")]
            self._facts.spend(len(self._cluster_roles))
            self._aggregating[id(role)] = [
                other
                for other in self._cluster_roles
                if any(matches(selector, other.labels) for selector in wanted)
            ]
        return self._aggregating[id(role)]


def grants_everything(rules: Iterable[dict[str, Any]]) -> bool:
    """Whether one of them is every verb on every resource of every group."""
    return any(_is_everything(rule) for rule in rules)


def _is_everything(rule: dict[str, Any]) -> bool:
    if rule.get("resourceNames") or not (_every(rule, "apiGroups") and _every(rule, "resources")):
        return False
    return _every(rule, "verbs") or {verb for _, verb in texts(rule, "verbs")} >= _ALL_VERBS


def _every(rule: dict[str, Any], field: str) -> bool:
    listed = rule.get(field)
    return type(listed) is list and "*" in listed
