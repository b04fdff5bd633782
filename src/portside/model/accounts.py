"""Service accounts among the facts: who runs as one, what is bound to it, who reaches its pods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portside.model.facts import Fact, Facts
from portside.model.fields import maps, text

DEFAULT = "default"
BINDINGS = (
    "rbac.authorization.k8s.io/RoleBinding",
    "rbac.authorization.k8s.io/ClusterRoleBinding",
)
_OUTSIDE = ("LoadBalancer", "NodePort")
_APPLICATION = ("app.kubernetes.io/name", "app", "k8s-app")
_RELEASE = ("app.kubernetes.io/instance", "app.kubernetes.io/part-of", "helm.sh/release")


def account_of(spec: dict[str, Any]) -> str:
    """The service account that pods of this spec run as; the old field counts where alone."""
    return text(spec, "serviceAccountName") or text(spec, "serviceAccount") or DEFAULT


class Accounts:
    """Who runs as which service account, and to which some role is bound. Made by `facts.once`."""

    __slots__ = ("_bound", "_groups", "_holders", "_known", "_near")

    def __init__(self, facts: Facts) -> None:
        self._near: dict[tuple[str, str, str], list[Fact]] = {}
        self._bound: dict[str, set[str]] = {}
        self._groups: set[str] = set()
        self._holders: dict[tuple[str, str], list[Fact]] = {}
        self._known: dict[str, list[Fact]] = {}
        for binding in facts.of(*BINDINGS):
            for _, subject in maps(binding.value, "subjects"):
                self._bind(subject)
        for workload in facts.workloads():
            for name in dict.fromkeys(account_of(pod.spec) for pod in workload.pods()):
                self._holders.setdefault((workload.namespace, name), []).append(workload)
        for account in facts.of("ServiceAccount"):
            self._known.setdefault(account.name, []).append(account)

    def _bind(self, subject: dict[str, Any]) -> None:
        kind, name = text(subject, "kind"), text(subject, "name")
        if kind == "Group":
            self._groups.add(name)
        elif kind == "ServiceAccount":
            self._bound.setdefault(name, set()).add(text(subject, "namespace"))

    def is_bound(self, namespace: str, name: str) -> bool:
        """Whether some role is bound to it, by its name or by the group of its namespace.

        A file that leaves its namespace to whoever applies it fits whatever its binding names.
        """
        namespaces = self._bound.get(name, ())
        fits = bool(namespaces) if not namespace else namespace in namespaces or "" in namespaces
        return fits or f"system:serviceaccounts:{namespace}" in self._groups

    def named(self, namespace: str, name: str) -> Fact | None:
        """The service account of that name. Who names no namespace may mean any."""
        for account in self._known.get(name, ()):
            if account.namespace == namespace or not account.namespace or not namespace:
                return account
        return None

    def holders(self, near: Fact, name: str) -> list[Fact]:
        """The workloads of the namespace and the application of `near` that run as the account."""
        key = (near.folder, near.namespace, name)
        if key not in self._near:
            listed = self._holders.get((near.namespace, name), ())
            self._near[key] = [it for it in listed if Facts.together(near, it)]
        return self._near[key]


def same_application(one: Fact, other: Fact) -> bool:
    """Whether two workloads are parts of one application, by the labels that say so."""
    for key in _RELEASE:
        if key in one.labels and one.labels[key] == other.labels.get(key):
            return True
    return bool(_application(one) == _application(other))


def _application(fact: Fact) -> Any:
    return next((fact.labels[key] for key in _APPLICATION if key in fact.labels), fact.name)


def exposed_by(facts: Facts, workload: Fact) -> Fact | None:
    """The Service or Ingress through which the workload is reached from outside the cluster."""
    for service in facts.serving(workload):
        facts.spend(1)
        if text(service.value, "spec", "type") in _OUTSIDE:
            return service
        ingress = facts.once(_ingresses).get((service.namespace, service.name))
        if ingress is not None:
            return ingress
    return None


def _ingresses(facts: Facts) -> dict[tuple[str, str], Fact]:
    """The first Ingress of each Service, by its namespace and name."""
    found: dict[tuple[str, str], Fact] = {}
    for ingress in facts.of("Ingress"):
        for name in _backends(ingress):
            found.setdefault((ingress.namespace, name), ingress)
    return found


def _backends(ingress: Fact) -> Iterator[str]:
    yield text(ingress.value, "spec", "defaultBackend", "service", "name")
    for _, rule in maps(ingress.value, "spec", "rules"):
        for _, path in maps(rule, "http", "paths"):
            yield text(path, "backend", "service", "name")
