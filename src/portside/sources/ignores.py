"""Which paths below a folder are left out: by .gitignore, by --exclude, and for ever."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from portside.records import NamedTuple
from portside.sources.patterns import Patterns

LARGEST = 1 << 20
_NEVER = frozenset((".git", ".hg", ".svn"))


class Globs(NamedTuple):
    """Patterns as .gitignore has them, relative to `folder`; empty: to what is scanned."""

    folder: str
    patterns: Sequence[str]
    reason: str = "excluded by --exclude or portside.yaml"
    """Why what they match is left out."""


class Ignores:
    """The ignore rules below `root`; asked with paths relative to it, folder by folder."""

    __slots__ = ("_read", "exclude", "include", "root", "rules")

    def __init__(
        self,
        root: str,
        include: Sequence[Globs] = (),
        exclude: Sequence[Globs] = (),
        read: Callable[[str], Patterns | None] | None = None,
    ) -> None:
        """`read` gives the patterns of a .gitignore: those on the disk, unless told otherwise."""
        self.root = root
        self._read = read or _read
        self.include = [_Matcher(globs, root, True) for globs in include if globs.patterns]
        self.exclude = [_Matcher(globs, root, False) for globs in exclude if globs.patterns]
        self.rules: dict[str, tuple[_Rules, ...]] = {
            "": (*_rules_above(root, self._read), *self._own(""))
        }
        """For each folder, the rules that have a say in it, the weakest first."""

    def __call__(self, path: str, folder: bool) -> str:
        """Why `path` is ignored, or the empty text."""
        if path.rpartition("/")[2] in _NEVER:
            return "a version control system's own folder"
        for it in self.exclude:
            if it.matches(path, folder):
                return it.reason
        if self.include and not folder and not any(it.matches(path, False) for it in self.include):
            return "not among what --include or portside.yaml names"
        return self._by_git(path, folder)

    def _by_git(self, path: str, folder: bool) -> str:
        """The last .gitignore that says something of `path` decides, from the outermost inwards."""
        for rules in reversed(self._of(path.rpartition("/")[0])):
            ignored = rules.patterns(rules.prefix + path[rules.below :], folder)
            if ignored is not None:
                return f"ignored by {rules.file}" if ignored else ""
        return ""

    def _of(self, folder: str) -> tuple[_Rules, ...]:
        known = self.rules.get(folder)
        if known is None:
            known = (*self._of(folder.rpartition("/")[0]), *self._own(folder))
            self.rules[folder] = known
        return known

    def _own(self, folder: str) -> list[_Rules]:
        """The rules that stand in `folder` itself, if any."""
        name = f"{folder}/.gitignore" if folder else ".gitignore"
        patterns = self._read(os.path.join(self.root, name))
        below = len(folder) + 1 if folder else 0
        return [] if patterns is None else [_Rules("", below, patterns, name)]


class _Rules(NamedTuple):
    """Patterns and how to ask them: with the path below the root, `below` letters of it left out
    and `prefix` before it.
    """

    prefix: str
    below: int
    patterns: Patterns
    file: str
    """Where they stand, for people."""


def _rules_above(root: str, read: Callable[[str], Patterns | None]) -> list[_Rules]:
    """The rules that the repository around `root` has for it, the weakest first.

    Rules that leave out the root itself are not asked: whoever names a folder wants it read.
    """
    folder, prefix, places = os.path.realpath(root), "", []
    while not os.path.exists(os.path.join(folder, ".git")):
        above, name = os.path.split(folder)
        if above == folder:
            return []
        folder, prefix = above, f"{name}/{prefix}"
        places.append((prefix, os.path.join(folder, ".gitignore")))
    places.append((prefix, os.path.join(folder, ".git", "info", "exclude")))
    found = []
    for before, file in reversed(places):
        patterns = read(file)
        if patterns is not None:
            found.append(_Rules(before, 0, patterns, os.path.relpath(file).replace(os.sep, "/")))
    if prefix and _leave_out(found, prefix.count("/")):
        return [it for it in found if not it.patterns.cover(it.prefix[:-1], True)]
    return found


def _leave_out(rules: Sequence[_Rules], depth: int) -> bool:
    """Whether `rules` ignore the root, which is `depth` folders below the first of them."""
    for level in range(1, depth + 1):
        for it in reversed(rules):
            steps = it.prefix.split("/")[:-1]
            path = "/".join(steps[: level - depth + len(steps)])
            ignored = it.patterns(path, True) if path else None
            if ignored is not None:
                if ignored:
                    return True
                break
    return False


class _Matcher:
    """Patterns asked with paths relative to the root of a scan.

    `outside` is what is said of a path that is not below the patterns' folder.
    """

    __slots__ = ("_above", "_below", "_outside", "_patterns", "reason")

    def __init__(self, globs: Globs, root: str, outside: bool) -> None:
        self.reason = globs.reason
        self._patterns = Patterns(globs.patterns)
        self._outside = outside
        self._above: str | None = ""
        self._below: str | None = ""
        here = os.path.realpath(root)
        home = os.path.realpath(globs.folder) if globs.folder else here
        if here != home:
            self._above, self._below = _steps(home, here), _steps(here, home)

    def matches(self, path: str, folder: bool) -> bool:
        """Whether a pattern is about `path` or a folder above it."""
        if self._above is not None:
            return self._patterns.cover(self._above + path, folder)
        if self._below is None or not path.startswith(self._below):
            return self._outside
        return self._patterns.cover(path[len(self._below) :], folder)


def _steps(folder: str, below: str) -> str | None:
    """The path from `folder` to `below`, with a slash at its end; None where that is not below."""
    above = folder.rstrip(os.sep) + os.sep
    if not below.startswith(above):
        return None
    return below[len(above) :].replace(os.sep, "/") + "/"


def ignores_of(include: Sequence[Globs], exclude: Sequence[Globs]) -> Callable[[str], Ignores]:
    """What makes the ignore rules of each root."""
    return lambda root: Ignores(root, include, exclude)


def _read(path: str) -> Patterns | None:
    """The patterns in the file at `path`; None where there is none to be read."""
    if not os.path.isfile(path):
        return None
    try:
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            return Patterns(file.read(LARGEST).split("\n"))
    except OSError:
        return None
