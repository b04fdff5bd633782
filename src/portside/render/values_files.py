"""The files of values that stand by a chart, and the names of the environments they are of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from posixpath import basename, dirname, join, normpath
from typing import Any

from portside.render.tree import Tree

_ENDS = (".yaml", ".yml")
_FOLDERS = ("environments", "envs", "env")
_OF_VALUES = ("values", *_FOLDERS)


def values_files(tree: Tree, chart: str, charts: Sequence[str]) -> list[tuple[str, str]]:
    """The files of values besides the chart's own: (environment, path), in order.

    Paths are below the root of `tree`; `charts` are all charts. A file that stands above the chart
    is meant for it if no other chart stands there, or if its folder or name is the chart's, and if
    it sets something that the chart has.
    """
    found = [*_beside(tree, chart), *_in_folders(tree, chart)]
    above = list(_all_above(tree, chart, charts))
    # What the chart can be told is a large file to read, and mostly nobody tells it anything there.
    keys = _keys(tree, chart) if above else set()
    for name, file in above:
        value = tree.map_in(file)
        if value is not None and not keys.isdisjoint(value):
            found.append((name, file))
    return list(_named_apart(it for it in found if is_values(tree.map_in(it[1]))))


def ci_files(tree: Tree, chart: str) -> list[tuple[str, str]]:
    """The files with which chart-testing installs the chart: (`ci-NAME`, path)."""
    found = []
    for file in tree.files_in(join(chart, "ci")):
        base = basename(file)
        stem = _stem(base)
        if stem.endswith("-values") and is_values(tree.map_in(file)):
            found.append((f"ci-{stem.removesuffix('-values')}", file))
    return list(_named_apart(iter(found)))


def is_values(value: dict[str, Any] | None) -> bool:
    """Whether a map may be values of a chart: it is no object and no SOPS file."""
    if value is None:
        return False
    return not ("apiVersion" in value and "kind" in value) and not is_encrypted(value)


def is_encrypted(value: dict[str, Any] | None) -> bool:
    """Whether SOPS has encrypted the map: it carries its own `sops` with a MAC."""
    sops = value.get("sops") if value is not None else None
    return type(sops) is dict and ("mac" in sops or "lastmodified" in sops)


def environment_of(file: str) -> str:
    """The environment that the name of a file of values says; empty where it says none.

    `prod` of values-prod.yaml, values.prod.yaml, values_prod.yaml and prod-values.yaml.
    """
    stem = _stem(basename(file))
    for mark in ("-", ".", "_"):
        if stem.startswith(f"values{mark}"):
            return _name(stem[len("values") + 1 :])
        if stem.endswith(f"{mark}values"):
            return _name(stem[: -len("values") - 1])
    return ""


def _beside(tree: Tree, folder: str) -> Iterator[tuple[str, str]]:
    for file in tree.files_in(folder):
        name = environment_of(file)
        if name:
            yield name, file


def _in_folders(tree: Tree, folder: str) -> Iterator[tuple[str, str]]:
    """`environments/prod/values.yaml`, `environments/prod.yaml`, `values/prod.yaml`."""
    for inside in _OF_VALUES:
        path = normpath(join(folder, inside))
        if not tree.is_folder(path):
            continue
        for file in tree.files_in(path):
            stem = _stem(basename(file))
            if stem and stem != "values":
                yield environment_of(file) or _name(stem), file
        for below in tree.folders_in(path):
            for file in tree.files_in(below):
                if _stem(basename(file)) == "values":
                    yield _name(basename(below)), file


def _all_above(tree: Tree, chart: str, charts: Sequence[str]) -> Iterator[tuple[str, str]]:
    for folder in _above(chart):
        alone = all(it == chart or not _is_below(it, folder) for it in charts)
        yield from _from_above(tree, folder, basename(chart), alone)


def _from_above(tree: Tree, folder: str, chart: str, alone: bool) -> Iterator[tuple[str, str]]:
    if alone:
        yield from _beside(tree, folder)
        yield from _in_folders(tree, folder)
    for inside in _OF_VALUES:
        for below in tree.folders_in(join(folder, inside)):
            for file in tree.files_in(below):
                if _stem(basename(file)) == chart:
                    yield _name(basename(below)), file
            for file in tree.files_in(join(below, chart)):
                if _stem(basename(file)) == "values":
                    yield _name(basename(below)), file


def _above(chart: str) -> Iterator[str]:
    while chart not in ("", "."):
        chart = dirname(chart) or "."
        yield chart


def _is_below(path: str, folder: str) -> bool:
    return folder == "." or path == folder or path.startswith(f"{folder}/")


def _keys(tree: Tree, chart: str) -> set[str]:
    """What values of the chart may set: its own keys, and the charts in it."""
    own = next(
        (
            tree.map_in(join(chart, f"values{end}"))
            for end in _ENDS
            if tree.is_file(join(chart, f"values{end}"))
        ),
        None,
    )
    inside = (basename(it) for it in tree.folders_in(join(chart, "charts")))
    return {*(own or {}), *inside}


def _stem(base: str) -> str:
    end = next((it for it in _ENDS if base.lower().endswith(it)), "")
    return base[: -len(end)] if end else ""


def _name(text: str) -> str:
    """`text` as the name of an environment: letters, digits, `.`, `_` and `-`."""
    kept = "".join(it if it.isascii() and (it.isalnum() or it in "._-") else "-" for it in text)
    return kept.strip(".-_").lower()


def _named_apart(found: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Each file once, and each name once: of two that say the same, the second has its number."""
    files, names = set[str](), dict[str, int]()
    for name, file in found:
        if file in files or not name:
            continue
        files.add(file)
        names[name] = names.get(name, 0) + 1
        yield (f"{name}-{names[name]}" if names[name] > 1 else name), file
