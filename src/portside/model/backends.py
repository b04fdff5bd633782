"""Which Service stands behind a webhook."""

from __future__ import annotations

from portside.model.facts import Fact, Facts

HTTPS = 443
"""The port that is asked where a webhook names none."""


class Backends:
    """Services by their names, for those who name them with a namespace. Made by `facts.once`."""

    __slots__ = ("_by_name", "_namespaces")

    def __init__(self, facts: Facts) -> None:
        self._by_name: dict[str, list[Fact]] = {}
        for service in facts.of("Service"):
            self._by_name.setdefault(service.name, []).append(service)
        self._namespaces = {it.namespace for it in facts.workloads()}

    def named(self, namespace: str, name: str) -> Fact | None:
        """The Service of that name. One whose file names no namespace may be of any."""
        for service in self._by_name.get(name, ()):
            if service.namespace in (namespace, ""):
                return service
        return None

    def is_near(self, namespace: str) -> bool:
        """Whether workloads of that namespace are among the facts, so that its Services are too."""
        return namespace in self._namespaces or "" in self._namespaces
