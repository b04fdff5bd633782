"""Which kustomizations build on which, what each takes in, and what it would fetch.

Known from the kustomization files alone: nothing is built.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from posixpath import join, normpath
from types import MappingProxyType

from portside.model.finding import Unread
from portside.records import NamedTuple
from portside.render.globs import steps_match
from portside.render.kustomize_fields import Named, named_in
from portside.render.tree import Tree, leaves
from portside.secrets.veil import veiled
from portside.syntax import Broken, Document

_NONE: Mapping[str, Kustomization] = MappingProxyType({})
COMPONENT = "Component"
FILE, FOLDER, CHART, REMOTE, ESCAPE, MISSING = (
    "file",
    "folder",
    "chart",
    "remote",
    "escape",
    "missing",
)

_BUILT_ON = ("resources", "bases", "components")
_SCHEME = re.compile(r"(?:git::)?[a-zA-Z][a-zA-Z0-9+.-]*://|git::|[A-Za-z0-9_-]+@[^/\s]+[:/]")
_BARE_HOSTS = ("github.com/", "github.com:", "www.github.com/", "gh:")


class Reference(NamedTuple):
    """Something that a kustomization names."""

    field: str
    """The field it stands in: `resources`, `patches`, `configMapGenerator`…"""
    text: str
    """As it is written."""
    kind: str
    """`file`, `folder`, `chart`, `remote`, `escape` (out of the root) or `missing`."""
    path: str
    """Below the root; of what is remote, the address."""
    line: int
    column: int


class Kustomization(NamedTuple):
    """The kustomization of `folder`, read from `file`; `broken` says why it cannot be."""

    folder: str
    file: str
    kind: str = "Kustomization"
    references: tuple[Reference, ...] = ()
    broken: Unread | None = None

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders that it builds on or takes plugins' configurations from."""
        return tuple(it.path for it in self.references if it.kind == FOLDER)


class Use(NamedTuple):
    """That a kustomization takes a file in: as what, and where it says so."""

    folder: str
    field: str
    file: str
    line: int


class Kustomizations:
    """All kustomizations of a tree, by their folder; those that others build on included."""

    def __init__(self, tree: Tree, by_folder: Mapping[str, Kustomization] = _NONE) -> None:
        self.tree = tree
        self.by_folder = by_folder

    def roots(self, configured: Sequence[str] = ()) -> tuple[str, ...]:
        """The folders to build: those that no other builds on, in order; components never.

        `configured` are folders or globs over folders (`kustomize.roots` of portside.yaml), which
        come in place of what is worked out. Of kustomizations that only build on one another, the
        first is a root, so that the circle is said.
        """
        if configured:
            return tuple(it for it in sorted(self.by_folder) if _fits(it, configured))
        built_on = {to for it in self.by_folder.values() for to in it.folders if to != it.folder}
        alone = [
            folder
            for folder, it in sorted(self.by_folder.items())
            if folder not in built_on and it.kind != COMPONENT
        ]
        reached = self._reached(alone)
        for folder, it in sorted(self.by_folder.items()):
            if folder not in reached and it.kind != COMPONENT:
                alone.append(folder)
                reached |= self._reached([folder])
        return tuple(sorted(alone))

    def inflated(self) -> frozenset[str]:
        """The folders of the charts that they inflate."""
        every = (at for it in self.by_folder.values() for at in it.references)
        return frozenset(at.path for at in every if at.kind == CHART)

    def unused_components(self) -> tuple[str, ...]:
        """The components that no kustomization takes in: nothing is built of them."""
        reached = self._reached(self.roots())
        return tuple(
            folder
            for folder, it in sorted(self.by_folder.items())
            if it.kind == COMPONENT and folder not in reached
        )

    def closure(self, folder: str) -> tuple[Kustomization, ...]:
        """The kustomization of `folder` and all that it is built of, in order."""
        return tuple(self.by_folder[it] for it in sorted(self._reached([folder])))

    def inputs(self, folder: str) -> frozenset[str]:
        """Every file that the build of `folder` reads, kustomization files and charts included."""
        found: set[str] = set()
        for it in self.closure(folder):
            found.add(it.file)
            for reference in it.references:
                if reference.kind == FILE:
                    found.add(reference.path)
                elif reference.kind == CHART:
                    for inside in self.tree.folders(reference.path):
                        found.update(self.tree.files_in(inside))
        return frozenset(found)

    def troubles(self, folder: str) -> tuple[Unread, ...]:
        """Why the build of `folder` cannot succeed here: each with file, line and remedy."""
        found: list[Unread] = []
        for it in self.closure(folder):
            if it.broken is not None:
                found.append(it.broken)
            found += (
                Unread(
                    f"kustomization {it.folder}",
                    _SAID[at.kind].format(veiled(at.text)),
                    it.file,
                    *at[4:],
                )
                for at in it.references
                if at.kind in _SAID
            )
        found += (
            self._in_circle(circle)
            for circle in self.cycles()
            if circle[0] in self._reached([folder])
        )
        return tuple(found)

    @cached_property
    def uses(self) -> Mapping[str, tuple[Use, ...]]:
        """Which kustomizations take in each file, and as what."""
        found: dict[str, list[Use]] = {}
        for folder, it in sorted(self.by_folder.items()):
            for at in it.references:
                if at.kind == FILE:
                    found.setdefault(at.path, []).append(Use(folder, at.field, it.file, at.line))
        return {file: tuple(uses) for file, uses in found.items()}

    @cached_property
    def _cycles(self) -> tuple[tuple[str, ...], ...]:
        return tuple(_cycles({folder: it.folders for folder, it in self.by_folder.items()}))

    def cycles(self) -> tuple[tuple[str, ...], ...]:
        """The circles of kustomizations that build on one another, each from its first folder."""
        return self._cycles

    def _in_circle(self, circle: tuple[str, ...]) -> Unread:
        it = self.by_folder[circle[0]]
        after = circle[1] if len(circle) > 1 else circle[0]
        line = next((at.line for at in it.references if at.path == after), 1)
        way = " → ".join((*circle, circle[0]))
        reason = f"it builds on itself: {way}; take one of these references out"
        return Unread(f"kustomization {circle[0]}", reason, it.file, line)

    def _reached(self, folders: Iterable[str]) -> set[str]:
        pending, found = list(folders), set[str]()
        while pending:
            folder = pending.pop()
            if folder in found or folder not in self.by_folder:
                continue
            found.add(folder)
            pending += self.by_folder[folder].folders
        return found


_SAID = {
    REMOTE: "{} is outside the tree and is not fetched: portside vendor fetches it once",
    ESCAPE: "{} leads out of the folder that is scanned: scan the folder that holds both",
    MISSING: "{} is not there",
}


def kustomizations(tree: Tree, folders: Iterable[str]) -> Kustomizations:
    """The kustomizations of `folders` (below the root of `tree`), and all that they build on."""
    found: dict[str, Kustomization] = {}
    pending = [normpath(it) for it in folders]
    while pending:
        folder = pending.pop()
        file = tree.kustomization(folder)
        if folder in found or not file:
            continue
        found[folder] = _read(tree, folder, file)
        pending += found[folder].folders
    return Kustomizations(tree, found)


def _read(tree: Tree, folder: str, file: str) -> Kustomization:
    documents = tree.documents(file)
    if documents is None:
        return Kustomization(folder, file, broken=Unread(file, "cannot be read", file))
    for document in documents:
        if isinstance(document, Broken):
            said = Unread(file, document.message, file, document.line, document.column)
            return Kustomization(folder, file, broken=said)
        if type(document.value) is dict:
            references = tuple(_references(tree, folder, document))
            kind = document.value.get("kind")
            return Kustomization(folder, file, kind if type(kind) is str else "", references)
    said = Unread(file, "no map, as a kustomization is", file, 1)
    return Kustomization(folder, file, broken=said)


def _references(tree: Tree, folder: str, document: Document) -> Iterator[Reference]:
    for named in named_in(document.value):
        line, column = document.nearest(named.at)
        kind, path = _resolved(tree, folder, named)
        yield Reference(named.field, named.text, kind, path, line, column)


def _resolved(tree: Tree, folder: str, named: Named) -> tuple[str, str]:
    if named.chart:
        return _chart(tree, folder, named)
    if is_remote(named.text):
        return REMOTE, named.text
    if named.text.startswith("/"):
        return ESCAPE, named.text
    path = normpath(join(folder, named.text))
    if leaves(path):
        return ESCAPE, named.text
    if tree.is_file(path):
        return FILE, path
    if tree.is_folder(path) and named.may_be_folder:
        return FOLDER, path
    return MISSING, path


def _chart(tree: Tree, folder: str, named: Named) -> tuple[str, str]:
    """The chart of helmCharts: where Kustomize looks for it before it would pull it."""
    for text in named.chart:
        path = normpath(join(folder, text))
        if leaves(path):
            return ESCAPE, named.text
        if tree.is_file(join(path, "Chart.yaml")):
            return CHART, path
    return (REMOTE, named.text) if is_remote(named.text) else (MISSING, named.text)


def is_remote(text: str) -> bool:
    """Whether Kustomize takes the text for an address: of a file (http) or of a repository.

    Source: api/internal/git/repospec.go and api/internal/loader/fileloader.go.
    """
    return bool(_SCHEME.match(text)) or text.startswith(_BARE_HOSTS)


def _fits(folder: str, globs: Sequence[str]) -> bool:
    return any(steps_match(normpath(it), folder) for it in globs)


def _cycles(after: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """One circle through each group of folders that reach one another."""
    done: set[str] = set()
    for start in sorted(after):
        if start in done:
            continue
        way: list[str] = []
        stack = [(start, iter(after[start]))]
        way.append(start)
        while stack:
            to = next(stack[-1][1], None)
            if to is None:
                stack.pop()
                done.add(way.pop())
            elif to in way:
                circle = way[way.index(to) :]
                first = circle.index(min(circle))
                yield tuple(circle[first:] + circle[:first])
            elif to in after and to not in done:
                way.append(to)
                stack.append((to, iter(after[to])))
