"""What objects of Flux install: Kustomizations and HelmReleases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from posixpath import basename, join, normpath
from typing import Any

from portside.model.place import FieldPath
from portside.render.environment import DIRECTORY, KUSTOMIZE, Environment, Substitution
from portside.render.gitops.applicationsets import as_yaml
from portside.render.gitops.flux_kustomize import edited, generated
from portside.render.gitops.index import SOURCE_TOOLKIT, Index
from portside.render.gitops.sources import Sources
from portside.render.gitops.told import (
    Told,
    UnresolvedError,
    map_of,
    maps_of,
    remedy,
    text_of,
)
from portside.render.gitops.values_from import referred
from portside.render.tree import Tree, leaves


def tree_of_source(
    told: Told, reference: Mapping[str, Any], path: str, index: Index, sources: Sources
) -> Tree:
    """The tree of the source that `reference` names. Raises UnresolvedError.

    One whose object is not in the tree is this repository if it has no address to be told by and
    `path` is in it: the source that `flux bootstrap` makes is.
    """
    kind, name = text_of(reference.get("kind")), text_of(reference.get("name"))
    namespace = text_of(reference.get("namespace")) or told.namespace
    found = index.find(SOURCE_TOOLKIT, kind, name, namespace, told.resource)
    address = text_of(map_of(found.value.get("spec")).get("url")) if found is not None else ""
    tree = sources.find(address or name, path, name, f"{namespace}/{name}")
    if tree is not None:
        return tree
    below = normpath(path)
    if found is None and kind == "GitRepository" and below != "." and sources.tree.holds(below):
        return sources.tree
    where = f"{kind} {name}" + (f" ({address})" if address else "")
    raise UnresolvedError(f"{where} is not in this tree: {remedy(kind, name)}")


def kustomization(told: Told, index: Index, sources: Sources) -> Environment:
    """What a Kustomization of Flux applies. Raises UnresolvedError."""
    spec = told.spec
    path = text_of(spec.get("path")).lstrip("/") or "."
    reference = map_of(spec.get("sourceRef"))
    at: FieldPath = ("spec", "path") if "path" in spec else ("spec",)
    if leaves(path):
        raise UnresolvedError(f"{path} leads out of its source", at)
    tree = tree_of_source(told, reference, path, index, sources)
    folder = normpath(path)
    if not tree.is_folder(folder):
        raise UnresolvedError(f"there is no folder {path} in its source", at)
    made = Environment(
        name=told.name,
        kind=KUSTOMIZE,
        path=tree.path(folder),
        within=tree.root,
        said=told.said(at),
        namespace=text_of(spec.get("targetNamespace")),
        substitution=_substitution(told, index),
    )
    return _built(made, tree, folder, spec)


def _built(made: Environment, tree: Tree, folder: str, spec: Mapping[str, Any]) -> Environment:
    """With the kustomization as Flux builds it; a folder of mere manifests stays one."""
    file = tree.kustomization(folder)
    if file:
        value = tree.map_in(file)
        if value is None:
            raise UnresolvedError(f"{file} cannot be read", ("spec", "path"))
        new = edited(tree, folder, value, spec)
        return made if new == value else made._replace(files={file: as_yaml(new)})
    value = generated(tree, folder)
    new = edited(tree, folder, value, spec)
    plain = all(tree.is_file(join(folder, it)) for it in value["resources"])
    if new == value and plain and made.substitution is None:
        paths = (tree.path(normpath(join(folder, it))) for it in value["resources"])
        return made._replace(kind=DIRECTORY, manifests=tuple(paths))
    return made._replace(files={normpath(join(folder, "kustomization.yaml")): as_yaml(new)})


def _substitution(told: Told, index: Index) -> Substitution | None:
    post = map_of(told.spec.get("postBuild"))
    values: dict[str, str] = {}
    undecided = []
    for reference in maps_of(post.get("substituteFrom")):
        found = referred(told, reference, index)
        if found.data is not None:
            values |= dict(_lines(found.data))
        elif reference.get("optional") is not True or reference.get("kind") == "Secret":
            undecided.append(found.why)
    values |= dict(_lines(map_of(post.get("substitute"))))
    if not values and not undecided:
        return None
    return Substitution(values, undecided=tuple(undecided))


def _lines(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Values as they are filled in, without line breaks; texts alone, as the API server has it."""
    for key, value in values.items():
        if isinstance(value, str):
            yield str(key), value.replace("\n", "")


def chart_name(address: str) -> tuple[str, str]:
    """The repository and the name of a chart whose whole address is known."""
    plain = address.rstrip("/")
    return plain.removesuffix(f"/{basename(plain)}"), basename(plain)
