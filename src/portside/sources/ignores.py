"""Which paths below a folder are left out: .gitignore files, --exclude, and what is never scanned."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_NEVER = frozenset((".git", ".hg", ".svn"))


class Ignores:
    """The ignore rules below `root`; asked with paths relative to it, folder by folder."""

    __slots__ = ("exclude", "include", "root", "specs")

    def __init__(self, root: str, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> None:
        self.root = root
        self.include = _spec(include) if include else None
        self.exclude = _spec(exclude) if exclude else None
        self.specs: dict[str, GitIgnoreSpec | None] = {}

    def __call__(self, path: str, folder: bool) -> str:
        """Why `path` is ignored, or the empty text."""
        if path.rpartition("/")[2] in _NEVER:
            return "a version control system's own folder"
        asked = f"{path}/" if folder else path
        if self.exclude is not None and self.exclude.match_file(asked):
            return "excluded by --exclude or portside.yaml"
        if self.include is not None and not folder and not self.include.match_file(asked):
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


def ignores_of(include: Sequence[str], exclude: Sequence[str]) -> Callable[[str], Ignores]:
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
