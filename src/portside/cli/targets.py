"""Which charts and kustomizations are rendered, and in which ways, in place of their heads."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from portside.model.finding import IGNORED, RENDERED, FileFate
from portside.model.reading import ReadFile, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from portside.cli.stage_a import Item
    from portside.model.reading import Root

_LONGEST_RELEASE = 53


def with_targets(items: Sequence[Item], minor: int) -> list[Item]:
    """`items` with the targets of each chart and kustomization in place of its head.

    Without a renderer the heads stay, and say so.
    """
    roots = [it.root for it in items if isinstance(it, ReadFile) and it.root is not None]
    if not roots:
        return list(items)
    from portside.render.process import renderer

    if renderer() is None:
        return list(items)
    used = _used(roots)
    return [made for it in items for made in _made(it, used, minor)]


def _made(item: Item, used: set[str], minor: int) -> Iterator[Item]:
    root = item.root if isinstance(item, ReadFile) else None
    if root is None or not isinstance(item, ReadFile):
        yield item
    elif root.kind == "helm" and not root.alone:
        reason = "a library chart, which makes nothing: judged in the charts that use it"
        yield ReadFile(FileFate(item.fate.file, RENDERED, 0, reason), root=root)
    elif root.kind == "kustomize" and (not root.alone or os.path.realpath(root.path) in used):
        yield _built_elsewhere(item, root)
    else:
        yield from _targets(item, root, minor)


def _built_elsewhere(item: ReadFile, root: Root) -> ReadFile:
    """The head of what is judged through the kustomizations that build on it, if they can be.

    A component that none builds on makes nothing; what stands in it is judged as it is written.
    """
    if not root.alone:
        reason = "a component, which nothing builds that is scanned; judged as it is written"
        return item._replace(fate=FileFate(item.fate.file, IGNORED, 0, reason), unread=())
    reason = "a base, and what builds on it could not be built"
    unread = tuple(it._replace(reason=reason) for it in item.unread)
    return item._replace(fate=item.fate._replace(reason=reason), unread=unread)


def _targets(head: ReadFile, root: Root, minor: int) -> Iterator[Target]:
    release = release_of(root)
    yield Target(
        root,
        head,
        release=release if root.kind == "helm" else "",
        namespace=release if root.kind == "helm" else "",
        kubernetes_version=f"1.{minor}.0",
    )


def release_of(root: Root) -> str:
    """What a chart is called when it is installed, where nobody says: as its folder is."""
    base = os.path.basename(os.path.realpath(root.path))
    for suffix in (".tgz", ".tar.gz"):
        base = base.removesuffix(suffix)
    plain = "".join(it if it.isascii() and it.isalnum() else "-" for it in base.lower())
    return plain.strip("-")[:_LONGEST_RELEASE].strip("-") or "release-name"


def _used(roots: Iterable[Root]) -> set[str]:
    """The folders that another kustomization builds on."""
    found: set[str] = set()
    for root in roots:
        for text in root.uses:
            if "://" not in text:
                found.add(os.path.realpath(os.path.join(root.path, text)))
    return found
