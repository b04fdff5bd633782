"""The generators of ApplicationSets: the parameters that each yields, from what is in the tree.

Source: applicationset/generators of Argo CD 3.2, which the tests ask.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from posixpath import basename, dirname
from typing import Any

from portside.render.gitops.fill import deep, filler, flattened
from portside.render.gitops.selectors import selects
from portside.render.gitops.sources import Sources
from portside.render.gitops.told import (
    VENDOR,
    UnresolvedError,
    list_of,
    map_of,
    maps_of,
    text_of,
)
from portside.render.globs import BadGlobError, path_match, pathspec_match
from portside.render.tree import MOST_FOLDERS, Tree
from portside.syntax import Broken, Document, read

Params = dict[str, Any]
ORDER = (
    *("list", "clusters", "git", "scmProvider", "clusterDecisionResource"),
    *("pullRequest", "matrix", "merge", "plugin"),
)
"""The order in which Argo CD looks at the kinds of one entry."""
MOST = 5_000
"""Applications of one set before the rest is unread."""
_ASKING = {
    "clusters": "asks which clusters Argo CD knows",
    "clusterDecisionResource": "asks an object of the cluster",
    "scmProvider": "asks a code host for its repositories",
    "pullRequest": "asks a code host for its pull requests",
    "plugin": "asks a program of somebody",
}
_NO_NAME = re.compile(r"[^-a-z0-9.]")
_LONGEST_NAME = 253


@dataclass(frozen=True, slots=True)
class Generators:
    """What generators of one ApplicationSet are asked with.

    `given` are the parameters of those that ask something outside; None where none are given.
    """

    sources: Sources
    name: str
    go: bool = False
    options: tuple[str, ...] = ()
    given: Sequence[Mapping[str, Any]] | None = None

    def yields(
        self, entry: Mapping[str, Any], before: Params | None = None
    ) -> Iterator[tuple[Mapping[str, Any], list[Params]]]:
        """For each kind of the entry: its own part of the template, and all that it yields.

        `before` are the parameters of the first generator of a matrix, which are filled in.
        Raises UnresolvedError.
        """
        for kind in ORDER:
            if entry.get(kind) is None:
                continue
            spec = map_of(entry[kind])
            template = map_of(spec.get("template"))
            if before:
                spec = deep(spec, filler(before, self.go, self.options))
            found = [
                it for it in self._of(kind, spec) if selects(entry.get("selector"), flattened(it))
            ]
            if len(found) > MOST:
                raise UnresolvedError(f"a generator yields more than {MOST:,} applications")
            yield template, found

    def _of(self, kind: str, spec: Mapping[str, Any]) -> list[Params]:
        if kind == "list":
            return list(self._listed(spec))
        if kind == "git":
            return self._of_git(spec)
        if kind == "matrix":
            return self._matrix(maps_of(spec.get("generators")))
        if kind == "merge":
            return self._merge(spec)
        if self.given is None:
            raise UnresolvedError(
                f"{kind} {_ASKING[kind]}: say what it yields under gitops.parameters.{self.name} "
                "in portside.yaml"
            )
        return [dict(it) if self.go else dict(_flat(it)) for it in self.given]

    def _listed(self, spec: Mapping[str, Any]) -> Iterator[Params]:
        for element in maps_of(spec.get("elements")):
            yield dict(element) if self.go else dict(_texts(element))
        text = text_of(spec.get("elementsYaml"))
        for document in read(text.encode()) if text else ():
            if isinstance(document, Broken) or not isinstance(document.value, list):
                raise UnresolvedError("elementsYaml is no list")
            yield from (dict(it) for it in maps_of(document.value))

    def _of_git(self, spec: Mapping[str, Any]) -> list[Params]:
        address = text_of(spec.get("repoURL"))
        patterns = [*maps_of(spec.get("directories")), *maps_of(spec.get("files"))]
        hints = [_fixed(text_of(it.get("path"))) for it in patterns]
        tree = next((it for it in (self.sources.find(address, hint) for hint in hints) if it), None)
        if tree is None:
            raise UnresolvedError(f"{address} is not in this tree: {VENDOR.format(address)}")
        prefix, values = text_of(spec.get("pathParamPrefix")), map_of(spec.get("values"))
        try:
            found = list(self._read(tree, spec, prefix))
        except BadGlobError as error:
            raise UnresolvedError(str(error)) from error
        return [self._with_values(it, values) for it in found]

    def _read(self, tree: Tree, spec: Mapping[str, Any], prefix: str) -> Iterator[Params]:
        """What the folders of `spec.directories` yield, or the files of `spec.files`."""
        if spec.get("directories"):
            for path in _directories(tree, maps_of(spec["directories"])):
                yield self._of_path(path, "", prefix)
            return
        for path in _files(tree, maps_of(spec.get("files"))):
            for value in _objects(tree, path):
                own = dict(value) if self.go else dict(flattened(value))
                yield own | self._of_path(dirname(path) or ".", basename(path), prefix)

    def _of_path(self, path: str, file: str, prefix: str) -> Params:
        """What is told of a folder, and of a file in it."""
        told: Params = {
            "path": path,
            "basename": basename(path),
            "basenameNormalized": normalized(basename(path)),
        }
        if file:
            told |= {"filename": file, "filenameNormalized": normalized(file)}
        if self.go:
            told["segments"] = path.split("/")
            return {prefix: {"path": told}} if prefix else {"path": told}
        head = f"{prefix}.path" if prefix else "path"
        found = {head: told.pop("path"), **{f"{head}.{key}": it for key, it in told.items()}}
        return found | {f"{head}[{at}]": it for at, it in enumerate(path.split("/")) if it}

    def _with_values(self, params: Params, values: Mapping[str, Any]) -> Params:
        if not values:
            return params
        told = filler(params, self.go, self.options)(list(map(text_of, values.values())))
        made = dict(zip(map(str, values), told, strict=True))
        if self.go:
            return params | {"values": made}
        return params | {f"values.{key}": it for key, it in made.items()}

    def _matrix(self, generators: Sequence[Mapping[str, Any]]) -> list[Params]:
        if len(generators) != 2:
            raise UnresolvedError(f"a matrix of {len(generators)} generators: it takes two")
        found: list[Params] = []
        for first in self._one(generators[0]):
            for second in self._one(generators[1], first):
                found.append(_over(second, first) if self.go else _combined(first, second))
                if len(found) > MOST:
                    raise UnresolvedError(f"a matrix yields more than {MOST:,} applications")
        return found

    def _merge(self, spec: Mapping[str, Any]) -> list[Params]:
        generators = maps_of(spec.get("generators"))
        keys = sorted({text_of(it) for it in list_of(spec.get("mergeKeys"))})
        if len(generators) < 2 or not keys:
            raise UnresolvedError("a merge takes two generators or more, and a key or more")
        base, *others = (_by_keys(keys, self._one(it)) for it in generators)
        for other in others:
            for key in base.keys() & other.keys():
                near = other[key]
                base[key] = _over(base[key], near) if self.go else base[key] | near
        return list(base.values())

    def _one(self, entry: Mapping[str, Any], before: Params | None = None) -> list[Params]:
        """What a generator within another yields; it has one kind."""
        found = [params for _, params in self.yields(entry, before)]
        if len(found) != 1:
            raise UnresolvedError("each generator of a matrix or merge is of one kind")
        return found[0]


def normalized(name: str) -> str:
    """`name` as a part of a domain name."""
    return _NO_NAME.sub("-", name.lower())[:_LONGEST_NAME].strip("-.")


def _texts(element: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """An element of a list: texts, and `values` with texts."""
    for key, value in element.items():
        for name, it in (
            value.items() if key == "values" and isinstance(value, dict) else ((key, value),)
        ):
            if not isinstance(it, str):
                raise UnresolvedError(f"{key} of an element is no text, and goTemplate is not set")
            yield (f"values.{name}" if key == "values" else name), it


def _flat(element: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Given parameters: by their names with dots, whether these are written so or as maps."""
    yield from flattened(element).items()


def _fixed(pattern: str) -> str:
    """The folders that a pattern begins with before its first special character."""
    steps = pattern.split("/")
    fixed = next((at for at, it in enumerate(steps) if any(one in it for one in "*?[\\{")), None)
    return "/".join(steps[:fixed]) if fixed is not None else pattern


def _directories(tree: Tree, items: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The folders that fit, of those that are not hidden, as the repo server lists them."""
    patterns = [(text_of(it.get("path")), bool(it.get("exclude"))) for it in items]
    for folder in tree.folders():
        if folder == "." or any(it.startswith(".") for it in folder.split("/")):
            continue
        fits = {exclude for pattern, exclude in patterns if path_match(pattern, folder)}
        if fits == {False}:
            yield folder
    _check_whole(tree)


def _files(tree: Tree, items: Sequence[Mapping[str, Any]]) -> list[str]:
    wanted = [text_of(it.get("path")) for it in items if not it.get("exclude")]
    unwanted = [text_of(it.get("path")) for it in items if it.get("exclude")]
    files = [file for folder in tree.folders() for file in tree.files_in(folder)]
    _check_whole(tree)
    return sorted(
        file
        for file in files
        if any(pathspec_match(it, file) for it in wanted)
        and not any(pathspec_match(it, file) for it in unwanted)
    )


def _check_whole(tree: Tree) -> None:
    if tree.cut:
        raise UnresolvedError(f"the tree has more than {MOST_FOLDERS:,} folders")


def _objects(tree: Tree, path: str) -> list[Mapping[str, Any]]:
    """The maps that a file of parameters holds: one, or a list of them."""
    documents = tree.documents(path)
    if documents is None or any(isinstance(it, Broken) for it in documents):
        raise UnresolvedError(f"{path}, whose parameters it wants, cannot be read")
    values = [it.value for it in documents if isinstance(it, Document)]
    if not values or values[0] is None:
        return [{}]
    if isinstance(values[0], list) and all(isinstance(it, dict) for it in values[0]):
        return list(values[0])
    if not isinstance(values[0], dict):
        raise UnresolvedError(f"{path} holds no map of parameters, and no list of maps")
    return [values[0]]


def _over(far: Params, near: Params) -> Params:
    """Both, where what is near and no null wins, maps within maps too (mergo with override)."""
    made = dict(far)
    for key, value in near.items():
        if isinstance(value, dict) and isinstance(made.get(key), dict):
            made[key] = _over(made[key], value)
        elif value is not None or key not in made:
            made[key] = value
    return made


def _combined(first: Params, second: Params) -> Params:
    for key in first.keys() & second.keys():
        if first[key] != second[key]:
            raise UnresolvedError(f"both generators of a matrix yield {key}, and differ in it")
    return first | second


def _by_keys(keys: Sequence[str], params: Sequence[Params]) -> dict[str, Params]:
    found: dict[str, Params] = {}
    for it in params:
        key = json.dumps([it.get(one) for one in keys], sort_keys=True)
        if key in found:
            raise UnresolvedError("a generator of a merge yields the same mergeKeys twice")
        found[key] = it
    return found
