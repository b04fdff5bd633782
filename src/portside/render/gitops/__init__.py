"""What objects of Argo CD and Flux install, as environments of what is in the tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from portside.model.finding import Unread
from portside.model.resource import Resource
from portside.render.environment import Environment, Environments
from portside.render.gitops.applicationsets import applications
from portside.render.gitops.argo import installed_by
from portside.render.gitops.flux import kustomization
from portside.render.gitops.index import ARGO, HELM_TOOLKIT, KUSTOMIZE_TOOLKIT, Index
from portside.render.gitops.releases import release
from portside.render.gitops.sources import Sources
from portside.render.gitops.told import Told, UnresolvedError
from portside.render.tree import Tree


def deploys(resource: Resource) -> bool:
    """Whether the object says what is installed somewhere."""
    return (resource.group, resource.kind) in (
        (ARGO, "Application"),
        (ARGO, "ApplicationSet"),
        (KUSTOMIZE_TOOLKIT, "Kustomization"),
        (HELM_TOOLKIT, "HelmRelease"),
    )


def deployments(
    tree: Tree,
    objects: Iterable[Resource],
    sources: Mapping[str, str] | None = None,
    generated: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> Environments:
    """What the Applications, ApplicationSets, Kustomizations and HelmReleases install.

    `tree` is the repository; `objects` are all objects read from it (or rendered of it: then their
    places are those of the rendered text), as they are written. `sources` are folders of checkouts
    by the address or the name of the source (`--source`, `Config.checkouts`), `generated` is
    `Config.generated`. What cannot be resolved is unread, with the place in the object's file and
    the remedy; nothing is fetched, and git is not run.
    """
    index = Index(objects)
    places = Sources(tree, sources)
    found: list[Environment] = []
    unread: list[Unread] = []
    for it in index.objects:
        if deploys(it):
            told, unresolved = Told(it, it.value), list[UnresolvedError]()
            found += _of(told, index, places, generated or {}, unresolved)
            unread += map(told.unread, unresolved)
    return Environments(tuple(found), tuple(dict.fromkeys(unread)))


def _of(
    told: Told,
    index: Index,
    sources: Sources,
    generated: Mapping[str, Sequence[Mapping[str, Any]]],
    unresolved: list[UnresolvedError],
) -> Iterator[Environment]:
    kind = told.resource.kind
    if kind == "Application":
        yield from installed_by(told, sources, unresolved)
    elif kind == "ApplicationSet":
        for one in applications(told, sources, generated, unresolved):
            yield from installed_by(one, sources, unresolved)
    else:
        make = kustomization if kind == "Kustomization" else release
        try:
            yield make(told, index, sources)
        except UnresolvedError as error:
            unresolved.append(error)
