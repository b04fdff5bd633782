"""What a HelmRelease has done to the rendered chart: postRenderers and commonMetadata.

Source: api/v2/helmrelease_types.go and internal/postrender of Flux' helm-controller 1.6.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.place import FieldPath, dotted
from portside.render.environment import COMBINED, NO_HOOKS, SEPARATE, Post
from portside.render.gitops.flux_kustomize import metadata_patches, patches_of
from portside.render.gitops.made import placed
from portside.render.gitops.told import Told, UnresolvedError, list_of, map_of, maps_of

_KNOWN = ("patches", "images")
_OLDER = ("patchesStrategicMerge", "patchesJson6902")
"""Fields of v2beta1 and v2beta2, which v2 has no more."""
_OF_IMAGES = ("name", "newName", "newTag", "digest")
_MOST = 100
_AT: FieldPath = ("spec", "postRenderers")
_COMMON: FieldPath = ("spec", "commonMetadata")


def post_of(told: Told) -> Post | None:
    """What the chart's objects go through, in Flux' order; None where that is nothing.

    Raises UnresolvedError for what no version of Flux knows.
    """
    hooks = _hooks(told)
    made = list(_kustomizations(told))
    metadata_only = not made
    at = _COMMON if metadata_only else _AT
    common = map_of(told.spec.get("commonMetadata"))
    patches = list(metadata_patches(common, ("labels", "annotations")))
    if patches:
        made.append({"patches": patches})
    if not made:
        return None
    file, line, column = placed(told.resource, at)
    texts = tuple(map(_text, made))
    return Post(texts, hooks, file, line, column, dotted(at), metadata_only)


def _hooks(told: Told) -> str:
    said = told.spec.get("postRenderStrategy")
    if said in (None, ""):
        return COMBINED
    if said not in (COMBINED, SEPARATE, NO_HOOKS):
        raise UnresolvedError(
            f"{said!r} is no postRenderStrategy: it is {COMBINED}, {SEPARATE} or {NO_HOOKS}",
            ("spec", "postRenderStrategy"),
        )
    return str(said)


def _kustomizations(told: Told) -> Iterator[dict[str, Any]]:
    given = told.spec.get("postRenderers")
    if given is not None and not isinstance(given, list):
        raise UnresolvedError("its postRenderers are no list", _AT)
    listed = list_of(given)
    if len(listed) > _MOST:
        raise UnresolvedError(f"it has more than {_MOST} postRenderers", _AT)
    older = "beta" in str(told.value.get("apiVersion"))
    known = (*_KNOWN, *_OLDER) if older else _KNOWN
    for number, it in enumerate(listed):
        at: FieldPath = (*_AT, number)
        _only(it, ("kustomize",), at)
        kustomize = it.get("kustomize")
        if kustomize is None:
            continue
        at = (*at, "kustomize")
        _only(kustomize, known, at)
        for key in kustomize:
            _lists_maps(kustomize[key], (*at, key))
        made = _kustomization(kustomize)
        if made:
            yield made


def _only(value: object, known: tuple[str, ...], at: FieldPath) -> None:
    unknown = [key for key in value if key not in known] if isinstance(value, dict) else [""]
    if unknown:
        what = f"has {unknown[0]}" if unknown[0] else "is no map"
        raise UnresolvedError(
            f"{dotted(at)} {what}, and Flux knows {' and '.join(known)} there: "
            "what it would make of the chart is not known",
            at,
        )


def _lists_maps(value: object, at: FieldPath) -> None:
    if value is not None and len(maps_of(value)) != (len(value) if isinstance(value, list) else -1):
        raise UnresolvedError(f"{dotted(at)} is no list of maps", at)


def _kustomization(kustomize: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    patches = list(patches_of(kustomize))
    if patches:
        made["patches"] = patches
    images = maps_of(kustomize.get("images"))
    if images:
        made["images"] = [{key: it[key] for key in _OF_IMAGES if it.get(key)} for it in images]
    return made


def _text(kustomization: Mapping[str, Any]) -> str:
    return json.dumps(kustomization, default=str)
