"""The objects of a tree, found by what Flux' objects call them."""

from __future__ import annotations

from collections.abc import Iterable
from posixpath import commonprefix

from portside.model.resource import Resource

ARGO, KUSTOMIZE_TOOLKIT, HELM_TOOLKIT, SOURCE_TOOLKIT = (
    "argoproj.io",
    "kustomize.toolkit.fluxcd.io",
    "helm.toolkit.fluxcd.io",
    "source.toolkit.fluxcd.io",
)


class Index:
    """Looks objects up by group, kind, namespace and name."""

    __slots__ = ("_found", "objects")

    def __init__(self, objects: Iterable[Resource]) -> None:
        self.objects = list(objects)
        self._found: dict[tuple[str, str, str], list[Resource]] = {}
        for it in self.objects:
            key = (it.group, it.kind, it.ref.name)
            self._found.setdefault(key, []).append(it)

    def of(self, group: str, *kinds: str) -> list[Resource]:
        """The objects of these kinds, in the order of the files."""
        return [it for it in self.objects if it.group == group and it.kind in kinds]

    def find(
        self, group: str, kind: str, name: str, namespace: str, by: Resource
    ) -> Resource | None:
        """The object of the name, in the namespace if one says it; of several the nearest to `by`.

        A file need not say the namespace of an object: it may be set when it is applied. A tree may
        hold the objects of many clusters, which have the same names: `clusters/prod` means its own.
        """
        found = self._found.get((group, kind, name), [])
        same = [it for it in found if it.ref.namespace == namespace]
        fitting = same or [it for it in found if not it.ref.namespace or not namespace]
        return max(fitting, key=lambda it: _nearness(it.file, by.file), default=None)


def _nearness(file: str, other: str) -> int:
    """How many folders the two files have in common."""
    return len(commonprefix((file.split("/")[:-1], other.split("/")[:-1])))
