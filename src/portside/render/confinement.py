"""What helm and kubectl must not be shown: charts and kustomizations that lead out of the root."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.records import NamedTuple
from portside.render import wire
from portside.syntax.document import Document
from portside.syntax.read import TooLargeError, read

if TYPE_CHECKING:
    from portside.render.wire import HelmRequest, RenderError

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_LISTS = (
    "resources",
    "bases",
    "components",
    "crds",
    "configurations",
    "generators",
    "transformers",
    "validators",
    "patchesStrategicMerge",
)
_MOST_FILES = 20_000
_MOST_BYTES = 100 << 20
_REMOTE = ("://", "?ref=", ".git//")
_REMOTE_STARTS = ("git@", "git::", "gh:", "github.com")


def of_chart(request: HelmRequest) -> RenderError | None:
    """Why the chart, its values or what they link to may not be read; None where they may."""
    chart = os.path.realpath(request.chart)
    if not os.path.exists(chart):
        return wire.RenderError(f"{request.chart} cannot be opened", kind=wire.MISSING)
    folder = chart if os.path.isdir(chart) else os.path.dirname(chart)
    root = os.path.realpath(request.root) if request.root else folder
    paths = [request.chart]
    if request.root:
        paths += [one.path for one in request.values if isinstance(one, wire.ValuesFile)]
        paths += filter(None, map(_set_from, request.sets))
    for path in paths:
        if not _inside(os.path.realpath(path), root):
            return _outside(path)
    return _of_folder(chart, root) if os.path.isdir(chart) else None


def _set_from(one: wire.Setting | str) -> str:
    """The file that a --set-file reads."""
    if isinstance(one, str) or one.how != "set-file":
        return ""
    return one.text.partition("=")[2]


def _of_folder(chart: str, root: str) -> RenderError | None:
    files = size = 0
    for folder, folders, names in os.walk(chart, followlinks=True):
        if len(os.path.relpath(folder, chart).split(os.sep)) > 40:
            said = f"{os.path.relpath(folder, chart)} is too deep, or a symlink makes a circle"
            return wire.RenderError(said, kind=wire.LIMIT)
        for name in (*folders, *names):
            path = os.path.join(folder, name)
            if not _inside(os.path.realpath(path), root):
                return _outside(os.path.relpath(path, chart))
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.isfile(path):
                said = f"{os.path.relpath(path, chart)} is no regular file"
                return wire.RenderError(said, kind=wire.SYNTAX)
            files, size = files + 1, size + os.path.getsize(path)
        if files > _MOST_FILES or size > _MOST_BYTES:
            said = f"the chart has more than {_MOST_FILES} files or {_MOST_BYTES >> 20} MiB"
            return wire.RenderError(said, kind=wire.LIMIT)
    return None


class _Listed(NamedTuple):
    text: str
    line: int
    column: int


def of_kustomization(path: str, root: str) -> RenderError | None:
    """What keeps a kustomization from being built; None where nothing does.

    Files are held to the folder of their kustomization by Kustomize itself: only the folders that
    one refers to can lead out.
    """
    top = os.path.realpath(root)
    waiting, seen = [os.path.realpath(path)], set[str]()
    while waiting:
        folder = waiting.pop()
        if not _inside(folder, top):
            return _outside(os.path.relpath(folder, top))
        if folder in seen:
            continue
        if len(seen) > _MOST_FILES:
            return wire.RenderError(f"more than {_MOST_FILES} kustomizations", kind=wire.LIMIT)
        file = _file_in(folder)
        name = os.path.relpath(file or folder, top).replace(os.sep, "/")
        seen.add(folder)
        listed = list(_listed(file)) if file else []
        addresses = [one for one in listed if _is_remote(one.text, folder)]
        if addresses:
            return _elsewhere(name, addresses)
        folders = (os.path.realpath(os.path.join(folder, one.text)) for one in listed)
        waiting += [one for one in folders if os.path.isdir(one)]
    return None


def _file_in(folder: str) -> str:
    paths = (os.path.join(folder, name) for name in KUSTOMIZATIONS)
    return next((path for path in paths if os.path.isfile(path)), "")


def _listed(file: str) -> Iterator[_Listed]:
    try:
        with open(file, "rb") as opened:
            documents = list(read(opened.read(_MOST_BYTES)))
    except (OSError, TooLargeError):
        return  # kustomize says what is wrong with it.
    for document in documents:
        if isinstance(document, Document) and isinstance(document.value, dict):
            for key in _LISTS:
                yield from _texts(document, key, document.value.get(key))


def _texts(document: Document, key: str, values: Any) -> Iterator[_Listed]:
    if isinstance(values, list):
        for number, one in enumerate(values):
            if isinstance(one, str):
                yield _Listed(one, *document.nearest((key, number)))


def _is_remote(text: str, folder: str) -> bool:
    if "\n" in text or os.path.exists(os.path.join(folder, text)):
        return False
    lower = text.lower()
    return lower.startswith(_REMOTE_STARTS) or any(sign in lower for sign in _REMOTE)


def _elsewhere(file: str, addresses: list[_Listed]) -> RenderError:
    names = tuple(one.text for one in addresses)
    said = f"{file} refers to what is not in the tree, and nothing is fetched: {', '.join(names)}"
    first = addresses[0]
    return wire.RenderError(said, file, first.line, first.column, wire.REMOTE, names)


def _inside(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def _outside(path: str) -> RenderError:
    name = path.replace(os.sep, "/")
    said = f"{name} leads out of the folder that is read; nothing outside of it was read"
    return wire.RenderError(said, name, kind=wire.ESCAPE)
