"""The files below a folder, out of which nothing is read: neither by `..` nor by a link."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from posixpath import join, normpath
from types import MappingProxyType
from typing import Any

from portside.sources.files import KUSTOMIZATIONS
from portside.syntax import Broken, Document, Limits, TooLargeError, read

_LARGEST = 4 << 20
_LIMITS = Limits(size=_LARGEST, documents=1_000)
MOST_FOLDERS = 50_000
"""Folders that are listed of one tree before the rest of it is left alone."""


class Tree:
    """What stands below `root`. A path below it is written with `/`; "." is the folder itself."""

    __slots__ = ("_documents", "_listings", "_texts", "cut", "real", "root")

    def __init__(self, root: str, texts: Mapping[str, str] = MappingProxyType({})) -> None:
        """`texts` are what files hold, by their paths below it, in place of what the disk has."""
        self.root = root
        self._texts = texts
        self.real = os.path.realpath(root)
        self.cut = False
        """Whether it has more folders than are listed."""
        self._listings: dict[str, dict[str, bool]] = {}
        self._documents: dict[str, list[Document | Broken] | None] = {}

    def path(self, below: str) -> str:
        """The path to open `below` by."""
        return os.path.normpath(os.path.join(self.root, below))

    def below(self, path: str) -> str | None:
        """Where `path`, as people call it, stands below the root; None where it does not."""
        found = os.path.relpath(os.path.abspath(path), os.path.abspath(self.root))
        found = found.replace(os.sep, "/")
        return None if leaves(found) else found

    def holds(self, below: str) -> bool:
        """Whether there is something at `below`, and it lies in the root, links resolved."""
        if leaves(below) or "\0" in below:
            return False
        real = os.path.realpath(self.path(below))
        inside = real == self.real or real.startswith(self.real.rstrip(os.sep) + os.sep)
        return inside and os.path.exists(real)

    def is_file(self, below: str) -> bool:
        return self.holds(below) and os.path.isfile(self.path(below))

    def is_folder(self, below: str) -> bool:
        return self.holds(below) and os.path.isdir(self.path(below))

    def names(self, folder: str) -> dict[str, bool]:
        """What stands in `folder`, in order: whether it is a folder, by its name.

        Links out of the root and what is neither file nor folder are left out.
        """
        folder = normpath(folder)
        if folder not in self._listings:
            self._listings[folder] = dict(sorted(self._listed(folder)))
        return self._listings[folder]

    def _listed(self, folder: str) -> Iterator[tuple[str, bool]]:
        if not self.is_folder(folder):
            return
        try:
            with os.scandir(self.path(folder)) as listing:
                entries = list(listing)
        except OSError:
            return
        for entry in entries:
            below = normpath(join(folder, entry.name))
            if entry.is_symlink() and not self.holds(below):
                continue
            is_folder = entry.is_dir()
            if is_folder or entry.is_file():
                yield entry.name, is_folder

    def files_in(self, folder: str) -> list[str]:
        """The paths of the files that stand in `folder` itself."""
        names = self.names(folder).items()
        return [normpath(join(folder, name)) for name, is_folder in names if not is_folder]

    def folders_in(self, folder: str) -> list[str]:
        """The paths of the folders that stand in `folder` itself."""
        names = self.names(folder).items()
        return [normpath(join(folder, name)) for name, is_folder in names if is_folder]

    def folders(self, folder: str = ".") -> Iterator[str]:
        """`folder` and all folders below it, in order; links are not followed, nor `.git` entered.

        `cut` becomes true where there are more than are listed.
        """
        open_folders, count = [normpath(folder)], 0
        while open_folders:
            one = open_folders.pop()
            count += 1
            if count > MOST_FOLDERS:
                self.cut = True
                return
            yield one
            inside = (it for it in self.folders_in(one) if it.rpartition("/")[2] != ".git")
            open_folders += sorted(
                (it for it in inside if not os.path.islink(self.path(it))), reverse=True
            )

    def data(self, file: str) -> bytes | None:
        """The bytes of a file; None where it is none, cannot be read or is larger than 4 MiB."""
        text = self._texts.get(normpath(file))
        if text is not None:
            return text.encode("utf-8", "surrogateescape")
        if not self.is_file(file):
            return None
        try:
            with open(self.path(file), "rb") as opened:
                found = opened.read(_LARGEST + 1)
        except OSError:
            return None
        return found if len(found) <= _LARGEST else None

    def kustomization(self, folder: str) -> str:
        """The file of the kustomization that `folder` is; empty where it is none."""
        names = self.names(folder)
        here = (normpath(join(folder, it)) for it in KUSTOMIZATIONS if names.get(it) is False)
        return next(here, "")

    def documents(self, file: str) -> list[Document | Broken] | None:
        """The YAML documents of a file; None where it cannot be read."""
        file = normpath(file)
        if file not in self._documents:
            data = self.data(file)
            self._documents[file] = None if data is None else _documents(data)
        return self._documents[file]

    def map_in(self, file: str) -> dict[str, Any] | None:
        """The first document of a file, if it is a map; an empty one where there is no content."""
        documents = self.documents(file)
        if documents is None or any(isinstance(it, Broken) for it in documents):
            return None
        values = [it.value for it in documents if isinstance(it, Document) and it.value is not None]
        if not values:
            return {}
        return values[0] if type(values[0]) is dict else None


def leaves(below: str) -> bool:
    """Whether the path leads out of the folder that it is relative to."""
    if below.startswith("/"):
        return True
    return normpath(below).partition("/")[0] == ".."


def _documents(data: bytes) -> list[Document | Broken]:
    try:
        return list(read(data, _LIMITS))
    except TooLargeError as error:
        return [Broken(1, 1, str(error))]
