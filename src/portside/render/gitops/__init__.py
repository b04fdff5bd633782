"""What objects of Argo CD and Flux install, as environments of what is in the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.render.gitops.index import ARGO, HELM_TOOLKIT, KUSTOMIZE_TOOLKIT, SOURCE_TOOLKIT
from portside.render.gitops.told import map_of

if TYPE_CHECKING:
    from portside.model.finding import ResourceRef
    from portside.model.resource import Resource


def deploys(resource: Resource) -> bool:
    """Whether the object says what is installed somewhere."""
    return (resource.group, resource.kind) in (
        (ARGO, "Application"),
        (ARGO, "ApplicationSet"),
        (KUSTOMIZE_TOOLKIT, "Kustomization"),
        (HELM_TOOLKIT, "HelmRelease"),
    )


def tells(it: ResourceRef) -> bool:
    """Whether an object has a part in what is installed: it says so, or names a source of it."""
    if it.group == ARGO:
        return it.kind in ("Application", "ApplicationSet", "AppProject")
    return it.group in (KUSTOMIZE_TOOLKIT, HELM_TOOLKIT, SOURCE_TOOLKIT)


def gives(it: ResourceRef) -> bool:
    """Whether an object may give values to what is installed."""
    return not it.group and it.kind in ("ConfigMap", "Secret")


def wants(resource: Resource) -> bool:
    """Whether what is installed takes values of such objects."""
    spec = map_of(resource.value.get("spec"))
    post = map_of(spec.get("postBuild"))
    return deploys(resource) and bool(spec.get("valuesFrom") or post.get("substituteFrom"))
