"""Folders that are not what they seem: Helm charts and kustomizations, which need a renderer.

They are recognised and, where nothing renders them, unread as a whole with the reason: a template
is no broken YAML, and a patch is no object. Their files are judged as they are: what a chart, its
values and its templates say of themselves, and what a kustomization and its patches do.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from portside.model.finding import IGNORED, NOT_KUBERNETES, UNREAD, FileFate, Unread
from portside.model.reading import ReadFile, Root
from portside.sources.files import (
    HELM_CHART,
    HELM_TEMPLATE,
    KUSTOMIZATION,
    KUSTOMIZATIONS,
    KUSTOMIZE_PATCH,
    kind_in_chart,
)
from portside.sources.known import UNKNOWN, Known
from portside.sources.templates import is_packed_chart

CHART = "Chart.yaml"
_BESIDE_CHART = (
    *("Chart.lock", "requirements.yaml", "requirements.lock", "values.schema.json"),
    "values.yaml",
)
_LISTS_OF_OBJECTS = ("resources", "bases", "crds")
_LISTS_OF_FOLDERS = ("resources", "bases", "components")
_PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902")
_PROGRAMS = ("generators", "transformers", "validators")
_SECRETS = "secretGenerator"
_LARGEST_KUSTOMIZATION = 1 << 20
_NO_RENDERER = (
    "and there is no renderer: pip install portside-render, or put {} on PATH, and it is judged; "
    "or "
)


class Chart:
    """A Helm chart: its templates and the charts in it cannot be judged before it is rendered."""

    __slots__ = ("file", "folder", "unrendered")

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.file = os.path.join(folder, CHART)
        self.unrendered = f"part of the Helm chart {folder}, which is not rendered"
        """Why what is judged of a template is not all of it."""

    def head(self, name: str, identity: str, within: str) -> ReadFile:
        """What there is to say of it as a whole, where nothing renders it."""
        alone = all(it.get("type") != "library" for it in _maps(self.file))
        return unrendered(Root("helm", self.folder, name, identity, within, alone), CHART)

    def holds(self, folder: str) -> bool:
        """Whether what stands in `folder` is a part of the chart, whatever it is."""
        return f"{_inside(folder, self.folder)}/".startswith(("templates/", "charts/"))

    def known(self, path: str) -> Known | None:
        """What the file at `path` below it is and belongs to; None where it is not judged so."""
        inside = _inside(path, self.folder)
        kind = kind_in_chart(inside)
        if kind == HELM_CHART:
            return Known(kind, names=tuple(self._beside()))
        if not kind:
            return None
        return Known(kind, self.unrendered if kind == HELM_TEMPLATE else "")

    def fate(self, path: str) -> tuple[str, str] | None:
        """The fate of the file at `path` below it; None where it is read as any other."""
        inside = _inside(path, self.folder)
        if inside.startswith(("templates/", "charts/")):
            return UNREAD, self.unrendered
        if "/" not in inside and inside.startswith("values."):
            return NOT_KUBERNETES, f"values of the Helm chart {self.folder}"
        return None

    def _beside(self) -> Iterator[str]:
        """The files that tell how its dependencies are locked, and what its values must be."""
        for name in _BESIDE_CHART:
            if _is_plain_file(os.path.join(self.folder, name)):
                yield name
        try:
            names = sorted(os.listdir(os.path.join(self.folder, "charts")))
        except OSError:
            return
        for name in names:
            inner = f"charts/{name}/{CHART}"
            if name.endswith(".tgz"):
                yield f"charts/{name}"
            elif _is_plain_file(os.path.join(self.folder, inner)):
                yield inner


class Kustomization:
    """A kustomization: what it lists as resources is judged as written, its patches as patches."""

    __slots__ = ("_patches", "_values", "file", "folder", "whole")

    def __init__(self, folder: str, file: str) -> None:
        self.folder = folder
        self.file = os.path.join(folder, file)
        self._values = _maps(self.file)
        self.whole = self._listed(lambda key: key not in _LISTS_OF_OBJECTS)
        """The files that it refers to otherwise than as whole objects."""
        self._patches = self._listed(lambda key: key in _PATCHES)

    def head(self, name: str, identity: str, within: str) -> ReadFile:
        """What there is to say of it as a whole, where nothing builds it."""
        alone = all(it.get("kind") != "Component" for it in self._values)
        uses = tuple(
            text for key in _LISTS_OF_FOLDERS for it in self._values for text in _texts(it.get(key))
        )
        root = Root("kustomize", self.folder, name, identity, within, alone, uses)
        return unrendered(root, os.path.basename(self.file))

    def known(self, path: str) -> Known | None:
        """What the file at `path` is and belongs to; None where it is not judged so."""
        if path == self.file:
            return Known(KUSTOMIZATION, names=tuple(self._beside()))
        inside = _inside(path, self.folder)
        return Known(KUSTOMIZE_PATCH) if inside in self._patches else None

    def fate(self, path: str) -> tuple[str, str] | None:
        if _inside(path, self.folder) in self.whole:
            return IGNORED, "an input of the kustomization beside it, which is unread"
        return None

    def _listed(self, wanted: Any) -> frozenset[str]:
        found: set[str] = set()
        for value in self._values:
            for key, listed in value.items():
                if wanted(key):
                    found.update(_texts(listed))
        return frozenset(os.path.normpath(text).replace(os.sep, "/") for text in found)

    def _beside(self) -> Iterator[str]:
        """The files that it makes Secrets of, and those that may run programs."""
        root = os.path.realpath(self.folder)
        for name in sorted(self._listed(lambda key: key == _SECRETS or key in _PROGRAMS)):
            path = os.path.join(self.folder, name)
            inside = os.path.realpath(path).startswith(root.rstrip(os.sep) + os.sep)
            if inside and os.path.isfile(path):
                yield name


def recognise(
    folder: str, names: Sequence[str], around: Chart | Kustomization | None
) -> Chart | Kustomization | None:
    """What kind of folder `folder` is, or else what it stands in (`around`)."""
    if isinstance(around, Chart) and around.holds(folder):
        return around
    if CHART in names:
        return Chart(folder)
    for name in KUSTOMIZATIONS:
        if name in names:
            return Kustomization(folder, name)
    return around


def unrendered(root: Root, file: str) -> ReadFile:
    """What is true of `root` where nothing renders it, whatever is said of the files in it.

    `file` is the file in it that says what it is; empty for a packed chart, which is one file.
    """
    if root.kind == "helm":
        what = f"Helm chart {root.name}"
        command = f"helm template NAME {root.name}"
        kind = "a Helm chart" if file else "a packed Helm chart"
        reason = f"{kind}, {_NO_RENDERER.format('helm')}"
    else:
        what = f"kustomization {root.name}"
        command = f"kubectl kustomize {root.name}"
        reason = f"a kustomization, {_NO_RENDERER.format('kubectl or kustomize')}"
    reason += f"{command} | portside scan - judges what it makes"
    whole = f"{root.name}/" if file else root.name
    unread = Unread(what=what, reason=reason, file=f"{whole}{file}")
    return ReadFile(FileFate(whole, UNREAD, 0, reason), unread=(unread,), root=root)


def known_of(path: str) -> Known:
    """What is known of a file that was named itself: a chart or a kustomization has its folder."""
    folder, name = os.path.split(path)
    if name == CHART:
        return Chart(folder or ".").known(os.path.join(folder or ".", name)) or UNKNOWN
    if name in KUSTOMIZATIONS:
        found = Kustomization(folder or ".", name)
        return found.known(found.file) or UNKNOWN
    return UNKNOWN


def packed_chart(path: str, name: str, identity: str) -> ReadFile | None:
    """What there is to say of the archive at `path`, if it is a packed chart."""
    # Whatever else is called so may be a pipe.
    if not os.path.isfile(path) or not is_packed_chart(path):
        return None
    return unrendered(Root("helm", path, name, identity, os.path.dirname(path) or "."), "")


def _inside(path: str, folder: str) -> str:
    return os.path.relpath(path, folder).replace(os.sep, "/")


def _is_plain_file(path: str) -> bool:
    return os.path.isfile(path) and not os.path.islink(path)


def _maps(path: str) -> list[dict[str, Any]]:
    """The maps that a file holds; none where it cannot be read."""
    from portside.syntax import Document, read

    try:
        # It may be a link to anything, or a pipe that never answers.
        if not os.path.isfile(path):
            return []
        with open(path, "rb") as file:
            documents = list(read(file.read(_LARGEST_KUSTOMIZATION)))
    except OSError:
        return []
    return [it.value for it in documents if isinstance(it, Document) and type(it.value) is dict]


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
