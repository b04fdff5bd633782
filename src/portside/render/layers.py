"""The values of a chart: which file sets a key, on which line, and what the key is in the end.

Helm's order: what is set by hand, the given files of values from the last to the first, the chart's
own values.yaml, and that of each sub-chart under the sub-chart's name. Nulls delete.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from portside.records import NamedTuple
from portside.render.wire import HelmRequest, Setting, Values, ValuesFile, ValuesText
from portside.syntax import DEFAULT, Document, TooLargeError, read

if TYPE_CHECKING:
    from portside.model.place import FieldPath
    from portside.render.wire import Rendered

GLOBAL: Final = "global"
_CHARTS = "charts"
_TEMPLATES = "/templates/"
_DEEPEST = 16


class _Absent:
    """No value: a key that nothing sets."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()


class Layer(NamedTuple):
    """A source of values; `below` is the key that its own keys stand under."""

    role: str
    """`set`, `values` or `default`, as steps of a finding's chain have it."""
    file: str
    """The path that was given, or the path below the chart's folder; empty for `set`."""
    below: FieldPath
    value: Any
    document: Document | None
    whole: bool = True
    """Whether all of it counts, or only what is global."""
    inside: FieldPath = ()
    """The key of the document that its own keys stand under."""
    places: Mapping[FieldPath, tuple[int, int, int]] = {}
    """Where there is no document: the line, column and width of the keys that are known."""
    packed: bool = False
    """Whether it lies in an archive, so that nobody edits it."""

    def within(self, path: FieldPath) -> FieldPath | None:
        """What this layer calls the key `path`; None where it has no say in it."""
        if path[:1] == (GLOBAL,) and self.below:
            return path
        if not self.whole or path[: len(self.below)] != self.below:
            return None
        return path[len(self.below) :]


class Written(NamedTuple):
    """Where a key is written, or the nearest around it that is known; 0 where it is in no file."""

    layer: Layer
    line: int
    column: int
    width: int
    path: FieldPath
    """The key as the layer calls it."""


class Layers:
    """All layers, the strongest first."""

    __slots__ = ("_layers",)

    def __init__(self, layers: Iterable[Layer]) -> None:
        self._layers = tuple(layers)

    def written(self, path: FieldPath) -> Written | None:
        """The strongest place that writes the key `path` itself."""
        for layer in self._layers:
            inner = layer.within(path)
            if inner and at(layer.value, inner) is not ABSENT:
                return _written(layer, inner)
        return None

    def over(self, written: Written, missing: FieldPath) -> tuple[Written, FieldPath] | None:
        """Where the key that `written` is, and `missing` below it, is set instead, if it lies in an
        archive: who has the archive may set all that it comes with. None for what no map holds.
        """
        if not written.layer.packed:
            return written, missing
        path = (*written.layer.below, *written.path, *missing)
        found = Layers(it for it in self._layers if not it.packed).nearest(path)
        if found is None or any(type(step) is int for step in found[1]):
            return None
        held = at(found[0].layer.value, found[0].path)
        return found if type(held) is dict else None

    def nearest(self, path: FieldPath) -> tuple[Written, FieldPath] | None:
        """The strongest place of the nearest ancestor that is written, and what it lacks."""
        for length in range(len(path), 0, -1):
            found = self.written(path[:length])
            if found is not None:
                return found, path[length:]
        for layer in self._layers:
            if layer.document is not None and layer.whole and not layer.below:
                return _written(layer, ()), path
        return None

    def value(self, path: FieldPath) -> Any:
        """What the key is when the layers are merged; ABSENT where nothing sets it."""
        merged: Any = ABSENT
        for layer in self._layers:
            inner = layer.within(path)
            found = ABSENT if inner is None else at(layer.value, inner)
            if found is ABSENT:
                if inner is not None and self._cut(layer.value, inner):
                    break
                continue
            if merged is ABSENT:
                merged = found
            elif type(merged) is dict and type(found) is dict:
                merged = _merge(merged, found)
            if type(merged) is not dict:
                break
        return ABSENT if merged is None else _without_nulls(merged)

    @staticmethod
    def _cut(value: Any, path: FieldPath) -> bool:
        """Whether an ancestor of `path` is something else than a map: weaker layers do not show."""
        for step in path:
            if type(value) is not dict:
                return True
            if step not in value:
                return False
            value = value[step]
        return False


def at(value: Any, path: FieldPath) -> Any:
    """The value at `path`, or ABSENT."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return ABSENT
        if type(step) is int and step < 0:
            return ABSENT
    return value


def _written(layer: Layer, path: FieldPath) -> Written:
    if layer.document is None:
        around = (path[:length] for length in range(len(path), -1, -1))
        known = next((it for it in around if it in layer.places), None)
        place = (0, 0, 0) if known is None else layer.places[known]
        return Written(layer, *place, path)
    return Written(layer, *layer.document.mark((*layer.inside, *path)), path)


def _merge(strong: Any, weak: Any) -> Any:
    if type(strong) is not dict or type(weak) is not dict:
        return strong
    return {
        key: _merge(strong[key], weak[key]) if key in strong and key in weak
        else strong.get(key, weak.get(key))
        for key in {**weak, **strong}
    }  # fmt: skip


def _without_nulls(value: Any) -> Any:
    if type(value) is not dict:
        return value
    return {key: _without_nulls(it) for key, it in value.items() if it is not None}


def layers_of(
    request: HelmRequest, answer: Rendered, given: Sequence[Layer] | None = None
) -> Layers:
    """The layers of what `request` was answered with.

    `given` are the layers of the request's values, the strongest first, where those are known to
    come from elsewhere.
    """
    sources = answer.sources
    found = [*(_set(it) for it in request.sets)][::-1]
    if given is not None:
        found += given
    else:
        for it in request.values[::-1]:
            found += layer_of_file(it)
    if os.path.isdir(request.chart):
        charts = sub_charts(request.chart, sources)
        exports = _exports(request.chart, charts)
        for below, folder in charts.items():
            found += _defaults(request, below, folder)
        found += _packed(answer)
        for export in exports:
            found += list(_exported(found, export))
    else:
        found += _packed(answer)
    return Layers(found)


def _packed(answer: Rendered) -> Iterator[Layer]:
    """The values that the charts in archives come with, the outermost first."""
    found: dict[FieldPath, Layer] = {}
    for it in answer.files:
        _, mark, inside = it.name.partition(_TEMPLATES)
        name = f"{it.path.removesuffix(mark[1:] + inside)}values.yaml"
        below = chart_of(it.name)
        if not mark or name not in answer.values or below in found:
            continue
        document = _parsed(answer.values[name].encode("utf-8", "surrogateescape"))
        if document is not None:
            found[below] = Layer("default", name, below, document.value, document, packed=True)
    yield from (found[below] for below in sorted(found, key=len))


class _Export(NamedTuple):
    """That a chart takes what stands under a key of another that it depends on."""

    chart: FieldPath
    source: FieldPath
    target: FieldPath


def _exports(chart: str, charts: dict[FieldPath, str]) -> list[_Export]:
    """What charts take by `import-values`, the innermost first: they take what others have taken.

    Charts that only export are put into `charts`.
    """
    found: list[_Export] = []
    open_ = list(charts)
    while open_:
        below = open_.pop()
        metadata = _mapping(os.path.join(chart, charts[below], "Chart.yaml"))
        for it in _maps(metadata.get("dependencies")):
            name = str(it.get("alias") or it.get("name"))
            taken = list(_taken(it.get("import-values")))
            found += (_Export(below, (*below, name, *one), (*below, *to)) for one, to in taken)
            inner = (*below, name)
            if taken and inner not in charts and len(inner) < _DEEPEST:
                folder = _folder(chart, charts[below], name)
                if folder is not None:
                    charts[inner] = folder
                    open_.append(inner)
    return sorted(found, key=lambda it: -len(it.chart))


def _taken(listed: Any) -> Iterator[tuple[FieldPath, FieldPath]]:
    """The keys of import-values: the sub-chart's, and the chart's that it is put under."""
    for it in listed if isinstance(listed, list) else ():
        if isinstance(it, str):
            yield ("exports", it), ()
        elif isinstance(it, dict):
            steps = (step for step in str(it.get("parent")).split(".") if step not in ("", "."))
            yield tuple(str(it.get("child")).split(".")), tuple(steps)


def _exported(layers: Sequence[Layer], export: _Export) -> Iterator[Layer]:
    """What the layers have under the source, as if it stood under the target, weaker than the rest.

    Only the values that charts come with are taken, and none of what is set from outside.
    Source: helm.sh/helm/v4/pkg/chart/v2/util/dependencies.go.
    """
    depth = len(export.chart)
    for it in layers:
        inner = it.within(export.source)
        if it.role != "default" or it.below[:depth] != export.chart or inner is None:
            continue
        value = at(it.value, inner)
        if isinstance(value, dict):
            yield it._replace(below=export.target, value=value, inside=(*it.inside, *inner))


def _maps(value: Any) -> Iterator[dict[str, Any]]:
    return (it for it in value if isinstance(it, dict)) if isinstance(value, list) else iter(())


def chart_of(template: str) -> FieldPath:
    """The key that the values of a template's chart stand under: a/charts/b/templates/x: (b,)."""
    steps = template.partition("/templates/")[0].split("/")
    return tuple(steps[2::2])


def sub_charts(chart: str, sources: Iterable[str]) -> dict[FieldPath, str]:
    """The folders, below `chart`, of the charts that `sources` belong to, outermost first."""
    found: dict[FieldPath, str] = {(): ""}
    for below in sorted({chart_of(it) for it in sources}, key=len):
        for length in range(1, min(len(below), _DEEPEST) + 1):
            parent = found.get(below[: length - 1])
            if parent is None or below[:length] in found:
                continue
            folder = _folder(chart, parent, str(below[length - 1]))
            if folder is not None:
                found[below[:length]] = folder
    return found


def _folder(chart: str, parent: str, name: str) -> str | None:
    """The folder of the sub-chart that its parent calls `name`, which may be an alias."""
    straight = os.path.join(parent, _CHARTS, name)
    if os.path.isdir(os.path.join(chart, straight)):
        return straight
    metadata = _mapping(os.path.join(chart, parent, "Chart.yaml"))
    names = {name}
    for it in metadata.get("dependencies") or ():
        if type(it) is dict and it.get("alias") == name:
            names.add(str(it.get("name")))
    try:
        below = sorted(os.listdir(os.path.join(chart, parent, _CHARTS)))
    except OSError:
        return None
    for it in below:
        folder = os.path.join(parent, _CHARTS, it)
        if _mapping(os.path.join(chart, folder, "Chart.yaml")).get("name") in names:
            return folder
    return None


def _set(given: Setting | str) -> Layer:
    text = given if isinstance(given, str) else given.text
    value: dict[str, Any] = {}
    for part in text.replace("\\,", "\0").split(","):
        key, sign, scalar = part.partition("=")
        if not sign:
            continue
        steps = [it.replace("\1", ".") for it in key.replace("\\.", "\1").split(".")]
        inner = value
        for step in steps[:-1]:
            inner = inner.setdefault(step, {})
            if type(inner) is not dict:
                break
        else:
            inner[steps[-1]] = scalar.replace("\0", ",")
    if isinstance(given, str) or not given.file:
        return Layer("set", "", (), value, None)
    return Layer("set", given.file, (), value, None, places={(): given.place})


def layer_of_file(given: Values) -> Iterator[Layer]:
    """What a file or a text of values says; nothing where it is no map."""
    if isinstance(given, str):
        given = ValuesText(given)
    if given.text is None:
        document = _document(given.path)
    else:
        document = _parsed(given.text.encode("utf-8", "surrogateescape"))
    if document is None:
        return
    if isinstance(given, ValuesFile):
        yield Layer("values", given.path, (), document.value, document)
    else:
        yield Layer("values", given.file, (), document.value, None, places=given.places)


def _defaults(request: HelmRequest, below: FieldPath, folder: str) -> Iterator[Layer]:
    name = os.path.join(folder, "values.yaml")
    path = os.path.join(request.chart, name)
    root = os.path.realpath(request.root or request.chart)
    if not os.path.realpath(path).startswith(root + os.sep):
        return
    replaced: Mapping[str, str] = request.files
    document = _parsed(replaced[name].encode()) if name in replaced else _document(path)
    if document is not None:
        yield Layer("default", name, below, document.value, document)


def _mapping(path: str) -> dict[str, Any]:
    document = _document(path)
    return document.value if document is not None else {}


def _document(path: str) -> Document | None:
    try:
        with open(path, "rb") as file:
            return _parsed(file.read(DEFAULT.size + 1))
    except OSError:
        return None


def _parsed(data: bytes) -> Document | None:
    """The first document, where it is a map; what is none was refused by Helm already."""
    try:
        found = next(iter(read(data)), None)
    except TooLargeError:
        return None
    return found if isinstance(found, Document) and type(found.value) is dict else None
