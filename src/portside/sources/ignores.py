"""Which paths below a folder are left out: by .gitignore, by --exclude, and for ever."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_NEVER = frozenset((".git", ".hg", ".svn"))


class Globs(NamedTuple):
    """Patterns as .gitignore has them, relative to `folder`; empty: to what is scanned."""

    folder: str
    patterns: Sequence[str]


class Ignores:
    """The ignore rules below `root`; asked with paths relative to it, folder by folder."""

    __slots__ = ("exclude", "include", "root", "specs")

    def __init__(
        self, root: str, include: Sequence[Globs] = (), exclude: Sequence[Globs] = ()
    ) -> None:
        self.root = root
        self.include = [_Matcher(globs, root, True) for globs in include if globs.patterns]
        self.exclude = [_Matcher(globs, root, False) for globs in exclude if globs.patterns]
        self.specs: dict[str, GitIgnoreSpec | None] = {}

    def __call__(self, path: str, folder: bool) -> str:
        """Why `path` is ignored, or the empty text."""
        if path.rpartition("/")[2] in _NEVER:
            return "a version control system's own folder"
        asked = f"{path}/" if folder else path
        if any(it.matches(asked) for it in self.exclude):
            return "excluded by --exclude or portside.yaml"
        if self.include and not folder and not any(it.matches(asked) for it in self.include):
            return "not among what --include or portside.yaml names"
        return self._by_git(path, asked)

    def _by_git(self, path: str, asked: str) -> str:
        """The last .gitignore that says something of `path` decides, from the root inwards."""
        verdict = ""
        parts = path.split("/")[:-1]
        for depth in range(len(parts) + 1):
            above = "/".join(parts[:depth])
            spec = self._spec_of(above)
            if spec is None:
                continue
            result = spec.check_file(asked[len(above) + 1 :] if above else asked)
            if result.include is not None:
                verdict = f"{above}/.gitignore" if above else ".gitignore"
                verdict = f"ignored by {verdict}" if result.include else ""
        return verdict

    def _spec_of(self, folder: str) -> GitIgnoreSpec | None:
        if folder not in self.specs:
            path = os.path.join(self.root, folder, ".gitignore")
            self.specs[folder] = _read_spec(path) if os.path.isfile(path) else None
        return self.specs[folder]


class _Matcher:
    """Patterns asked with paths relative to the root of a scan.

    `outside` is what is said of a path that is not below the patterns' folder.
    """

    __slots__ = ("_above", "_below", "_outside", "_spec")

    def __init__(self, globs: Globs, root: str, outside: bool) -> None:
        self._spec = _spec(globs.patterns)
        self._outside = outside
        self._above: str | None = ""
        self._below: str | None = ""
        here = os.path.realpath(root)
        home = os.path.realpath(globs.folder) if globs.folder else here
        if here != home:
            self._above, self._below = _steps(home, here), _steps(here, home)

    def matches(self, path: str) -> bool:
        """Whether a pattern is about `path`."""
        if self._above is not None:
            return self._spec.match_file(self._above + path)
        if self._below is None or not path.startswith(self._below):
            return self._outside
        return self._spec.match_file(path[len(self._below) :])


def _steps(folder: str, below: str) -> str | None:
    """The path from `folder` to `below`, with a slash at its end; None where that is not below."""
    above = folder.rstrip(os.sep) + os.sep
    if not below.startswith(above):
        return None
    return below[len(above) :].replace(os.sep, "/") + "/"


def ignores_of(include: Sequence[Globs], exclude: Sequence[Globs]) -> Callable[[str], Ignores]:
    """What makes the ignore rules of each root."""
    return lambda root: Ignores(root, include, exclude)


def _spec(patterns: Sequence[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns)


def _read_spec(path: str) -> GitIgnoreSpec | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return _spec(file.read(1 << 20).splitlines())
    except (OSError, ValueError):
        return None
