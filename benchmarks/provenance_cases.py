"""The shared charts and overlays, rendered, with what leads their fields back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from benchmarks.corpus import CORPORA
from portside.model.place import FieldPath
from portside.render.helm_origins import HelmOrigins
from portside.render.kustomize_origins import KustomizeOrigins
from portside.render.layers import at
from portside.render.origins import CHANGE, INSERT, REPLACE, Origins, Way
from portside.render.process import Renderer, renderer
from portside.render.wire import HelmRequest, KustomizeRequest, Rendered, ValuesFile
from portside.syntax import Document, read

CHARTS = CORPORA / "helm-golden"
OVERLAYS = CORPORA / "kustomize-golden" / "inputs" / "GoogleCloudPlatform+microservices-demo"


class Place(NamedTuple):
    """A field of a render; `present` is whether it is there."""

    file: int
    document: int
    path: FieldPath
    present: bool
    whole: bool = False
    """Whether it is a map or a list, or something in it is what is wrong."""


class Case(Protocol):
    """Something that is rendered, and rendered again with an edit."""

    name: str
    plain: Rendered

    @property
    def origins(self) -> Origins: ...

    def edited(self, way: Way, value: Any) -> Rendered:
        """The render after the edit: `value` is put at, or in place of, what `way` names."""

    def held(self, way: Way) -> Any:
        """What stands at the place now."""


def cases() -> Iterator[Case]:
    """Every shared chart with each of its values, then every shared overlay."""
    if not CHARTS.exists():
        raise FileNotFoundError("the shared corpora are not beside the project: ../shared/corpora")
    program = renderer()
    if program is None:
        raise FileNotFoundError("no renderer: pip install ./renderer")
    for it in json.loads((CHARTS / "index.json").read_text()):
        folder = CHARTS / it["chart"]
        values = tuple(ValuesFile(str(folder / name)) for name in it["values_file"])
        request = HelmRequest(str(folder / "chart"), values=values)
        name = it["chart"].rpartition("__")[2]
        yield ChartCase(f"{name}, {it['values']}", request, program)
    for folder in overlays():
        build = KustomizeRequest(str(folder), str(OVERLAYS))
        yield OverlayCase(str(folder.relative_to(OVERLAYS)), build, program)


def overlays() -> Iterator[Path]:
    """The shared overlays that no remote base keeps from being built."""
    for it in sorted(OVERLAYS.rglob("kustomization.yaml")):
        if "kind: Component" not in it.read_text():
            yield it.parent


class OverlayCase:
    """A kustomization."""

    def __init__(self, name: str, request: KustomizeRequest, program: Renderer) -> None:
        self.name = name
        self._request = request
        self._program = program
        self.plain = program.kustomize(request)
        self.origins = KustomizeOrigins(request, self.plain, program)

    def held(self, way: Way) -> Any:
        """What a base or a patch holds."""
        found = at(self._values(way.file)[way.document if way.inside is None else 0], way.path)
        if way.inside is None:
            return found
        return at(_documents(found)[way.document], way.inside)

    def edited(self, way: Way, value: Any) -> Rendered:
        """The build with a file edited."""
        values = self._values(way.file)
        if way.inside is None:
            values[way.document] = put(values[way.document], way.path, value)
        else:
            inner = _documents(at(values[0], way.path))
            inner[way.document] = put(inner[way.document], way.inside, value)
            text = "\n---\n".join(map(json.dumps, inner))
            values[0] = put(values[0], way.path, text)
        text = "\n---\n".join(map(json.dumps, values))
        return self._program.kustomize(self._request._replace(files={way.file: text}))

    def _values(self, file: str) -> list[Any]:
        return _documents((Path(self._request.root) / file).read_text())


class ChartCase:
    """A chart with its values."""

    def __init__(self, name: str, request: HelmRequest, program: Renderer) -> None:
        self.name = name
        self._request = request
        self._program = program
        self.plain = program.helm(request)
        self.origins = HelmOrigins(request, self.plain, program)

    def held(self, way: Way) -> Any:
        """What a key of the values holds."""
        return at(_document(self._text(way.file)), way.path) if way.how == "set" else None

    def edited(self, way: Way, value: Any) -> Rendered:
        """The render with a template or a file of values edited."""
        request = self._request
        if way.role == "template":
            text = edited_lines(self.origins.sources[way.file], way, value)
            return self._program.helm(request._replace(templates={way.file: text}))
        text = json.dumps(put(_document(self._text(way.file)), way.path, value))
        if way.role == "default":
            return self._program.helm(request._replace(files={way.file: text}))
        values = tuple(
            text if isinstance(it, ValuesFile) and it.path == way.file else it
            for it in request.values
        )
        return self._program.helm(request._replace(values=values))

    def _text(self, name: str) -> str:
        given = {it.path for it in self._request.values if isinstance(it, ValuesFile)}
        path = Path(name) if name in given else Path(self._request.chart) / name
        return path.read_text()


def edited_lines(text: str, way: Way, value: Any) -> str:
    """`text` with the edit of `way` made, on its line."""
    lines = text.split("\n")
    number = way.line - 1
    blanks = " " * (way.column - 1)
    if way.how == INSERT:
        lines.insert(number, f"{blanks}{json.dumps(way.missing[0])}: {json.dumps(value)}")
    elif way.how == REPLACE:
        key, _, _ = lines[number].partition(":")
        lines[number] = f"{key}: {json.dumps({way.missing[0]: value})}"
    elif way.how == CHANGE and way.missing:
        head, bracket, rest = lines[number].rpartition("}")
        more = f"{json.dumps(way.missing[0])}: {json.dumps(value)}"
        lines[number] = f"{head}, {more}{bracket}{rest}"
    elif way.how == CHANGE:
        lines[number] = _changed(lines[number], way, value)
    return "\n".join(lines)


def _changed(line: str, way: Way, value: Any) -> str:
    """The line with another value behind its key, or, where none stands there, another key."""
    head, rest = line[: way.column - 1], line[way.column - 1 :]
    if way.path and type(way.path[-1]) is int:
        return f"{head}- {json.dumps(value)}" if ":" not in rest else line.replace(":", "x:", 1)
    key, _, behind = rest.partition(":")
    scalar = not isinstance(value, dict | list)
    if not scalar or not behind.strip() or (behind.strip()[0] in "|>&{" and "{{" not in behind):
        return f"{head}{key.rstrip()}x:{behind}"
    return f"{head}{key}: {json.dumps(value)}"


def put(value: Any, path: FieldPath, wanted: Any) -> Any:
    """A copy of `value` with `wanted` at `path`; maps on the way are made."""
    if not path:
        return wanted
    step = path[0]
    if type(step) is int:
        copied = list(value)
        copied[step] = put(copied[step], path[1:], wanted)
        return copied
    below = dict(value) if isinstance(value, dict) else {}
    below[step] = put(below.get(step), path[1:], wanted)
    return below


def _documents(text: str) -> list[Any]:
    return [it.value for it in read(text.encode()) if isinstance(it, Document)]


def _document(text: str) -> Any:
    found = next(iter(read(text.encode())), None)
    return found.value if isinstance(found, Document) else {}
