"""What was vendored, given to a request for the renderer, which fetches nothing itself.

A chart is given the charts that it depends on, as `helm dependency build` would put them into
`charts/`; a kustomization all that it, and what it builds on, refers to outside the tree.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from portside.render.kustomizations import kustomizations
from portside.render.tree import Tree
from portside.render.wire import Dependency, HelmRequest, Remote
from portside.vendor.address import ARCHIVE, CHART, FILE, GIT, Wanted, plain
from portside.vendor.references import Outside, dependencies_below, inside, of_kustomization

if TYPE_CHECKING:
    from portside.render.wire import KustomizeRequest, Request
    from portside.vendor.pin import Reference
    from portside.vendor.vendored import Vendored

_KINDS = {GIT: GIT, ARCHIVE: GIT, FILE: FILE, CHART: CHART}
"""What the renderer calls a kind: a packed folder is a tree, as that of Git is."""


def with_vendored(
    request: Request, vendored: Vendored, trees: Callable[[str], Tree] = Tree
) -> Request:
    """`request` with what the lock pins of all that it lacks, verified.

    `trees` gives the tree below a root, which many requests have in common. Raises DigestError for
    content that is not what was pinned.
    """
    if isinstance(request, HelmRequest):
        return request._replace(dependencies=_dependencies(request, vendored))
    return request._replace(remotes=_remotes(request, vendored, trees(request.root)))


def _dependencies(request: HelmRequest, vendored: Vendored) -> tuple[Dependency, ...]:
    if not os.path.isdir(request.chart):
        return ()
    found: dict[str, Dependency] = {}
    for it in dependencies_below(request.chart):
        path = _content(it, vendored)
        if path:
            leaf = os.path.basename(path)
            line = it.place.line
            made = Dependency(f"charts/{leaf}", path, called(it.wanted, path), it.place.file, line)
            found.setdefault(made.name, made)
    return tuple(found.values())


def _remotes(request: KustomizeRequest, vendored: Vendored, tree: Tree) -> tuple[Remote, ...]:
    below = tree.below(request.path)
    if below is None:
        return ()
    found: dict[Wanted, Remote] = {}
    seen: set[tuple[Wanted, str]] = set()
    for it in kustomizations(tree, [below]).by_folder.values():
        for document in tree.documents(it.file) or ():
            references = of_kustomization(tree, it.file, document)
            _add(references, vendored, found, seen, "")
    return tuple(found.values())


def _add(
    references: Iterable[Reference],
    vendored: Vendored,
    found: dict[Wanted, Remote],
    seen: set[tuple[Wanted, str]],
    around: str,
) -> None:
    """Note what `references` lead to, and what that refers to in turn.

    `around` is the place in the tree that leads to what the references stand in, `FILE:LINE`.
    """
    for it in references:
        path = _content(it, vendored)
        if not path or (it.wanted, it.path) in seen:
            continue
        seen.add((it.wanted, it.path))
        place = around or str(it.place)
        kind, url, name, version = it.wanted
        if it.wanted not in found:
            made = Remote(_KINDS[kind], url, name, version, path, called(it.wanted, path), place)
            found[it.wanted] = made
        if _KINDS[kind] == GIT:
            within = inside(Outside(url, path, it.path))
            _add(within, vendored, found, seen, place)


def _content(it: Reference, vendored: Vendored) -> str:
    if it.trouble or it.wanted.kind not in _KINDS:
        return ""
    if it.wanted.kind == CHART:
        return vendored.chart(*it.wanted[1:]) or ""
    return vendored.of(it.wanted) or ""


def called(wanted: Wanted, path: str) -> str:
    """What people call vendored content: where it comes from."""
    if wanted.kind == CHART:
        return f"{wanted.url.rstrip('/')}/{os.path.basename(path)}"
    return plain(wanted.url) if wanted.kind == GIT else wanted.url
