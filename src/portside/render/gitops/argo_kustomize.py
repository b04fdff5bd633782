"""What Argo CD writes into a kustomization before it is built.

Source: util/kustomize/kustomize.go of Argo CD 3.2, and `kustomize edit` of Kustomize 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from portside.render.gitops.told import list_of, map_of, maps_of, text_of


def edited(
    value: Mapping[str, Any], kustomize: Mapping[str, Any], namespace: str
) -> dict[str, Any]:
    """The kustomization `value` with what `spec.source.kustomize` says."""
    made = dict(value)
    for key in ("namePrefix", "nameSuffix", "namespace"):
        if text_of(kustomize.get(key)):
            made[key] = kustomize[key]
    images = [image_of(it) for it in map(text_of, list_of(kustomize.get("images"))) if it]
    if images:
        made["images"] = with_images(maps_of(made.get("images")), images)
    replicas = maps_of(kustomize.get("replicas"))
    if replicas:
        made["replicas"] = _by_name(maps_of(made.get("replicas")), _counted(replicas))
    _labelled(made, kustomize)
    annotations = map_of(kustomize.get("commonAnnotations"))
    if annotations:
        made["commonAnnotations"] = {**map_of(made.get("commonAnnotations")), **annotations}
    for key in ("patches", "components"):
        if list_of(kustomize.get(key)):
            made[key] = [*list_of(made.get(key)), *kustomize[key]]
    return made


def _labelled(made: dict[str, Any], kustomize: Mapping[str, Any]) -> None:
    labels = map_of(kustomize.get("commonLabels"))
    if not labels:
        return
    if kustomize.get("labelWithoutSelector") is True:
        it: dict[str, Any] = {"pairs": dict(labels)}
        if kustomize.get("labelIncludeTemplates") is True:
            it["includeTemplates"] = True
        made["labels"] = [*list_of(made.get("labels")), it]
    else:
        made["commonLabels"] = {**map_of(made.get("commonLabels")), **labels}


def image_of(text: str) -> dict[str, str]:
    """An image as `kustomize edit set image` takes it: `NAME=NEW:TAG`, `NAME:TAG` and so on."""
    name, separator, new = text.partition("=")
    if not separator:
        base, kind, tag = _parted(text)
        return {"name": base, kind: tag} if kind else {"name": base, "newName": base}
    base, kind, tag = _parted(new)
    made = {"name": name}
    if base not in ("*", ""):
        made["newName"] = base
    if kind and tag != "*":
        made[kind] = tag
    return made


def _parted(text: str) -> tuple[str, str, str]:
    """The name of an image, and which of tag and digest it has."""
    name, at, digest = text.partition("@")
    if at:
        return name, "digest", digest
    base, colon, tag = text.rpartition(":")
    if colon and "/" not in tag:
        return base, "newTag", tag
    return text, "", ""


def with_images(
    known: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The images with `new` ones in place of those of their names, sorted by name."""
    return sorted(_by_name(known, new), key=lambda it: str(it.get("name")))


def _by_name(
    known: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    found = {str(it.get("name")): dict(it) for it in known}
    return list((found | {str(it.get("name")): dict(it) for it in new}).values())


def _counted(replicas: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    for it in replicas:
        count = it.get("count")
        whole = int(count) if isinstance(count, str) and count.isdecimal() else count
        yield {"name": it.get("name"), "count": whole}
