"""What objects of Argo CD and Flux in the scanned files install, resolved from what is here."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from portside.cli.outside import opened
from portside.errors import UsageError
from portside.model.finding import (
    JUDGED,
    PARTLY_READ,
    RENDERED,
    UNREAD,
    FileFate,
    FileResult,
    Unread,
)
from portside.model.reading import ReadFile
from portside.records import NamedTuple
from portside.render.definitions import names_one
from portside.render.gitops import deploys
from portside.render.tree import Tree
from portside.sources.anchor import anchor_of
from portside.sources.lock import nearest
from portside.sources.read import content, read_file
from portside.sources.walk import STDIN, Found

if TYPE_CHECKING:
    import argparse
    from collections.abc import Container, Iterator, Mapping, Sequence

    from portside.cli.config import Config
    from portside.cli.stage_a import Item
    from portside.model.resource import Resource
    from portside.render.environment import Environment
    from portside.syntax import Limits

DEPLOYS = (b"argoproj.io", b"toolkit.fluxcd.io")
_GIVES_VALUES = (b"ConfigMap", b"Secret")


class Deployed(NamedTuple):
    """The environments that objects make, and what of them cannot be told from what is here."""

    environments: tuple[Environment, ...] = ()
    unread: tuple[Unread, ...] = ()
    trees: tuple[str, ...] = ()
    """The folders that the scanned paths stand in: sources elsewhere were given by hand."""


class Deploying:
    """Tells what the objects in `items` install, and those that are made; of no items, nothing."""

    def __init__(self, items: Sequence[Item], options: argparse.Namespace, config: Config) -> None:
        self.trees = tuple(_trees(options.paths or ["."], config.folder)) if items else ()
        self.definitions = (*config.crds, *(vars(options).get("crds") or ()))
        self._config = config
        self._sources: Mapping[str, str] | None = None
        self._options = options
        self.written, self.defining = _named(items, config.limits)
        """The paths of the files that may hold a definition of a kind."""
        self.files = frozenset(os.path.realpath(it.file) for it in self.written)

    def deployed(self, made: Sequence[Resource], inputs: Container[str]) -> Deployed:
        """What is installed by the objects in files and by those that were `made`.

        What stands in one of the `inputs`, real paths, was made of it.
        """
        written = (it for it in self.written if os.path.realpath(it.file) not in inputs)
        left = [*written, *made]
        environments: list[Environment] = []
        unread: dict[Unread, None] = {}
        if not any(map(deploys, left)):
            return Deployed(trees=self.trees)
        from portside.render.gitops.installed import deployments

        for folder in self.trees:
            tree = Tree(folder)
            here = [it for it in left if self._home(it) == folder]
            found = deployments(tree, here, self._checkouts(), self._config.generated)
            environments += found.found
            unread |= dict.fromkeys((*found.unread, *_undecided(found.found)))
        return Deployed(tuple(environments), tuple(unread), self.trees)

    def _home(self, it: Resource) -> str:
        """The tree of an object; of what is made of a source outside, the first."""
        homes = (one for one in self.trees if Tree(one).below(it.file) is not None)
        return next(homes, self.trees[0])

    def _checkouts(self) -> Mapping[str, str]:
        if self._sources is None:
            vendored = _vendored(self.trees)
            self._sources = {**vendored, **self._config.checkouts, **_given(self._options)}
        return self._sources


def _trees(paths: Sequence[str], home: str) -> Iterator[str]:
    """The folders out of which nothing is read for what stands in `paths`, as a walk has them."""
    seen = set()
    for path in paths:
        if path == STDIN:
            continue
        folder = path if os.path.isdir(path) else os.path.dirname(path) or "."
        within = anchor_of(folder, home) or folder
        if within not in seen:
            seen.add(within)
            yield within


def _named(items: Sequence[Item], limits: Limits) -> tuple[list[Resource], frozenset[str]]:
    """All objects of what deploys something or may give values, none where nothing deploys; and
    the paths of the files that may hold a definition of a kind.
    """
    deploying: list[Found | ReadFile] = []
    giving: list[Found | ReadFile] = []
    defining = set()
    for it, text in _texts(items, limits):
        if any(mark in text for mark in DEPLOYS):
            deploying.append(it)
        elif any(mark in text for mark in _GIVES_VALUES):
            giving.append(it)
        if isinstance(it, Found) and names_one(text):
            defining.add(it.path)
    objects = (*deploying, *giving) if deploying else ()
    reads = (it if isinstance(it, ReadFile) else read_file(it, limits) for it in objects)
    return [it for read in reads for it in read.resources], frozenset(defining)


def _texts(items: Sequence[Item], limits: Limits) -> Iterator[tuple[Found | ReadFile, bytes]]:
    """What is looked through for names; of files that hold no objects, nothing."""
    for it in items:
        if isinstance(it, ReadFile):
            refs = (f"{one.ref.api_version} {one.kind}" for one in it.resources)
            yield it, "\n".join(refs).encode()
        elif isinstance(it, Found) and it.path != STDIN and not it.known.kind:
            with suppress(OSError):
                yield it, content(it, limits)


def _vendored(trees: Sequence[str]) -> Mapping[str, str]:
    """What `portside vendor` fetched, by address."""
    lock = next(filter(None, map(nearest, trees)), "")
    return opened(lock).sources() if lock else {}


def _given(options: argparse.Namespace) -> Mapping[str, str]:
    """The folders that --source names. Raises UsageError."""
    found: dict[str, str] = {}
    for text in vars(options).get("sources") or ():
        name, separator, folder = text.rpartition("=")
        if not separator or not name or not folder:
            hint = "name a source and a folder: --source https://git.example.org/a/b=../b"
            raise UsageError(f"{text!r} is no NAME=DIR", where="--source", hint=hint)
        if not os.path.isdir(folder):
            raise UsageError(f"there is no folder {folder}", where="--source", hint="check it out")
        found[name] = folder
    return found


def _undecided(found: Sequence[Environment]) -> Iterator[Unread]:
    """The values that may change what is installed, and are not here."""
    for it in found:
        for why in it.undecided:
            reason = f"judged without these values: {why}; give them in environments, portside.yaml"
            yield Unread(f"{it.said.by} {it.said.name}", reason, it.said.file, it.said.line)


def with_unread(results: Sequence[FileResult], unread: Sequence[Unread]) -> list[FileResult]:
    """`results`, in which each of `unread` stands by its file.

    What a kustomization makes of a file that is left out of the scan stands by that file, too.
    """
    found = list(results)
    at = {os.path.abspath(it.fate.file): number for number, it in enumerate(found)}
    for it in unread:
        number = at.get(os.path.abspath(it.file))
        if number is None:
            at[os.path.abspath(it.file)] = len(found)
            fate = FileFate(it.file, UNREAD, 0, it.reason)
            found.append(FileResult(fate, (), (), (), (it,), ()))
            continue
        result = found[number]
        fate = result.fate
        told = it._replace(file=fate.file)
        if fate.fate in (JUDGED, RENDERED):
            fate = fate._replace(fate=PARTLY_READ, reason=fate.reason or told.reason)
        found[number] = result._replace(fate=fate, unread=(*result.unread, told))
    return found
