"""Which charts and kustomizations are rendered, and in which ways, in place of their heads."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from portside.cli.deployed import Deployed
from portside.cli.outside import Outside
from portside.model.finding import IGNORED, RENDERED, FileFate
from portside.model.reading import ReadFile, Target
from portside.records import NamedTuple
from portside.render.environment import DIRECTORY, KUSTOMIZE
from portside.render.environments import environments
from portside.render.overlay_names import overlay_at
from portside.render.tree import Tree
from portside.render.wire import ValuesFile
from portside.sources.anchor import below_anchor
from portside.sources.files import KUSTOMIZATIONS
from portside.sources.folders import Chart, Kustomization, packed_chart
from portside.sources.templates import ARCHIVES
from portside.sources.walk import Found, named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from portside.cli.config import Config
    from portside.cli.stage_a import Item
    from portside.model.finding import Unread
    from portside.model.reading import Root
    from portside.render.environment import Environment
    from portside.render.kustomizations import Kustomizations

_LONGEST_RELEASE = 53


class Targets(NamedTuple):
    """What is judged, and what of its environments could not be told."""

    items: list[Item]
    unread: tuple[Unread, ...] = ()


class _Ways(NamedTuple):
    """How everything is installed."""

    found: Mapping[str, Sequence[Environment]]
    """By the real paths of charts and kustomizations."""
    overlays: frozenset[str]
    """The real paths of overlays that are one of several environments of an app."""
    minor: int
    outside: Outside


def targets(items: Sequence[Item], config: Config, minor: int, deployed: Deployed) -> Targets:
    """`items` with the targets of each chart and kustomization in place of its head.

    What `deployed` installs of what has no head there comes last. Without a renderer the heads
    stay, and say so.
    """
    roots = [it.root for it in items if isinstance(it, ReadFile) and it.root is not None]
    known = {os.path.realpath(it.path) for it in roots}
    made: list[Item] = list(items)
    elsewhere: dict[str, list[Environment]] = {}
    for it in deployed.environments:
        if os.path.realpath(it.path) not in known:
            elsewhere.setdefault(os.path.realpath(it.path), []).append(it)
    outside = Outside((*deployed.trees, *(it.within for it in roots)))
    heads = list(
        _unscanned(
            (it for one in elsewhere.values() for it in _heads(one[0], config, deployed, outside)),
            items,
        )
    )
    made += heads
    if not roots and not heads:
        return Targets(made, deployed.unread)
    from portside.render.process import renderer

    if renderer() is None:
        return Targets(made, deployed.unread)
    makes = [it for it in roots if it.kind == "kustomize" or it.alone]
    unread = list(deployed.unread)
    found = _environments(makes, config, deployed.environments, unread)
    found |= elsewhere
    ways = _Ways(found, _environments_of_apps(roots, found), minor, outside)
    all_made = [it for item in made for it in _made(item, ways)]
    return Targets(all_made, tuple(unread))


def _heads(it: Environment, config: Config, deployed: Deployed, outside: Outside) -> Iterator[Item]:
    """The head of what an object installs that is none of the scanned charts and kustomizations.

    That is a folder of the tree for which Flux makes a kustomization, or what stands in a source
    that was given. What else stands in the tree was left out by who scans.
    """
    vendored = outside.called(it.path)
    name = vendored or named(os.path.relpath(it.path))
    identity = vendored or below_anchor(it.path, config.folder).rstrip("/") or "."
    if it.within in deployed.trees:
        if it.kind == KUSTOMIZE and not _has_kustomization(it.path):
            head = Kustomization(it.path, "kustomization.yaml").head(name, identity, it.within)
            yield head._replace(
                unread=tuple(one._replace(file=it.said.file) for one in head.unread)
            )
    elif it.kind == DIRECTORY:
        for file in it.manifests:
            known = outside.called(file)
            called = known or named(os.path.relpath(file))
            yield Found(file, called, given=False, identity=known or file)
    elif it.kind == KUSTOMIZE:
        yield Kustomization(it.path, _file_of(it.path)).head(name, identity, it.within)
    elif os.path.isdir(it.path):
        yield Chart(it.path).head(name, identity, it.within)
    else:
        packed = packed_chart(it.path, name, vendored or os.path.basename(it.path))
        if packed is not None:
            yield packed


def _unscanned(heads: Iterable[Item], items: Sequence[Item]) -> Iterator[Item]:
    """`heads` without manifests of a checkout in the tree that are among `items` already."""
    scanned: set[str] | None = None
    for it in heads:
        if isinstance(it, Found):
            if scanned is None:
                scanned = {os.path.realpath(one.path) for one in items if isinstance(one, Found)}
            if os.path.realpath(it.path) in scanned:
                continue
        yield it


def _has_kustomization(folder: str) -> bool:
    return any(os.path.isfile(os.path.join(folder, name)) for name in KUSTOMIZATIONS)


def _file_of(folder: str) -> str:
    there = (it for it in KUSTOMIZATIONS if os.path.isfile(os.path.join(folder, it)))
    return next(there, KUSTOMIZATIONS[0])


def _made(item: Item, ways: _Ways) -> Iterator[Item]:
    root = item.root if isinstance(item, ReadFile) else None
    if root is None or not isinstance(item, ReadFile):
        yield item
    elif root.kind == "helm" and not root.alone:
        reason = "a library chart, which makes nothing: judged in the charts that use it"
        yield ReadFile(FileFate(item.fate.file, RENDERED, 0, reason), root=root)
    else:
        own = ways.found.get(os.path.realpath(root.path), ())
        if own:
            yield from _targets(item, root, own, ways)
        else:
            yield _made_elsewhere(item, root)


def _made_elsewhere(item: ReadFile, root: Root) -> ReadFile:
    """The head of what is judged through the kustomizations that build on it, if they can be.

    A component that none builds on makes nothing; what stands in it is judged as it is written.
    """
    if not root.alone:
        reason = "a component, which nothing builds that is scanned; judged as it is written"
        return item._replace(fate=FileFate(item.fate.file, IGNORED, 0, reason), unread=())
    what = "a base" if root.kind == "kustomize" else "a chart in a kustomization"
    reason = f"{what}, and what it is a part of could not be built"
    unread = tuple(it._replace(reason=reason) for it in item.unread)
    return item._replace(fate=item.fate._replace(reason=reason), unread=unread)


def _targets(head: ReadFile, root: Root, found: Sequence[Environment], ways: _Ways) -> list[Item]:
    """A target for each environment; the head, which is unread, where there is none."""
    release = release_of(root)
    many = len(found) > 1 or os.path.realpath(root.path) in ways.overlays
    made: list[Item] = []
    for it in found:
        try:
            # Who does not say how it is installed has it called as its folder is.
            named = it._replace(
                release=it.release or release, namespace=it.namespace or it.release or release
            )
            request = ways.outside.given(named.request(f"1.{ways.minor}.0"))
        except ValueError:
            continue
        values = tuple(one.path for one in it.values if isinstance(one, ValuesFile))
        name = it.name if many or it.said.name else ""
        after = it if it.substitution is not None or it.post else None
        made.append(Target(root, head, request, name, values, after, it.name))
    return made or [head]


def _environments_of_apps(
    roots: Sequence[Root], found: Mapping[str, Sequence[Environment]]
) -> frozenset[str]:
    """The real paths of the overlays whose app has overlays for other environments, too."""
    apps: dict[str, dict[str, str]] = {}
    for it in roots:
        path = os.path.realpath(it.path)
        if it.kind == KUSTOMIZE and path in found:
            app, environment = overlay_at(it.identity)
            apps.setdefault(app, {})[path] = environment
    several = (it for it in apps.values() if len(set(it.values())) > 1)
    return frozenset(path for it in several for path in it)


def _environments(
    roots: Sequence[Root], config: Config, deployed: Sequence[Environment], unread: list[Unread]
) -> dict[str, list[Environment]]:
    """The environments of all roots, by the real paths of those."""
    found: dict[str, list[Environment]] = {}
    for within in dict.fromkeys(it.within for it in roots):
        tree = Tree(within)
        below = [(it, tree.below(it.path)) for it in roots if it.within == within]
        charts = [path for it, path in below if path is not None and it.kind == "helm"]
        folders = [path for it, path in below if path is not None and it.kind == "kustomize"]
        overlays = _kustomizations(tree, folders) if folders else None
        own = {os.path.realpath(it.path) for it, path in below if path is not None}
        here = [
            it if it.within == within else _in_tree(it, tree)
            for it in deployed
            if it.within == within or os.path.realpath(it.path) in own
        ]
        answer = environments(
            tree, charts, overlays, config.environments, config.kustomize_roots, here
        )
        unread += answer.unread
        for it in answer.found:
            found.setdefault(os.path.realpath(it.path), []).append(it)
    return found


def _kustomizations(tree: Tree, folders: Sequence[str]) -> Kustomizations:
    from portside.render.kustomizations import kustomizations

    return kustomizations(tree, folders)


def _in_tree(it: Environment, tree: Tree) -> Environment:
    """`it`, of a checkout that stands in `tree` and is scanned with it, with the paths of that."""
    files = it.files
    if it.kind == KUSTOMIZE:
        below = os.path.realpath(it.within)
        files = {_below(os.path.join(below, name), tree): text for name, text in files.items()}
    return it._replace(
        path=tree.path(_below(it.path, tree)),
        within=tree.root,
        values=tuple(
            one._replace(path=tree.path(_below(one.path, tree)))
            if isinstance(one, ValuesFile)
            else one
            for one in it.values
        ),
        files=files,
    )


def _below(path: str, tree: Tree) -> str:
    return os.path.relpath(os.path.realpath(path), tree.real).replace(os.sep, "/")


def release_of(root: Root) -> str:
    """What a chart is called when it is installed, where nobody says: as its folder is."""
    base = os.path.basename(os.path.realpath(root.path))
    for suffix in ARCHIVES:
        base = base.removesuffix(suffix)
    plain = "".join(it if it.isascii() and it.isalnum() else "-" for it in base.lower())
    return plain.strip("-")[:_LONGEST_RELEASE].strip("-") or "release-name"
