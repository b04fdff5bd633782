"""The environments that Applications, ApplicationSets, Kustomizations and HelmReleases make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from portside.model.finding import Unread
from portside.model.resource import Resource
from portside.render.environment import Environment, Environments
from portside.render.gitops import deploys
from portside.render.gitops.applicationsets import applications
from portside.render.gitops.argo import installed_by
from portside.render.gitops.flux import kustomization
from portside.render.gitops.index import Index
from portside.render.gitops.made import MadeResource
from portside.render.gitops.releases import release
from portside.render.gitops.sources import Sources
from portside.render.gitops.told import Told, UnresolvedError
from portside.render.tree import Tree


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
    found: list[tuple[Resource, Environment]] = []
    unread: list[Unread] = []
    for it in index.objects:
        if deploys(it):
            told, unresolved = Told(it, it.value), list[UnresolvedError]()
            made = _of(told, index, places, generated or {}, unresolved)
            found += ((it, one) for one in made)
            unread += map(told.unread, unresolved)
    return Environments(tuple(_apart(found)), tuple(dict.fromkeys(unread)))


def _apart(found: Sequence[tuple[Resource, Environment]]) -> Iterator[Environment]:
    """Each environment once; those of one name that differ are called by what made them, too.

    A chart of Applications makes each of them once for every way in which it is installed itself.
    """
    different = {repr(it): (resource, it) for resource, it in found}
    named: dict[tuple[str, str, str], list[tuple[Resource, Environment]]] = {}
    for resource, it in different.values():
        named.setdefault((it.kind, it.path, it.name), []).append((resource, it))
    for same in named.values():
        labels = _labels([resource for resource, _ in same]) if len(same) > 1 else [""]
        for label, (_, it) in zip(labels, same, strict=True):
            yield it._replace(name=f"{label}/{it.name}") if label else it


def _labels(resources: Sequence[Resource]) -> list[str]:
    """What tells the resources apart, one for each; empty where nothing does."""
    made = [it.labels if isinstance(it, MadeResource) else () for it in resources]
    for column in zip(*made, strict=False):
        if len(set(column)) == len(resources):
            return list(column)
    return [""] * len(resources)


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
