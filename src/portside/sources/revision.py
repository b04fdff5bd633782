"""The files of a commit: which are to be read, as `sources.walk` finds those of a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from portside.model.finding import IGNORED, NOT_KUBERNETES, UNREAD, FileFate, Unread
from portside.model.reading import ReadFile
from portside.records import NamedTuple
from portside.sources.anchor import below_anchor
from portside.sources.files import KUSTOMIZATIONS
from portside.sources.folders import CHART
from portside.sources.ignores import LARGEST, Globs, Ignores
from portside.sources.patterns import Patterns
from portside.sources.read import parsed, unreadable
from portside.sources.walk import STDIN, Found, is_read, named, settled

if TYPE_CHECKING:
    from portside.sources.blobs import Blobs
    from portside.sources.git import Repository
    from portside.syntax import Limits

_LINK, _MODULE = "120000", "160000"
_POINTER = b"version https://git-lfs.github.com/spec/"
_LONGEST_LINK = 4096
_MOST_LINKS = 16
SUBMODULE = "a submodule: its files are in a repository of their own"
POINTER = "a pointer of Git LFS: its content is not in the repository"


class Entry(NamedTuple):
    """What a commit has at a path: `mode` as git writes it, and the name of its content."""

    mode: str
    blob: str


class Past(NamedTuple):
    """A file to read as of a commit."""

    found: Found
    """What it is called; its `path` is where it would be on the disk."""
    path: str
    """Its path from the root of the repository."""
    target: str
    """The path of its content: another one where it is a symbolic link."""


class Module(NamedTuple):
    """A submodule: which commit it is at is all that is known of it here."""

    name: str
    path: str


Item = Past | Module | ReadFile


class Revision:
    """A commit and all that it holds."""

    __slots__ = ("_folders", "blobs", "commit", "entries", "repository")

    def __init__(self, repository: Repository, commit: str, blobs: Blobs) -> None:
        """Raises UsageError where git does not list the files."""
        self.repository = repository
        self.commit = commit
        self.blobs = blobs
        self.entries: dict[str, Entry] = dict(_listed(repository, commit))
        self._folders: dict[str, dict[str, str]] = {"": {}}
        """For each folder the names in it, each with its path, which ends in / for a folder."""
        for path in self.entries:
            self._put(path)

    def content(self, path: str, most: int) -> bytes:
        """The first bytes of the file at `path`. Raises OSError where there is none to be had."""
        entry = self.entries.get(path)
        if entry is None or entry.mode == _MODULE:
            raise OSError("there is no such file")
        return self.blobs.content(entry.blob, most)

    def is_module(self, path: str) -> bool:
        return path in self.entries and self.entries[path].mode == _MODULE

    def is_folder(self, path: str) -> bool:
        return path in self._folders

    def names(self, folder: str) -> dict[str, str]:
        """What stands in the folder at the path `folder`, by name."""
        return self._folders.get(folder, {})

    def read(self, past: Past, limits: Limits) -> ReadFile:
        """What the file holds; one that cannot be had is unread, with the reason."""
        try:
            data = self.content(past.target, limits.size + 1)
        except OSError as error:
            return unreadable(past.found, error)
        if is_pointer(data):
            return unread(past.found.name, POINTER)
        return parsed(data, past.found, limits)

    def target(self, path: str) -> str:
        """Where the symbolic links that begin at `path` lead; empty for out of here or nowhere."""
        for _ in range(_MOST_LINKS):
            entry = self.entries.get(path)
            if entry is None or entry.mode != _LINK:
                return path if entry is not None or path in self._folders else ""
            try:
                text = os.fsdecode(self.blobs.content(entry.blob, _LONGEST_LINK))
            except OSError:
                return ""
            path = os.path.normpath(os.path.join(os.path.dirname(path), text)).replace(os.sep, "/")
            if path == ".":
                return ""
        return ""

    def _put(self, path: str) -> None:
        folder, _, name = path.rpartition("/")
        known = self._folders.get(folder)
        if known is not None:
            known[name] = path
            return
        self._folders[folder] = {name: path}
        while folder:
            path = f"{folder}/"
            folder, _, name = folder.rpartition("/")
            listed = self._folders.setdefault(folder, {})
            if name in listed:
                return
            listed[name] = path


def has_charts(paths: Iterable[str]) -> bool:
    """Whether a chart, packed or not, or a kustomization is among the paths."""
    names = frozenset((CHART, *KUSTOMIZATIONS))
    return any(it.rpartition("/")[2] in names or it.endswith(".tgz") for it in paths)


def is_pointer(data: bytes) -> bool:
    """Whether Git LFS keeps the file of this content elsewhere (its specification, version 1)."""
    return data.startswith(_POINTER)


def unread(name: str, reason: str) -> ReadFile:
    """The answer for what cannot be read at all."""
    whole = Unread(what=name, reason=reason, file=name)
    return ReadFile(FileFate(name, UNREAD, 0, reason), unread=(whole,))


def _listed(repository: Repository, commit: str) -> Iterator[tuple[str, Entry]]:
    out = repository.ask("ls-tree", "-r", "-z", "--full-tree", commit)
    for line in out.decode("utf-8", "surrogateescape").split("\0"):
        head, _, path = line.partition("\t")
        if path:
            mode, _, blob = head.split(" ", 2)
            yield path, Entry(mode, blob)


def find_at(
    revision: Revision,
    roots: Sequence[str],
    selection: tuple[Sequence[Globs], Sequence[Globs]],
    home: str = "",
) -> Iterator[Item]:
    """Every file below `roots` as of the revision, in the order and with the names of a walk.

    `selection` is what is included and excluded, `home` the folder of `portside.yaml`. A root that
    was not there has no files; the rules of .gitignore are those of the revision. There may be no
    chart or kustomization (`has_charts`): what they are made of is looked up on the disk.
    """
    for root in roots:
        path = revision.repository.below(root)
        if path is None or root == STDIN:
            continue
        path = "" if path == "." else path
        if revision.is_folder(path):
            yield from _Walk(revision, root, path, selection, home).files()
        elif path in revision.entries:
            below = below_anchor(os.path.dirname(root) or ".", home)
            found = Found(root, named(root), True, below + os.path.basename(root))
            yield Past(found, path, revision.target(path))


def ignore_rules(revision: Revision) -> Callable[[str], Patterns | None]:
    """What reads a .gitignore as of the revision; git's own files are read from the disk."""

    def read(file: str) -> Patterns | None:
        path = revision.repository.below(file)
        entry = revision.entries.get(path or "")
        if entry is None or entry.mode in (_LINK, _MODULE):
            return None
        try:
            data = revision.blobs.content(entry.blob, LARGEST)
        except OSError:
            return None
        text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
        return Patterns(text.split("\n"))

    return read


class _Folder(NamedTuple):
    path: str
    """From the root of the repository; empty for that itself."""
    shown: str
    """As it would be opened."""
    below: str
    """From the root of the walk, with a slash at its end; empty for that itself."""


class _Walk:
    """A walk below one root."""

    __slots__ = ("_anchored", "_ignores", "_prefix", "_revision", "_root")

    def __init__(
        self,
        revision: Revision,
        root: str,
        path: str,
        selection: tuple[Sequence[Globs], Sequence[Globs]],
        home: str,
    ) -> None:
        self._revision = revision
        self._root = _Folder(path, root, "")
        self._prefix = f"{path}/" if path else ""
        self._anchored = below_anchor(root, home)
        self._ignores = Ignores(root, *selection, ignore_rules(revision))

    def files(self) -> Iterator[Item]:
        """The files folder by folder; without recursion, however deep the tree is."""
        open_folders = [self._inside(self._root)]
        while open_folders:
            item = next(open_folders[-1], None)
            if item is None:
                open_folders.pop()
            elif isinstance(item, _Folder):
                open_folders.append(self._inside(item))
            else:
                yield item

    def _inside(self, folder: _Folder) -> Iterator[Item | _Folder]:
        names = self._revision.names(folder.path)
        for name in sorted(names):
            yield self._entry(name, names[name], folder)

    def _entry(self, name: str, path: str, folder: _Folder) -> Item | _Folder:
        shown = os.path.join(folder.shown, name)
        below = folder.below + name
        target = path
        if not path.endswith("/") and self._revision.entries[path].mode == _LINK:
            target = self._revision.target(path)
            reason = self._why_not_followed(target)
            if reason:
                return settled(named(shown), IGNORED, reason)
        is_folder = path.endswith("/") or self._revision.is_module(path)
        reason = self._ignores(below, is_folder)
        if reason:
            return settled(f"{named(shown)}/" if is_folder else named(shown), IGNORED, reason)
        if path.endswith("/"):
            return _Folder(path[:-1], shown, f"{below}/")
        if is_folder:
            return Module(named(shown), path)
        found = Found(shown, named(shown), False, self._anchored + below)
        if is_read(name):
            return Past(found, path, target)
        return settled(found.name, NOT_KUBERNETES, "neither YAML nor JSON by its name")

    def _why_not_followed(self, target: str) -> str:
        if not target or not f"{target}/".startswith(self._prefix) or target.startswith("../"):
            return "a symbolic link that leads out of what is scanned, or nowhere"
        if self._revision.is_folder(target) or self._revision.is_module(target):
            return "a symbolic link to a folder: its files are read where they are"
        return ""
