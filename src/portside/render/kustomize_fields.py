"""What a kustomization names: each text that is a path or an address, and the field it stands in.

Source: sigs.k8s.io/kustomize/api/types, v0.21.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import join
from typing import Any

from portside.model.place import FieldPath
from portside.records import NamedTuple

_LISTS = ("resources", "bases", "components", "crds", "configurations")
_PLUGINS = ("generators", "transformers", "validators")
_GENERATORS = ("configMapGenerator", "secretGenerator")
_OF_FILES = ("patches", "patchesJson6902", "replacements")
_FOLDERS = ("resources", "bases", "components", *_PLUGINS)


class Named(NamedTuple):
    """A text at the path `at` of a kustomization that names a file, a folder or an address."""

    field: str
    text: str
    at: FieldPath
    chart: tuple[str, ...] = ()
    """Of a chart: the folders that it may stand in, the first that is there counts."""

    @property
    def may_be_folder(self) -> bool:
        return self.field in _FOLDERS


def named_in(value: dict[str, Any]) -> Iterator[Named]:
    """Everything that the kustomization `value` names, in the order of its fields here."""
    for key in (*_LISTS, *_PLUGINS):
        yield from _texts(value, key)
    yield from _texts(value, "patchesStrategicMerge")
    for key in _OF_FILES:
        for at, item in _maps(value, key):
            yield from _one(key, item.get("path"), (*at, "path"))
    for key in _GENERATORS:
        for at, item in _maps(value, key):
            yield from _generated(key, item, at)
    yield from _charts(value)
    schema = value.get("openapi")
    if type(schema) is dict:
        yield from _one("openapi", schema.get("path"), ("openapi", "path"))


def _texts(value: dict[str, Any], key: str) -> Iterator[Named]:
    """The texts of a list; one of several lines is no path, but the thing itself."""
    for index, item in enumerate(_list(value.get(key))):
        yield from _one(key, item, (key, index))


def _one(field: str, text: object, at: FieldPath) -> Iterator[Named]:
    if type(text) is str and text.strip() and "\n" not in text:
        yield Named(field, text, at)


def _generated(key: str, item: dict[str, Any], at: FieldPath) -> Iterator[Named]:
    """The files that a generator reads: `KEY=FILE` or `FILE` under files, and those of envs."""
    for index, text in enumerate(_list(item.get("files"))):
        if type(text) is str:
            yield from _one(key, text.partition("=")[2] or text, (*at, "files", index))
    for index, text in enumerate(_list(item.get("envs"))):
        yield from _one(key, text, (*at, "envs", index))
    yield from _one(key, item.get("env"), (*at, "env"))


def _charts(value: dict[str, Any]) -> Iterator[Named]:
    home = value.get("helmGlobals")
    home = home.get("chartHome") if type(home) is dict else None
    folder = home if type(home) is str and home else "charts"
    for key in ("helmCharts", "helmChartInflationGenerator"):
        for at, item in _maps(value, key):
            yield from _chart(key, item, at, item.get("chartHome") or folder)
            yield from _one(key, item.get("valuesFile") or item.get("values"), (*at, "valuesFile"))
            for index, text in enumerate(_list(item.get("additionalValuesFiles"))):
                yield from _one(key, text, (*at, "additionalValuesFiles", index))


def _chart(key: str, item: dict[str, Any], at: FieldPath, home: object) -> Iterator[Named]:
    name = item.get("name") or item.get("chartName")
    if type(name) is not str or not name or type(home) is not str:
        return
    folders = [join(home, name)]
    if type(item.get("version")) is str and item["version"]:
        folders.insert(0, join(home, f"{name}-{item['version']}", name))
    repository = item.get("repo") or item.get("chartRepoUrl") or ""
    text = f"{str(repository).rstrip('/')}/{name}" if repository else name
    yield Named(key, text, (*at, "name"), tuple(folders))


def _maps(value: dict[str, Any], key: str) -> Iterator[tuple[FieldPath, dict[str, Any]]]:
    for index, item in enumerate(_list(value.get(key))):
        if type(item) is dict:
            yield (key, index), item


def _list(value: object) -> list[Any]:
    return value if type(value) is list else []
