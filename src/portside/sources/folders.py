"""Folders that are not what they seem: Helm charts and kustomizations, whose files need a renderer.

They are recognised and, until they are rendered, unread with the reason: a template is no broken
YAML, and a patch is no object.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from portside.model.finding import IGNORED, NOT_KUBERNETES, UNREAD, FileFate, Unread
from portside.model.reading import ReadFile

CHART = "Chart.yaml"
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_LISTS_OF_OBJECTS = ("resources", "bases", "crds")
_LARGEST_KUSTOMIZATION = 1 << 20


class Chart:
    """A Helm chart: its templates and the charts in it cannot be judged before it is rendered."""

    __slots__ = ("file", "folder")

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.file = os.path.join(folder, CHART)

    def unread(self, name: str) -> ReadFile:
        return _whole(
            f"{name}/{CHART}",
            f"Helm chart {name}",
            "a Helm chart, which is not rendered yet: helm template NAME "
            f"{name} | portside scan - judges what it makes",
        )

    def fate(self, path: str) -> tuple[str, str] | None:
        """The fate of the file at `path` below it; None where it is read as any other."""
        inside = os.path.relpath(path, self.folder).replace(os.sep, "/")
        if inside.startswith(("templates/", "charts/")):
            return UNREAD, f"part of the Helm chart {self.folder}, which is not rendered yet"
        if "/" not in inside and inside.startswith("values."):
            return NOT_KUBERNETES, f"values of the Helm chart {self.folder}"
        return None


class Kustomization:
    """A kustomization: what it lists as resources is judged as written, its patches are not."""

    __slots__ = ("file", "folder", "whole")

    def __init__(self, folder: str, file: str) -> None:
        self.folder = folder
        self.file = os.path.join(folder, file)
        self.whole = _objects(self.file)

    def unread(self, name: str) -> ReadFile:
        return _whole(
            f"{name}/{os.path.basename(self.file)}",
            f"kustomization {name}",
            "a kustomization, which is not built yet: kubectl kustomize "
            f"{name} | portside scan - judges what it makes",
        )

    def fate(self, path: str) -> tuple[str, str] | None:
        inside = os.path.relpath(path, self.folder).replace(os.sep, "/")
        if self.whole is not None and inside in self.whole:
            return IGNORED, "a patch or input of the kustomization beside it, which is unread"
        return None


def recognise(
    folder: str, names: Sequence[str], around: Chart | Kustomization | None
) -> Chart | Kustomization | None:
    """What kind of folder `folder` is, or else what it stands in (`around`); charts never end."""
    if isinstance(around, Chart):
        return around
    if CHART in names:
        return Chart(folder)
    for name in KUSTOMIZATIONS:
        if name in names:
            return Kustomization(folder, name)
    return around


def _whole(file: str, what: str, reason: str) -> ReadFile:
    return ReadFile(
        FileFate(file, UNREAD, 0, reason), unread=(Unread(what=what, reason=reason, file=file),)
    )


def _objects(path: str) -> frozenset[str] | None:
    """The files a kustomization refers to otherwise than as whole objects."""
    from portside.syntax import Document, read

    try:
        with open(path, "rb") as file:
            documents = list(read(file.read(_LARGEST_KUSTOMIZATION)))
    except OSError:
        return None
    found: set[str] = set()
    for document in documents:
        if isinstance(document, Document) and type(document.value) is dict:
            for key, value in document.value.items():
                if key not in _LISTS_OF_OBJECTS:
                    found.update(_texts(value))
    return frozenset(os.path.normpath(text).replace(os.sep, "/") for text in found)


def _texts(value: object) -> list[str]:
    """Every text in `value`, at most a few levels deep: a path may stand under many keys."""
    pending, found = [(value, 0)], []
    while pending:
        node, depth = pending.pop()
        if type(node) is str and "\n" not in node:
            found.append(node.rpartition("=")[2])
        elif depth < 6 and type(node) is dict:
            pending += [(item, depth + 1) for item in node.values()]
        elif depth < 6 and type(node) is list:
            pending += [(item, depth + 1) for item in node]
    return found
