"""What Flux writes into a kustomization before it is built, and what it makes where there is none.

Source: github.com/fluxcd/pkg/kustomize 1.44 (kustomize_generator.go).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from posixpath import basename, join, normpath, relpath
from typing import Any

from portside.render.gitops.told import UnresolvedError, list_of, map_of, maps_of, text_of
from portside.render.tree import Tree

_IGNORED = frozenset((
    *(".sops.yaml", ".flux.yaml", ".goreleaser.yml", ".travis.yml", ".gitlab-ci.yml"),
    *("appveyor.yml", ".drone.yml", "cloudbuild.yaml", "codeship-services.yml"),
    "codeship-steps.yml",
))  # fmt: skip
_IGNORED_FOLDERS = (".git", ".github", ".circleci")


def generated(tree: Tree, folder: str) -> dict[str, Any]:
    """The kustomization of a folder that has none: all manifests in it and below.

    A folder below with a kustomization of its own counts as a whole.
    """
    found = sorted(relpath(it, folder) for it in _manifests(tree, folder))
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": found,
    }


def _manifests(tree: Tree, folder: str) -> Iterator[str]:
    pending = [normpath(folder)]
    while pending:
        one = pending.pop()
        if one != normpath(folder) and tree.kustomization(one):
            yield one
            continue
        for file in tree.files_in(one):
            if file.endswith((".yaml", ".yml")) and basename(file) not in _IGNORED:
                yield file
        pending += (it for it in tree.folders_in(one) if basename(it) not in _IGNORED_FOLDERS)


def edited(
    tree: Tree, folder: str, value: Mapping[str, Any], spec: Mapping[str, Any]
) -> dict[str, Any]:
    """The kustomization `value` of `folder` with what the `spec` of Flux' Kustomization says."""
    made = dict(value)
    for key, to in (
        ("targetNamespace", "namespace"),
        ("namePrefix", "namePrefix"),
        ("nameSuffix", "nameSuffix"),
    ):
        if text_of(spec.get(key)):
            made[to] = spec[key]
    common = map_of(spec.get("commonMetadata"))
    patches = [*patches_of(spec), *metadata_patches(common, ("annotations",))]
    if patches:
        made["patches"] = [*list_of(made.get("patches")), *patches]
    components = list(_components(tree, folder, spec))
    if components:
        made["components"] = [*list_of(made.get("components")), *components]
    images = maps_of(spec.get("images"))
    if images:
        made["images"] = with_images(maps_of(made.get("images")), images)
    labels = map_of(common.get("labels"))
    if labels:
        made["labels"] = [*list_of(made.get("labels")), {"pairs": dict(labels)}]
    return made


def patches_of(spec: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The patches, those of the older fields too."""
    for it in maps_of(spec.get("patches")):
        yield {key: it[key] for key in ("patch", "target") if key in it}
    for it in maps_of(spec.get("patchesStrategicMerge")):
        yield {"patch": json.dumps(it)}
    for it in maps_of(spec.get("patchesJson6902")):
        yield {"patch": json.dumps(it.get("patch")), "target": it.get("target")}


def metadata_patches(common: Mapping[str, Any], fields: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The patch, if any, that sets what `commonMetadata` has in these fields.

    As Flux does, on the objects alone and on none of the pods in them.
    """
    metadata = {}
    for key in fields:
        texts = {name: it for name, it in map_of(common.get(key)).items() if isinstance(it, str)}
        if texts:
            metadata[key] = texts
    if metadata:
        patch = {"apiVersion": "v1", "kind": "All", "metadata": {"name": "all", **metadata}}
        yield {"patch": json.dumps(patch), "target": {"kind": ".*"}}


def _components(tree: Tree, folder: str, spec: Mapping[str, Any]) -> Iterator[str]:
    for text in map(text_of, list_of(spec.get("components"))):
        if "://" in text or text.startswith("/"):
            raise UnresolvedError(f"the component {text} is no path in the source")
        if tree.is_folder(normpath(join(folder, text))) or not spec.get("ignoreMissingComponents"):
            yield text


def with_images(
    known: list[Mapping[str, Any]], new: list[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The images with what is new of those that are known; tag and digest change together."""
    found = {str(it.get("name")): dict(it) for it in known}
    for it in new:
        image = found.setdefault(str(it.get("name")), {"name": it.get("name")})
        if it.get("newName"):
            image["newName"] = it["newName"]
        chosen = {key: it[key] for key in ("newTag", "digest") if it.get(key)}
        if chosen:
            image.pop("newTag", None)
            image.pop("digest", None)
            image |= chosen
    return list(found.values())
