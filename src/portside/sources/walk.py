"""Which files are to be read, in a fixed order, and what becomes of those that are not."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from portside.errors import SourceError
from portside.model.finding import IGNORED, NOT_KUBERNETES, UNREAD, FileFate, Unread
from portside.model.reading import ReadFile
from portside.sources.anchor import below_anchor
from portside.sources.folders import Chart, Kustomization, recognise

SUFFIXES = (".yaml", ".yml", ".json")
STDIN = "-"
Ignores = Callable[[str, bool], str]
"""Asked with a path below the root and whether it is a folder: why to ignore it, or nothing."""


class Found(NamedTuple):
    """A file to read: `path` to open it by, `name` to call it by, `identity` in identities."""

    path: str
    name: str
    given: bool
    """Whether it was named itself, and so is read whatever its name."""
    identity: str = ""


def find(
    roots: Sequence[str], ignores: Callable[[str], Ignores], home: str = ""
) -> Iterator[Found | ReadFile]:
    """Every file below `roots`, sorted; a `ReadFile` for each whose fate needs no reading.

    `ignores` makes the ignore rules of a root, `home` is the folder of `portside.yaml`. Raises
    SourceError for a root that does not exist.
    """
    for root in roots:
        if root == STDIN:
            yield Found(root, "<stdin>", given=True)
            continue
        try:
            mode = os.stat(root).st_mode
        except OSError as error:
            reason = error.strerror or str(error)
            raise SourceError(f"cannot be opened: {reason}", where=root) from error
        if stat.S_ISDIR(mode):
            yield from _folder(root, "", _Tree(root, ignores(root), below_anchor(root, home)))
        else:
            below = below_anchor(os.path.dirname(root) or ".", home)
            yield Found(root, _name(root), True, below + os.path.basename(root))


class _Tree:
    """What a walk below one root knows: the ignore rules, and where the root is in identities."""

    __slots__ = ("anchored", "ignores", "real", "root")

    def __init__(self, root: str, ignores: Ignores, anchored: str) -> None:
        self.root = root
        self.anchored = anchored
        self.real = os.path.realpath(root)
        self.ignores = ignores


def _name(path: str) -> str:
    name = os.path.normpath(path).replace(os.sep, "/")
    return name


def _folder(
    path: str, below: str, tree: _Tree, around: Chart | Kustomization | None = None
) -> Iterator[Found | ReadFile]:
    """The files of the folder `path`, which is `below` the root (with a slash at its end)."""
    try:
        with os.scandir(path) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        yield _unread(_name(path), f"the folder cannot be listed: {error.strerror}")
        return
    around = recognise(path, [entry.name for entry in entries], around)
    if isinstance(around, Chart | Kustomization) and around.folder == path:
        yield around.unread(_name(path))
    for entry in entries:
        yield from _entry(entry, below, tree, around)


def _entry(
    entry: os.DirEntry[str], below: str, tree: _Tree, around: Chart | Kustomization | None
) -> Iterator[Found | ReadFile]:
    name = _name(entry.path)
    if entry.is_symlink() and not _stays_inside(entry, tree):
        yield settled(
            name, IGNORED, "a symbolic link that leads out of what is scanned, or nowhere"
        )
        return
    folder = entry.is_dir()
    if folder and entry.is_symlink():
        yield settled(
            name, IGNORED, "a symbolic link to a folder: its files are read where they are"
        )
        return
    reason = tree.ignores(below + entry.name, folder)
    if reason:
        yield settled(f"{name}/" if folder else name, IGNORED, reason)
    elif folder:
        yield from _folder(entry.path, f"{below}{entry.name}/", tree, around)
    elif not entry.is_file():
        yield settled(name, IGNORED, "neither a file nor a folder")
    elif around is None or entry.path != around.file:
        yield _file(entry, name, f"{tree.anchored}{below}{entry.name}", around)


def _file(
    entry: os.DirEntry[str], name: str, identity: str, around: Chart | Kustomization | None
) -> Found | ReadFile:
    fate = around.fate(entry.path) if around is not None else None
    if fate is not None:
        return settled(name, *fate)
    if not entry.name.lower().endswith(SUFFIXES):
        return settled(name, NOT_KUBERNETES, "neither YAML nor JSON by its name")
    return Found(entry.path, name, False, identity)


def _stays_inside(entry: os.DirEntry[str], tree: _Tree) -> bool:
    try:
        target = os.path.realpath(entry.path, strict=True)
    except OSError:
        return False
    return target == tree.real or target.startswith(tree.real.rstrip(os.sep) + os.sep)


def settled(name: str, fate: str, reason: str) -> ReadFile:
    """The answer for a file that holds nothing to judge."""
    return ReadFile(FileFate(name, fate, 0, reason))


def _unread(name: str, reason: str) -> ReadFile:
    return ReadFile(
        FileFate(name, UNREAD, 0, reason), unread=(Unread(what=name, reason=reason, file=name),)
    )
