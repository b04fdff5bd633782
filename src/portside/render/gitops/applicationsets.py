"""The Applications that an ApplicationSet makes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from portside.render.gitops.fill import Fill, deep, filler
from portside.render.gitops.generators import Generators
from portside.render.gitops.sources import Sources
from portside.render.gitops.told import (
    Told,
    UnresolvedError,
    list_of,
    map_of,
    maps_of,
    text_of,
)
from portside.syntax import Document, read

Given = Mapping[str, Sequence[Mapping[str, Any]]]


def applications(
    told: Told, sources: Sources, given: Given, unresolved: list[UnresolvedError]
) -> Iterator[Told]:
    """The Applications of the set, as if they were written.

    `given` are the parameters of generators that ask something outside, by the set. What an entry
    of `spec.generators` does not yield is added to `unresolved`; the others are asked nonetheless.
    """
    spec = told.spec
    options = tuple(text_of(it) for it in list_of(spec.get("goTemplateOptions")))
    own = given.get(f"{told.namespace}/{told.name}", given.get(told.name))
    generators = Generators(sources, told.name, spec.get("goTemplate") is True, options, own)
    for index, entry in enumerate(maps_of(spec.get("generators"))):
        try:
            for template, params in generators.yields(entry):
                whole = _under(template, map_of(spec.get("template")))
                for it in params:
                    yield _application(told, whole, filler(it, generators.go, options), it)
        except UnresolvedError as error:
            unresolved.append(UnresolvedError(error.reason, ("spec", "generators", index)))


def _application(
    told: Told, template: Mapping[str, Any], fill: Fill, params: Mapping[str, Any]
) -> Told:
    made = deep(dict(template), fill) if params else dict(template)
    patch = text_of(told.spec.get("templatePatch"))
    if patch:
        made = _patched(made, *fill([patch]))
    metadata = {**map_of(made.get("metadata")), "namespace": told.namespace}
    value = {
        "apiVersion": told.value.get("apiVersion"),
        "kind": "Application",
        "metadata": metadata,
        "spec": map_of(made.get("spec")),
    }
    return Told(told.resource, value)


def _under(near: Mapping[str, Any], far: Mapping[str, Any]) -> dict[str, Any]:
    """`near`, with what is empty in it taken from `far`: a generator's template over the set's."""
    made = dict(near)
    for key, value in far.items():
        if not made.get(key):
            made[key] = value
        elif isinstance(made[key], dict) and isinstance(value, dict):
            made[key] = _under(made[key], value)
    return made


def _patched(value: dict[str, Any], patch: str) -> dict[str, Any]:
    """`value` with a templatePatch: maps merge, lists are replaced, the project stays."""
    documents = list(read(patch.encode()))
    if not documents:
        return value
    (document, *others) = documents
    if others or not isinstance(document, Document) or not isinstance(document.value, dict):
        raise UnresolvedError("its templatePatch, filled in, is no map of YAML")
    made = merge_patch(value, document.value)
    project = map_of(value.get("spec")).get("project")
    if isinstance(made.get("spec"), dict) and project is not None:
        made["spec"]["project"] = project
    return made


def merge_patch(value: object, patch: Mapping[str, Any]) -> dict[str, Any]:
    """`value` with a JSON merge patch (RFC 7396)."""
    made = dict(value) if isinstance(value, dict) else {}
    for key, it in patch.items():
        if it is None:
            made.pop(key, None)
        elif isinstance(it, dict):
            made[key] = merge_patch(made.get(key), it)
        else:
            made[key] = it
    return made


def as_yaml(value: object) -> str:
    """`value` as a text of YAML: JSON, which is one."""
    return json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n"
