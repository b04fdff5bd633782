"""Which files are to be read, in a fixed order, and what becomes of those that are not."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence

from portside.errors import SourceError
from portside.model.finding import IGNORED, NOT_KUBERNETES, UNREAD, FileFate, Unread
from portside.model.reading import ReadFile
from portside.records import NamedTuple
from portside.sources.anchor import anchor_of, below_anchor
from portside.sources.files import is_dockerfile, is_renovate
from portside.sources.folders import Chart, Kustomization, known_of, packed_chart, recognise
from portside.sources.generators import may_generate
from portside.sources.known import UNKNOWN, Known
from portside.sources.templates import is_packed, may_hold_manifests

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
    known: Known = UNKNOWN
    """What the chart or kustomization around it tells."""
    data: bytes | None = None
    """What it holds in place of what stands on the disk."""


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
            within = anchor_of(root, home) or root
            yield from _tree(_Tree(root, ignores(root), below_anchor(root, home), within))
        else:
            below = below_anchor(os.path.dirname(root) or ".", home)
            identity = below + os.path.basename(root)
            packed = packed_chart(root, named(root), identity) if is_packed(root) else None
            yield packed or Found(root, named(root), True, identity, known_of(root))


class _Tree:
    """What a walk below one root knows: the ignore rules, and where the root is in identities."""

    __slots__ = ("anchored", "ignores", "real", "root", "within")

    def __init__(self, root: str, ignores: Ignores, anchored: str, within: str) -> None:
        self.root = root
        self.anchored = anchored
        self.within = within
        """The folder out of which nothing is read for what stands in the tree."""
        self.real = os.path.realpath(root)
        self.ignores = ignores


class _Folder(NamedTuple):
    """A folder to walk: `below` is its path below the root, with a slash at its end."""

    path: str
    below: str
    around: Chart | Kustomization | None = None
    """The chart or kustomization that it stands in."""


def named(path: str) -> str:
    return os.path.normpath(path).replace(os.sep, "/")


def _tree(tree: _Tree) -> Iterator[Found | ReadFile]:
    """The files of a whole tree, folder by folder; without recursion, however deep it is."""
    open_folders = [_files(_Folder(tree.root, ""), tree)]
    while open_folders:
        item = next(open_folders[-1], None)
        if item is None:
            open_folders.pop()
        elif isinstance(item, _Folder):
            open_folders.append(_files(item, tree))
        else:
            yield item


def _files(folder: _Folder, tree: _Tree) -> Iterator[Found | ReadFile | _Folder]:
    """What stands in one folder, in order."""
    path = folder.path
    try:
        with os.scandir(path) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        yield _unread(named(path), f"the folder cannot be listed: {error.strerror}")
        return
    around = recognise(path, [entry.name for entry in entries], folder.around)
    if around is not None and around.folder == path:
        identity = f"{tree.anchored}{folder.below}".rstrip("/") or "."
        yield around.head(named(path), identity, tree.within)
    inside = folder._replace(around=around)
    for entry in entries:
        yield _entry(entry, inside, tree)


def _entry(entry: os.DirEntry[str], folder: _Folder, tree: _Tree) -> Found | ReadFile | _Folder:
    name = named(entry.path)
    if entry.is_symlink():
        reason = _why_not_followed(entry, tree)
        if reason:
            return settled(name, IGNORED, reason)
    is_folder = entry.is_dir()
    below = folder.below + entry.name
    reason = tree.ignores(below, is_folder)
    if reason:
        return settled(f"{name}/" if is_folder else name, IGNORED, reason)
    if is_folder:
        return _Folder(entry.path, f"{below}/", folder.around)
    if not entry.is_file():
        return settled(name, IGNORED, "neither a file nor a folder")
    found = _file(entry, name, tree.anchored + below, folder.around)
    if isinstance(found, Found) and found.known.names:
        names = tuple(it for it in found.known.names if not _is_ignored(folder.below, it, tree))
        return found._replace(known=found.known._replace(names=names))
    return found


def _is_ignored(below: str, name: str, tree: _Tree) -> bool:
    """Whether a file that belongs to another is left out of the repository, or a folder around."""
    parts = name.split("/")
    folders = (below + "/".join(parts[:count]) for count in range(1, len(parts)))
    return bool(tree.ignores(below + name, False)) or any(tree.ignores(it, True) for it in folders)


def _file(
    entry: os.DirEntry[str], name: str, identity: str, around: Chart | Kustomization | None
) -> Found | ReadFile:
    if around is not None:
        known = around.known(entry.path)
        if known is not None:
            return Found(entry.path, name, False, identity, known)
        fate = around.fate(entry.path)
        if fate is not None:
            return settled(name, *fate)
    if is_packed(entry.name):
        chart = packed_chart(entry.path, name, identity)
        if chart is not None:
            return chart
    if is_read(entry.name):
        return Found(entry.path, name, False, identity)
    return settled(name, NOT_KUBERNETES, "neither YAML nor JSON by its name")


def is_read(name: str) -> bool:
    """Whether the file called `name`, met in a folder, may hold what is judged."""
    if name.lower().endswith(SUFFIXES) or may_hold_manifests(name) or may_generate(name):
        return True
    return is_dockerfile(name) or is_renovate(name)


def _why_not_followed(entry: os.DirEntry[str], tree: _Tree) -> str:
    if not _stays_inside(entry, tree):
        return "a symbolic link that leads out of what is scanned, or nowhere"
    if entry.is_dir():
        return "a symbolic link to a folder: its files are read where they are"
    return ""


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
