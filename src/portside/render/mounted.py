"""Vendored content beside a tree: its files by names that no file of the tree can have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from posixpath import normpath
from types import MappingProxyType
from typing import TYPE_CHECKING

from portside.render.tree import Tree
from portside.vendor.address import plain

if TYPE_CHECKING:
    from portside.render.wire import Remote
    from portside.syntax import Broken, Document

_MARK = "\0"
_UNCLONED = "notCloned/"
"""What Kustomize calls the folder of a repository, in the origins of what stands at its top."""
_SLASHES = re.compile(r"/+")


class Mounted(Tree):
    """A tree, and below `\\0N/` what the remote N is: a folder, or the one file `content`."""

    __slots__ = ("_remotes", "_trees")

    def __init__(
        self, root: str, remotes: Sequence[Remote], files: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        super().__init__(root, files)
        self._remotes = remotes
        self._trees: dict[int, Tree] = {}

    def documents(self, file: str) -> list[Document | Broken] | None:
        """The YAML documents of a file of the tree, or of vendored content."""
        number, path = _parted(file)
        if number < 0:
            return super().documents(file)
        remote = self._remotes[number]
        if number not in self._trees:
            head, _, _ = remote.path.rpartition("/")
            self._trees[number] = Tree(remote.path if remote.kind == "git" else head)
        return self._trees[number].documents(path)

    def remote(self, file: str) -> Remote | None:
        """The remote that a file of vendored content is of; None for one of the tree."""
        number, _ = _parted(file)
        return self._remotes[number] if number >= 0 else None

    def called(self, file: str) -> str:
        """What people call a file of vendored content: `ADDRESS//PATH`."""
        number, path = _parted(file)
        remote = self._remotes[number]
        return f"{remote.called}//{path}" if remote.kind == "git" else remote.called

    def of_origin(self, repository: str, revision: str, path: str) -> str:
        """The file that an annotation of Kustomize tells of; empty where it is of the tree."""
        for number, it in enumerate(self._remotes):
            # A file that a repository refers to is told of as if it lay in that.
            if it.kind == "file" and _is_of(it.url, f"{repository}/{path}"):
                return f"{_MARK}{number}/{it.path.rpartition('/')[2]}"
        for number, it in enumerate(self._remotes):
            same = it.kind == "git" and it.version == revision
            if same and repository and plain(it.url) == plain(repository):
                return f"{_MARK}{number}/{normpath(path).removeprefix(_UNCLONED)}"
        return ""


def _parted(file: str) -> tuple[int, str]:
    """The number of a remote, -1 for none, and the path below it."""
    if not file.startswith(_MARK):
        return -1, file
    number, _, path = file[1:].partition("/")
    return int(number), path


def _is_of(url: str, told: str) -> bool:
    """Whether Kustomize, which cleans addresses as if they were paths, tells of this one."""
    wanted, found = (_SLASHES.sub("/", it) for it in (url, told))
    return found.endswith((wanted, wanted.partition("?")[0]))
