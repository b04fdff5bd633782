"""What a HelmRelease of Flux installs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from posixpath import join, normpath
from typing import Any

from portside.model.place import FieldPath
from portside.records import NamedTuple
from portside.render.environment import HELM, Environment
from portside.render.gitops.applicationsets import as_yaml
from portside.render.gitops.flux import chart_name, tree_of_source
from portside.render.gitops.index import SOURCE_TOOLKIT, Index
from portside.render.gitops.inline import setting_at, values_at
from portside.render.gitops.post import post_of
from portside.render.gitops.sources import Sources
from portside.render.gitops.told import (
    VENDOR,
    Told,
    UnresolvedError,
    list_of,
    map_of,
    maps_of,
    remedy,
    text_of,
)
from portside.render.gitops.values_from import referred
from portside.render.tree import Tree, leaves
from portside.render.wire import Setting, Values, ValuesFile

_LONGEST_NAME = 53
_OF_SOURCES = ("GitRepository", "Bucket", "ExternalArtifact")


class _Chart(NamedTuple):
    tree: Tree
    path: str
    values: tuple[Values, ...] = ()
    files: Mapping[str, str] = {}


def release(told: Told, index: Index, sources: Sources) -> Environment:
    """What the HelmRelease installs. Raises UnresolvedError."""
    spec = told.spec
    chart, at = _chart(told, index, sources)
    target = text_of(spec.get("targetNamespace"))
    values, sets, undecided = _values(told, index)
    if map_of(spec.get("values")):
        values.append(values_at(told, ("spec", "values"), as_yaml(spec["values"])))
    return Environment(
        name=told.name,
        kind=HELM,
        path=chart.tree.path(chart.path),
        within=chart.tree.root,
        said=told.said(at),
        values=(*chart.values, *values),
        sets=tuple(sets),
        namespace=target or told.namespace,
        release=release_name(told),
        include_crds=map_of(spec.get("install")).get("crds") != "Skip",
        files=chart.files,
        post=post_of(told),
        undecided=tuple(undecided),
    )


def release_name(told: Told) -> str:
    """The name of the release: as it is said, else of namespace and name, cut to Helm's 53."""
    said = text_of(told.spec.get("releaseName"))
    if said:
        return said
    target = text_of(told.spec.get("targetNamespace"))
    name = f"{target}-{told.name}" if target else told.name
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[:40]}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _chart(told: Told, index: Index, sources: Sources) -> tuple[_Chart, FieldPath]:
    spec = told.spec
    reference = map_of(spec.get("chartRef"))
    if reference:
        return _referred(told, reference, index, sources), ("spec", "chartRef")
    chart = map_of(map_of(spec.get("chart")).get("spec"))
    at: FieldPath = ("spec", "chart", "spec", "chart")
    try:
        return _of_spec(told, chart, index, sources), at
    except UnresolvedError as error:
        raise UnresolvedError(error.reason, error.at or at) from error


def _referred(told: Told, reference: Mapping[str, Any], index: Index, sources: Sources) -> _Chart:
    """The chart of an OCIRepository or of a HelmChart."""
    kind, name = text_of(reference.get("kind")), text_of(reference.get("name"))
    namespace = text_of(reference.get("namespace")) or told.namespace
    found = index.find(SOURCE_TOOLKIT, kind, name, namespace, told.resource)
    spec = map_of(found.value.get("spec")) if found is not None else {}
    if kind == "HelmChart" and found is not None:
        return _of_spec(Told(found, found.value), spec, index, sources)
    address = text_of(spec.get("url"))
    repository, chart = chart_name(address) if address else ("", name)
    version = text_of(map_of(spec.get("ref")).get("tag"))
    given = sources.chart(repository, chart, version) or sources.chart(address, name, version)
    if given is None:
        where = f"{kind} {name}" + (f" ({address})" if address else "")
        reason = f"the chart of {where} is not in this tree"
        raise UnresolvedError(f"{reason}: {remedy(kind, name)}", ("spec", "chartRef"))
    return _Chart(*given)


def _of_spec(told: Told, spec: Mapping[str, Any], index: Index, sources: Sources) -> _Chart:
    """A chart as a HelmChart describes it: a path in a source, or a name in a repository."""
    chart, reference = text_of(spec.get("chart")), map_of(spec.get("sourceRef"))
    kind = text_of(reference.get("kind"))
    if kind in _OF_SOURCES:
        path = normpath(chart.lstrip("/") or ".")
        if leaves(path):
            raise UnresolvedError(f"{chart} leads out of its source")
        tree = tree_of_source(told, reference, path, index, sources)
        if not tree.is_file(join(path, "Chart.yaml")) and not path.endswith(".tgz"):
            raise UnresolvedError(f"there is no chart at {chart} in its source")
        return _with_values_files(_Chart(tree, path), spec)
    name = text_of(reference.get("name"))
    namespace = text_of(reference.get("namespace")) or told.namespace
    found = index.find(SOURCE_TOOLKIT, "HelmRepository", name, namespace, told.resource)
    address = text_of(map_of(found.value.get("spec")).get("url")) if found is not None else name
    version = text_of(spec.get("version"))
    given = sources.chart(address, chart, version) or sources.chart(name, chart, version)
    if given is None:
        reason = f"the chart {chart} {version} of {address} is not in this tree"
        raise UnresolvedError(f"{reason}: {VENDOR.format(chart)}")
    return _with_values_files(_Chart(*given), spec)


def _with_values_files(chart: _Chart, spec: Mapping[str, Any]) -> _Chart:
    """With the files that are the chart's own values in place of values.yaml."""
    names = [text_of(it) for it in list_of(spec.get("valuesFiles"))]
    if not names:
        return chart
    base = "." if chart.tree.is_file(chart.path) else chart.path
    kept = []
    for name in names:
        # In a Git source they are relative to its root, in a packed chart to the chart.
        path = next(
            (it for it in (normpath(name), normpath(join(base, name))) if chart.tree.is_file(it)),
            "",
        )
        if path:
            kept.append(path)
        elif spec.get("ignoreMissingValuesFiles") is not True:
            raise UnresolvedError(f"there is no file of values {name} in its source")
    if kept[:1] == [normpath(join(base, "values.yaml"))]:
        return chart._replace(values=tuple(ValuesFile(chart.tree.path(it)) for it in kept[1:]))
    merged: dict[str, Any] = {}
    for path in kept:
        value = chart.tree.map_in(path)
        if value is None:
            raise UnresolvedError(f"{path} is no file of values")
        merged = merged_values(merged, value)
    return chart._replace(files={"values.yaml": as_yaml(merged)})


def merged_values(far: Mapping[str, Any], near: Mapping[str, Any]) -> dict[str, Any]:
    """Both, maps within maps too, where what is near wins."""
    made = dict(far)
    for key, value in near.items():
        if isinstance(value, dict) and isinstance(made.get(key), dict):
            made[key] = merged_values(made[key], value)
        else:
            made[key] = value
    return made


def _values(told: Told, index: Index) -> tuple[list[Values], list[Setting], list[str]]:
    """What valuesFrom gives: texts, values by themselves, and what is not known, in words."""
    values: list[Values] = []
    sets, undecided = [], []
    for reference in maps_of(told.spec.get("valuesFrom")):
        found = referred(told, reference, index)
        key = text_of(reference.get("valuesKey")) or "values.yaml"
        text = None if found.data is None else found.data.get(key)
        if not isinstance(text, str):
            if reference.get("optional") is not True or reference.get("kind") == "Secret":
                undecided.append(found.why or f"{key} of {text_of(reference.get('name'))}")
            continue
        source, place = found.source or told, found.place(key)
        if text_of(reference.get("targetPath")):
            sets.append(setting_at(source, place, _setting(reference["targetPath"], text)))
        else:
            values.append(values_at(source, place, text))
    return values, sets, undecided


def _setting(path: str, text: str) -> Setting:
    """A single value; one in quotes is a text whatever it looks like."""
    for quote in ("'", '"'):
        if len(text) > 1 and text.startswith(quote) and text.endswith(quote):
            return Setting(f"{path}={text[1:-1]}", "set-string")
    return Setting(f"{path}={text}")
