"""The files of both sides of a comparison, and what is said of them, each said once.

A file that git calls the same on both sides is judged once: its results count for both.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, chdir, nullcontext
from typing import TYPE_CHECKING

from portside.model.finding import IGNORED, Unread
from portside.model.reading import ReadFile
from portside.model.resource import escaped
from portside.records import NamedTuple
from portside.sources.ignores import ignores_of
from portside.sources.read import content, read_file
from portside.sources.revision import (
    POINTER,
    SUBMODULE,
    Module,
    Past,
    Revision,
    find_at,
    is_pointer,
    unread,
)
from portside.sources.walk import Found, find, is_read

if TYPE_CHECKING:
    import argparse

    from portside.cli.config import Config
    from portside.model.finding import FileResult
    from portside.model.resource import Resource
    from portside.sources.git import Repository
    from portside.sources.ignores import Globs, Ignores
    from portside.syntax import Limits

    Item = Found | ReadFile

_LARGEST_POINTER = 1024


class Hidden(NamedTuple):
    """A file that is there on both sides, and read on the old one only."""

    file: str
    identity: str
    reason: str


class Stands(NamedTuple):
    """Where sides were written to the disk, and which files of theirs could not be."""

    before: str = ""
    """The folder of the old side that is called the same as the current one; empty where it was
    not written."""
    root: str = ""
    """The folder that stands for the repository's root on the old side."""
    missing_before: tuple[str, ...] = ()
    missing_after: tuple[str, ...] = ()
    written: Mapping[str, str] = {}
    """The folders that stand for the repository's root, each with the folder that it is."""

    def called(self, results: Sequence[FileResult]) -> list[FileResult]:
        """`results`, in which nothing is said of folders that are soon gone."""
        return [self._called(it) if it.unread else it for it in results]

    def _called(self, result: FileResult) -> FileResult:
        unread = tuple(it._replace(reason=self._plain(it.reason)) for it in result.unread)
        fate = result.fate._replace(reason=self._plain(result.fate.reason))
        return result._replace(fate=fate, unread=unread)

    def _plain(self, said: str) -> str:
        for written, real in self.written.items():
            said = said.replace(written, real)
        return said


NOWHERE = Stands()
NOT_WRITTEN = "this clone does not hold its content, or it is too large to be looked at"


class Touched(NamedTuple):
    """What git says of the two sides."""

    paths: frozenset[str]
    """Every path that is not the same, by its name on either side."""
    renamed: Mapping[str, str]
    """Old names of files that have another one now."""

    @classmethod
    def of(cls, changed: Mapping[str, str]) -> Touched:
        """From new names with the old ones, as `Repository.changed` gives them."""
        renamed = {then: now for now, then in changed.items() if then != now}
        return cls(frozenset((*changed, *changed.values())), renamed)

    @property
    def identities(self) -> dict[str, str]:
        """`renamed` as files are called in identities."""
        return {escaped(then): escaped(now) for then, now in self.renamed.items()}


class Sides:
    """The files of both sides. Their number in `before` leads by `same` to that in `after`."""

    def __init__(
        self,
        options: argparse.Namespace,
        config: Config,
        revision: Revision,
        touched: Touched,
        stands: Stands = NOWHERE,
    ) -> None:
        """The new side is what stands in the current folder.

        Raises SourceError for a path that is on neither side.
        """
        self.limits: Limits = config.limits
        self.revision = revision
        self.touched = touched
        self.after: list[Item] = []
        self.before: list[Item | Past] = []
        self.same: dict[int, int] = {}
        self.hidden: list[Hidden] = []
        self._here = revision.repository
        self._stands = stands
        self._modules = self._changed_modules()
        self._at: dict[str, int] = {}
        """The numbers of files of the new side by their paths from the root."""
        self._ignored: dict[str, str] = {}
        roots = options.paths or ["."]
        self._find(roots, options, config)
        if stands.before:
            self._find_written(roots, options, config)
        else:
            self._find_before(roots, config.selection(options), config.folder)

    @property
    def written(self) -> bool:
        """Whether the old side stands on the disk: then what it installs can be rendered."""
        return bool(self._stands.before)

    @property
    def here(self) -> Repository:
        """Where the new side stands."""
        return self._here

    @property
    def root_before(self) -> str:
        """The folder that stands for the repository's root on the old side, where it is written."""
        return self._stands.root

    def there(self) -> AbstractContextManager[None]:
        """Go where the old side stands, if it is written."""
        return chdir(self._stands.before) if self.written else nullcontext()

    def items_before(self) -> list[Item]:
        """The files of the old side, to be read where it stands, or read."""
        return [self.item_before(at) for at in range(len(self.before))]

    def item_before(self, at: int) -> Item:
        """One of those files."""
        return self.after[self.same[at]] if at in self.same else self._item(self.before[at])

    def as_read(self, item: Item) -> Item:
        """A file of the new side; one that Git LFS keeps elsewhere is unread."""
        pointer = isinstance(item, Found) and _points(item)
        return unread(item.name, POINTER) if pointer else item  # type: ignore[union-attr]

    def _item(self, it: Item | Past) -> Item:
        """A file of the old side that is not the same. Read anew each time, where it is not
        written: what judges an object gives it its judged form."""
        if not isinstance(it, Past):
            return it
        if not self.written:
            return self.revision.read(it, self.limits)
        with self.there():
            return self.as_read(it.found)

    def differing(self) -> tuple[list[Resource], list[Resource]]:
        """The objects as written of the files that are not the same."""
        kept = set(self.same.values())
        hidden = {it.identity for it in self.hidden}
        own = [it for at, it in enumerate(self.before) if at not in self.same]
        before = [
            resource
            for it in own
            for resource in self._read_one(it).resources
            if resource.identity_file not in hidden
        ]
        after = [
            resource
            for at, item in enumerate(self.after)
            if at not in kept and isinstance(item, Found)
            for resource in read_file(item, self.limits).resources
        ]
        return before, after

    def _read_one(self, it: Item | Past) -> ReadFile:
        item = self._item(it)
        if isinstance(item, ReadFile):
            return item
        with self.there():
            return read_file(item, self.limits)

    def _changed_modules(self) -> frozenset[str]:
        """The submodules that are at another commit, or have changes of their own."""
        root = self._here.root
        return frozenset(
            it
            for it in self.touched.paths
            if not it.endswith("/")
            if self.revision.is_module(it) or os.path.isdir(os.path.join(root, it))
        )

    def _find(self, roots: Sequence[str], options: argparse.Namespace, config: Config) -> None:
        ignores = ignores_of(*config.selection(options))
        for root in roots:
            if not os.path.lexists(root) and self._was_there(root):
                continue
            prefix = self._here.below(root) or ""
            for item, path in _walked(root, prefix, ignores, config.folder):
                self._add(item, item.name if isinstance(item, Found) else item.fate.file, path)
            for path in self._stands.missing_after:
                if _holds(prefix, path) and is_read(path.rpartition("/")[2]):
                    self.after.append(unread(self._name(path), NOT_WRITTEN))

    def _was_there(self, root: str) -> bool:
        path = self._here.below(root) or ""
        return self.revision.is_folder(path) or path in self.revision.entries

    def _add(self, item: Item, name: str, path: str) -> None:
        module = next((it for it in self._modules if _holds(it, path)), None)
        if module is not None:
            if module not in self._ignored:
                self._ignored[module] = ""
                shown = name[: len(name) - len(path) + len(module)]
                self.after.append(unread(f"{shown}/", SUBMODULE))
            return
        if isinstance(item, Found):
            self._at[path] = len(self.after)
        elif item.fate.fate == IGNORED:
            self._ignored[path.rstrip("/")] = item.fate.reason
        self.after.append(item)

    def _find_before(
        self, roots: Sequence[str], selection: tuple[Sequence[Globs], Sequence[Globs]], home: str
    ) -> None:
        for item in find_at(self.revision, roots, selection, home):
            if isinstance(item, Module):
                self._add_module(item)
            elif isinstance(item, Past):
                self._add_past(item)
            else:
                self.before.append(item)

    def _find_written(
        self, roots: Sequence[str], options: argparse.Namespace, config: Config
    ) -> None:
        """The files of an old side that was written to the disk, as charts need it."""
        prefixes = [self._here.below(it) or "" for it in roots]
        ignores = ignores_of(*config.selection(options))
        walked: list[tuple[Item, str]] = []
        with chdir(self._stands.before):
            for root, prefix in zip(roots, prefixes, strict=True):
                if os.path.lexists(root):
                    walked += _walked(root, prefix, ignores, config.folder)
        for item, path in walked:
            if isinstance(item, Found):
                self._add_past(Past(item, path, self.revision.target(path)))
            else:
                self.before.append(item)
        for path in self._stands.missing_before:
            if any(_holds(prefix, path) for prefix in prefixes):
                self._add_missing(path)

    def _add_missing(self, path: str) -> None:
        """A file of the old side that could not be written to the disk."""
        if self.revision.is_module(path):
            self._add_module(Module(self._name(path), path))
        elif path in self._at and path not in self.touched.paths:
            self.same[len(self.before)] = self._at[path]
            self.before.append(self.after[self._at[path]])
        elif is_read(path.rpartition("/")[2]):
            self.before.append(unread(self._name(path), NOT_WRITTEN))

    def _name(self, path: str) -> str:
        """What the file at `path` from the root is called from here."""
        return os.path.relpath(os.path.join(self._here.root, path)).replace(os.sep, "/")

    def _add_module(self, module: Module) -> None:
        if module.path in self._modules:
            self.before.append(unread(f"{module.name}/", SUBMODULE))
            return
        for path, at in self._at.items():
            if _holds(module.path, path):
                self.same[len(self.before)] = at
                self.before.append(self.after[at])

    def _add_past(self, past: Past) -> None:
        at = self._at.get(past.path)
        paths = {past.path, past.target}
        same = paths.isdisjoint(self.touched.paths)
        if at is not None and self._is_known(past, at) and (same or self._is_equal(past, at)):
            self.same[len(self.before)] = at
            self.before.append(self.after[at])
            return
        if at is None and self._is_here(past.path):
            self._note_hidden(past)
        elif at is None and same:
            return  # a sparse checkout: it is on neither side
        self.before.append(past)

    def _is_here(self, path: str) -> bool:
        return os.path.lexists(os.path.join(self._here.root, path))

    def _is_known(self, past: Past, at: int) -> bool:
        """Whether the chart or kustomization around the file tells the same of it."""
        item, known = self.after[at], past.found.known
        if not isinstance(item, Found) or item.known != known:
            return False
        folder = past.path.rpartition("/")[0]
        return self.touched.paths.isdisjoint(_joined(folder, it) for it in known.names)

    def _is_equal(self, past: Past, at: int) -> bool:
        """Whether the bytes are the same: its mode changed, or an editor only touched it."""
        item = self.after[at]
        try:
            most = self.limits.size + 1
            return isinstance(item, Found) and (
                content(item, self.limits) == self.revision.content(past.target, most)
            )
        except OSError:
            return False

    def _note_hidden(self, past: Past) -> None:
        folder = past.path
        while folder and folder not in self._ignored:
            folder = folder.rpartition("/")[0]
        reason = self._ignored.get(folder, "")
        if reason:
            self.hidden.append(Hidden(past.found.name, past.found.identity, reason))


def _walked(
    root: str, prefix: str, ignores: Callable[[str], Ignores], home: str
) -> Iterator[tuple[Item, str]]:
    """The files below `root`, whose path is `prefix`, each with its own from the root of all."""
    cut = len(os.path.normpath(root)) + 1 if os.path.normpath(root) != "." else 0
    given = not os.path.isdir(root)
    for item in find([root], ignores, home):
        name = item.name if isinstance(item, Found) else item.fate.file
        yield item, prefix if given else _joined(prefix, name[cut:])


def told_once(before: Sequence[FileResult], after: Sequence[FileResult]) -> list[Unread]:
    """What is unread on the old side, without what is unread on the new one for the same reason."""
    known = {(it.file, it.reason) for result in after for it in result.unread}
    listed: Iterator[Unread] = (it for result in before for it in result.unread)
    return [it for it in listed if (it.file, it.reason) not in known]


def _points(item: Found) -> bool:
    """Whether the file is a pointer of Git LFS."""
    try:
        if os.path.getsize(item.path) > _LARGEST_POINTER:
            return False
        with open(item.path, "rb") as file:
            return is_pointer(file.read(_LARGEST_POINTER))
    except OSError:
        return False


def _holds(folder: str, path: str) -> bool:
    return folder in ("", ".", path) or path.startswith(f"{folder}/")


def _joined(prefix: str, rest: str) -> str:
    return f"{prefix}/{rest}" if prefix not in ("", ".") else rest
