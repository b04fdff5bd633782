"""Where the sources of Argo CD and Flux are: this repository, a given checkout, or nowhere."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from posixpath import basename, join, normpath

from portside.render.tree import Tree, leaves

_SCP = re.compile(r"(?:[^@/\s]+@)?([^:/\s]+):(?!//)(.+)")
_LARGEST_CONFIG = 1 << 20


class Sources:
    """The trees that sources lead to. `given` are folders by address or name (`--source`)."""

    __slots__ = ("_given", "_trees", "remotes", "tree")

    def __init__(self, tree: Tree, given: Mapping[str, str] | None = None) -> None:
        self.tree = tree
        self.remotes = frozenset(map(plain, remotes(tree.root)))
        """The addresses of this repository, as its configuration has them."""
        self._given = {plain(name): folder for name, folder in (given or {}).items()}
        self._trees: dict[str, Tree] = {}

    def find(self, address: str, path: str = "", *names: str) -> Tree | None:
        """The tree of the repository at `address`; None where it is not here.

        `names` are other names of the source. It is this repository if one of its remotes says so;
        or, where none does, if its name is that of a remote (a fork), or there is no remote at all,
        and `path` is something in it.
        """
        for name in (address, *names):
            folder = self._given.get(plain(name))
            if folder is not None:
                return self._tree(folder)
        told = plain(address)
        if told in self.remotes:
            return self.tree
        below = normpath(path.lstrip("/")) if path.strip("/") else "."
        if below == "." or leaves(below) or not self.tree.holds(below):
            return None
        forked = basename(told) in {basename(it) for it in self.remotes}
        return self.tree if forked or not self.remotes else None

    def chart(self, repository: str, name: str, version: str) -> tuple[Tree, str] | None:
        """A chart of a chart repository or registry that is given: its tree and its path in it.

        The folder that is given for the repository, for the chart's address or for its name is the
        chart itself or holds it, in a folder or as a packed chart.
        """
        whole = f"{repository.rstrip('/')}/{name}"
        for key in (whole, repository, name):
            folder = self._given.get(plain(key))
            if folder is None:
                continue
            tree = self._tree(folder)
            for path in (".", f"{name}-{version}", name, f"{name}-{version}.tgz", f"{name}.tgz"):
                if tree.is_file(join(path, "Chart.yaml")) or (
                    path.endswith(".tgz") and tree.is_file(path)
                ):
                    return tree, path
        return None

    def _tree(self, folder: str) -> Tree:
        """The tree of a folder that is given, which may be this repository."""
        if folder not in self._trees:
            here = os.path.realpath(folder) == self.tree.real
            self._trees[folder] = self.tree if here else Tree(folder)
        return self._trees[folder]


def plain(address: str) -> str:
    """An address without what two spellings of one repository differ in.

    `https://user@Host/a/b.git/`, `ssh://git@host:22/a/b` and `git@host:a/b` are all `host/a/b`.
    """
    text = address.strip().lower()
    scheme, separator, rest = text.partition("://")
    if not separator:
        found = _SCP.fullmatch(text)
        rest = f"{found[1]}/{found[2]}" if found else text
    elif scheme == "file":
        rest = rest.lstrip("/")
    host, slash, path = rest.partition("/")
    host = host.rpartition("@")[2].partition(":")[0]
    return f"{host}{slash}{path}".rstrip("/").removesuffix(".git").rstrip("/")


def remotes(folder: str) -> list[str]:
    """The addresses of the remotes of the repository around `folder`, read without running git."""
    config = _config(os.path.realpath(folder))
    if not config:
        return []
    try:
        with open(config, encoding="utf-8", errors="replace") as file:
            text = file.read(_LARGEST_CONFIG)
    except OSError:
        return []
    return list(_urls(text))


def _config(folder: str) -> str:
    """The configuration of the repository around `folder`; empty where there is none."""
    while True:
        place = os.path.join(folder, ".git")
        if os.path.isdir(place):
            return os.path.join(place, "config")
        if os.path.isfile(place):
            return _config_of_worktree(place)
        above = os.path.dirname(folder)
        if above == folder:
            return ""
        folder = above


def _config_of_worktree(place: str) -> str:
    """The configuration where `.git` is a file, of a worktree or a submodule."""
    try:
        with open(place, encoding="utf-8", errors="replace") as file:
            told = file.read(4096).strip()
        folder = os.path.join(os.path.dirname(place), told.removeprefix("gitdir:").strip())
        common = os.path.join(folder, "commondir")
        if os.path.isfile(common):
            with open(common, encoding="utf-8", errors="replace") as file:
                folder = os.path.join(folder, file.read(4096).strip())
    except OSError:
        return ""
    return os.path.join(folder, "config")


def _urls(text: str) -> Iterator[str]:
    in_remote = False
    for line in text.splitlines():
        said = line.strip()
        if said.startswith("["):
            in_remote = said.lower().startswith("[remote ")
        elif in_remote:
            key, _, value = said.partition("=")
            if key.strip().lower() in ("url", "pushurl"):
                yield value.strip().strip('"')
