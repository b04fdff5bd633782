"""Which charts and kustomizations are rendered, and in which ways, in place of their heads."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from portside.model.finding import IGNORED, RENDERED, FileFate
from portside.model.reading import ReadFile, Target
from portside.render.environments import environments
from portside.render.kustomizations import kustomizations
from portside.render.tree import Tree
from portside.render.wire import ValuesFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from portside.cli.config import Config
    from portside.cli.stage_a import Item
    from portside.model.reading import Root
    from portside.render.environment import Environment

_LONGEST_RELEASE = 53


def with_targets(items: Sequence[Item], config: Config, minor: int) -> list[Item]:
    """`items` with the targets of each chart and kustomization in place of its head.

    Without a renderer the heads stay, and say so.
    """
    roots = [it.root for it in items if isinstance(it, ReadFile) and it.root is not None]
    if not roots:
        return list(items)
    from portside.render.process import renderer

    if renderer() is None:
        return list(items)
    makes = [it for it in roots if it.kind == "kustomize" or it.alone]
    found = _environments(makes, config)
    return [made for it in items for made in _made(it, found, minor)]


def _made(item: Item, found: dict[str, list[Environment]], minor: int) -> Iterator[Item]:
    root = item.root if isinstance(item, ReadFile) else None
    if root is None or not isinstance(item, ReadFile):
        yield item
    elif root.kind == "helm" and not root.alone:
        reason = "a library chart, which makes nothing: judged in the charts that use it"
        yield ReadFile(FileFate(item.fate.file, RENDERED, 0, reason), root=root)
    else:
        own = found.get(os.path.realpath(root.path), ())
        if own:
            yield from _targets(item, root, own, minor)
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


def _targets(head: ReadFile, root: Root, found: Sequence[Environment], minor: int) -> list[Item]:
    """A target for each environment; the head, which is unread, where there is none."""
    release = release_of(root)
    made: list[Item] = []
    for it in found:
        try:
            # Who does not say how it is installed has it called as its folder is.
            named = it._replace(
                release=it.release or release, namespace=it.namespace or it.release or release
            )
            request = named.request(f"1.{minor}.0")
        except ValueError:
            continue
        values = tuple(one.path for one in it.values if isinstance(one, ValuesFile))
        name = it.name if len(found) > 1 else ""
        made.append(Target(root, head, request, name, values))
    return made or [head]


def _environments(roots: Sequence[Root], config: Config) -> dict[str, list[Environment]]:
    """The environments of all roots, by the real paths of those."""
    found: dict[str, list[Environment]] = {}
    for within in dict.fromkeys(it.within for it in roots):
        tree = Tree(within)
        below = [(it, tree.below(it.path)) for it in roots if it.within == within]
        charts = [path for it, path in below if path is not None and it.kind == "helm"]
        folders = [path for it, path in below if path is not None and it.kind == "kustomize"]
        overlays = kustomizations(tree, folders)
        for it in environments(
            tree, charts, overlays, config.environments, config.kustomize_roots
        ).found:
            found.setdefault(os.path.realpath(it.path), []).append(it)
    return found


def release_of(root: Root) -> str:
    """What a chart is called when it is installed, where nobody says: as its folder is."""
    base = os.path.basename(os.path.realpath(root.path))
    for suffix in (".tgz", ".tar.gz"):
        base = base.removesuffix(suffix)
    plain = "".join(it if it.isascii() and it.isalnum() else "-" for it in base.lower())
    return plain.strip("-")[:_LONGEST_RELEASE].strip("-") or "release-name"
