"""The charts and kustomizations that open files are a part of: found as a scan of the tree does.

The tree is the folder of `portside.yaml`, else the repository, else the folder of the workspace,
else the outermost chart or kustomization around the file. What was found is kept for a while: a
file that came or went is noticed when something is saved, when the editor tells, or by its age.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from portside.cli.deployed import Deploying
from portside.cli.targets import targets
from portside.model.reading import ReadFile, Root, Target
from portside.records import NamedTuple
from portside.render.kustomizations import kustomizations
from portside.render.process import renderer
from portside.render.tree import Tree
from portside.sources.anchor import anchor_of
from portside.sources.files import KUSTOMIZATIONS
from portside.sources.folders import CHART
from portside.sources.ignores import ignores_of
from portside.sources.walk import Found, find

if TYPE_CHECKING:
    from portside.cli.stage_a import Item
    from portside.lsp.project import Project

_MARKS = (CHART, *KUSTOMIZATIONS)
_MOST_ITEMS = 50_000
_LONGEST = 10.0
"""A tree with more files, or that takes more seconds to walk, is left alone but for the folder."""
_FRESH = 2.0
_WORTH = 20
"""For as many times as it took to look around, and for `_FRESH` seconds, nobody looks again."""


class Build(NamedTuple):
    """A chart or an overlay with all the ways to install it, and the files it is judged with."""

    root: Root
    head: ReadFile
    tree: str
    """The folder that was walked."""
    items: tuple[Item, ...]
    """All that is judged together, in the order of a scan: the targets are among them."""
    files: frozenset[str]
    """The real paths of what it is made of, as far as can be told before it is built."""

    @property
    def name(self) -> str:
        return self.head.fate.file

    @property
    def targets(self) -> Iterator[Target]:
        return (it for it in self.items if isinstance(it, Target))

    def holds(self, real: str) -> bool:
        """Whether the file with this real path is a part of it; in a chart any new file is."""
        return real in self.files or (self.root.kind == "helm" and _inside(real, self.root.path))

    def may_read(self, real: str) -> bool:
        """Whether it may come to be a part: what stands beside one is named while it is written."""
        folder = os.path.dirname(real)
        return self.holds(real) or any(os.path.dirname(it) == folder for it in self.files)


class _Kept(NamedTuple):
    project: Project
    builds: tuple[Build, ...]
    at: float
    took: float


class Surroundings:
    """What stands around files, by the tree they are in."""

    __slots__ = ("_trees",)

    def __init__(self) -> None:
        self._trees: dict[str, _Kept] = {}

    def of(self, path: str, project: Project, folders: Iterable[str]) -> list[Build]:
        """The charts and overlays that the file `path` is a part of; `folders` are the workspace's.

        Raises ExpectedError where `environments` in portside.yaml name what is not there.
        """
        tree = tree_of(path, project, folders)
        if not tree:
            return []
        real = os.path.realpath(path)
        return [it for it in self._known(tree, path, project) if it.holds(real)]

    def forget(self) -> None:
        """Look around anew: a file came, went, or says something else."""
        self._trees.clear()

    def _known(self, tree: str, path: str, project: Project) -> tuple[Build, ...]:
        kept = self._trees.get(tree)
        now = time.monotonic()
        if kept is None or kept.project is not project or _is_old(kept, now):
            found = _items(tree, project)
            if found is None:
                around = outermost(path, tree)
                found = (_items(around, project) if around else None) or []
            builds = tuple(_builds(tree, found))
            done = time.monotonic()
            kept = self._trees[tree] = _Kept(project, builds, done, done - now)
        return kept.builds


def tree_of(path: str, project: Project, folders: Iterable[str]) -> str:
    """The folder that is walked for `path`; empty where there is none to walk."""
    folder = os.path.dirname(path)
    home = os.path.abspath(project.config.folder) if project.config.file else ""
    if home and _is_in(folder, home):
        return home
    anchor = anchor_of(folder)
    if anchor:
        # As people call it: a folder above may be a link.
        return next((it for it in _upwards(folder) if os.path.realpath(it) == anchor), anchor)
    around = [it for it in folders if _is_in(folder, it)]
    return max(around, key=len, default="") or outermost(path, os.sep)


def is_around(path: str) -> bool:
    """Whether a chart or a kustomization stands around the file `path`."""
    return bool(outermost(path, os.sep))


def outermost(path: str, tree: str) -> str:
    """The outermost folder around `path`, within `tree`, that is a chart or a kustomization."""
    found = ""
    for folder in _upwards(os.path.dirname(path)):
        if any(os.path.isfile(os.path.join(folder, it)) for it in _MARKS):
            found = folder
        if folder == tree:
            break
    return found


def _upwards(folder: str) -> Iterator[str]:
    while True:
        yield folder
        above = os.path.dirname(folder)
        if above == folder:
            return
        folder = above


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _inside(real: str, folder: str) -> bool:
    return real.startswith(os.path.realpath(folder).rstrip(os.sep) + os.sep)


def _is_old(kept: _Kept, now: float) -> bool:
    return now - kept.at > max(_FRESH, _WORTH * kept.took)


def _items(tree: str, project: Project) -> list[Item] | None:
    """What a scan of `tree` judges; None where there is too much of it."""
    config, minor = project.config, project.chosen.plan.minor
    options = project.options(tree)
    begin = time.monotonic()
    items: list[Item] = []
    for it in find([tree], ignores_of(*config.selection(options)), config.folder):
        items.append(it)
        if len(items) > _MOST_ITEMS or time.monotonic() - begin > _LONGEST:
            return None
    if not any(isinstance(it, ReadFile) and it.root is not None for it in items):
        return items
    # What is rendered may install more (an app of apps): that is for a scan, which renders all.
    installed = Deploying(items, options, config).deployed((), frozenset())
    return targets(items, config, minor, installed).items


def _builds(tree: str, items: Sequence[Item]) -> Iterator[Build]:
    heads: dict[str, tuple[Root, ReadFile]] = {}
    values: dict[str, list[str]] = {}
    for it in items:
        if isinstance(it, Target):
            heads.setdefault(it.head.fate.file, (it.root, it.head))
            values.setdefault(it.head.fate.file, []).extend(it.values)
        elif isinstance(it, ReadFile) and it.root is not None:
            heads.setdefault(it.fate.file, (it.root, it))
    files = {name: _files(root, values.get(name, ())) for name, (root, _) in heads.items()}
    made = [files[name] for name in values]
    placed = [(it, _path(it)) for it in items]
    for name, (root, head) in heads.items():
        if name in values or not _is_made_elsewhere(root, made):
            build = Build(root, head, tree, (), files[name])
            listed = tuple(it for it, path in placed if _belongs(it, path, build))
            yield build._replace(items=listed)


def _is_made_elsewhere(root: Root, made: Sequence[frozenset[str]]) -> bool:
    """Whether what has no targets of its own is judged as a part of something else.

    A library chart that nothing uses, and such a component, are judged as they are written.
    """
    if renderer() is None:
        return False
    marks = {os.path.realpath(os.path.join(root.path, it)) for it in _MARKS}
    return any(not marks.isdisjoint(it) for it in made)


def _files(root: Root, values: Iterable[str]) -> frozenset[str]:
    """The real paths of the files of a kustomization; of a chart, of the `values` it is given."""
    if root.kind != "kustomize":
        return frozenset(map(os.path.realpath, values))
    tree = Tree(root.within)
    below = tree.below(root.path)
    if below is None:
        return frozenset()
    named = kustomizations(tree, [below]).inputs(below)
    return frozenset(os.path.realpath(tree.path(it)) for it in named)


def _path(item: Item) -> str:
    """The real path of what is judged as a file; empty for others."""
    if isinstance(item, Found):
        return os.path.realpath(item.path)
    if isinstance(item, ReadFile):
        return os.path.realpath(item.root.path if item.root is not None else item.fate.file)
    return ""


def _belongs(item: Item, path: str, build: Build) -> bool:
    if isinstance(item, Target):
        return item.head.fate.file == build.name
    if isinstance(item, ReadFile) and item.root is not None:
        folders = (os.path.dirname(it) for it in build.files)
        return item.fate.file == build.name or (build.root.kind == "kustomize" and path in folders)
    return build.holds(path)
