"""Objects that a kustomization makes of a chart (`helmCharts`) → the chart's templates and values.

The chart is rendered as Kustomize has it rendered, and its objects are found again among those of
the build. Source: sigs.k8s.io/kustomize/api/types/helmchartargs.go, v0.21.2.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, Any

from portside.model.finding import Step
from portside.model.place import FieldPath
from portside.records import NamedTuple
from portside.render.helm_origins import HelmOrigins
from portside.render.kustomize_fields import named_in
from portside.render.layers import ABSENT, Layer, at, layer_of_file
from portside.render.marks import documents
from portside.render.origins import SET, TEMPLATE, Origin, Way
from portside.render.pieces import counterpart
from portside.render.wire import HelmRequest, ValuesFile
from portside.syntax import Document
from portside.vendor.address import plain

if TYPE_CHECKING:
    from portside.render.mounted import Mounted
    from portside.render.pieces import Piece
    from portside.render.process import Renderer
    from portside.render.wire import KustomizeRequest, Rendered

FIELD = "helmCharts"
_MERGE, _REPLACE = "merge", "replace"


class _Chart(NamedTuple):
    path: str
    root: str
    below: str
    """Below the root of the build; empty for what is vendored."""
    called: str
    """What people call it, if it is vendored."""


class Inflated:
    """One entry of helmCharts. It is rendered when the first field is asked.

    `called` is how people call files of the tree by their paths below its root.
    """

    __slots__ = ("_answer", "_called", "_chart", "_entry", "_number", "_origins", "_program",
                 "_read", "_request", "_tree", "_whole")  # fmt: skip

    def __init__(
        self,
        whole: Piece,
        number: int,
        tree: Mounted,
        request: KustomizeRequest,
        program: Renderer,
        called: Callable[[str], str],
    ) -> None:
        self._whole = whole
        self._number = number
        self._entry: dict[str, Any] = whole.value[FIELD][number]
        self._tree = tree
        self._request = request
        self._program = program
        self._called = called
        self._chart = self._found()
        self._answer: Rendered | None = None
        self._origins: HelmOrigins | None = None
        self._read: list[list[Document | None]] = []

    def name_of(self, value: dict[str, Any]) -> str:
        """What the chart calls the built object `value`; empty where it makes no such object."""
        if self._chart is None:
            return ""
        self._prepare(self._chart)
        found = self._object(value)
        return str(at(found[2], ("metadata", "name"))) if found is not None else ""

    def of(self, value: dict[str, Any], path: FieldPath) -> Origin | None:
        """Where the field of the built object `value` was made; None where the chart made none.

        What was made otherwise since then is None, too: another step did it.
        """
        found = self._object(value)
        if found is None or self._origins is None:
            return None
        file, number, made = found
        above = path
        while above and at(value, above) is ABSENT:
            above = above[:-1]
        inside = counterpart(value, above, made)
        if inside is None or len(inside) != len(above):
            return None
        if above == path and not _grown(at(made, inside), at(value, path)):
            return None
        return self._led(self._origins.of(file, number, (*inside, *path[len(above) :])))

    def _led(self, found: Origin) -> Origin:
        chart = self._chart
        assert chart is not None  # noqa: S101 - asked by `of` alone
        if chart.called and found.file.startswith(chart.called):
            place = (FIELD, self._number, "name")
            line, column, width = self._whole.place(place)
            file = self._called(self._whole.file)
            step = Step("kustomization", file, line, column, f"{FIELD}[{self._number}].name")
            sure = TEMPLATE if found.way else found.confidence
            return Origin(file, line, column, width, (*found.chain, step), sure)
        return found._replace(way=self._way(found.way, chart)) if found.way else found

    def _way(self, way: Way, chart: _Chart) -> Way:
        """The edit, with its file below the root of the build."""
        if way.role == "template":
            return way._replace(file=join(chart.below, way.file.partition("/")[2]))
        if way.role == "default":
            return way._replace(file=join(chart.below, way.file))
        if way.file == self._whole.file and way.how == SET:
            return way._replace(role="kustomization")
        return way

    def _object(self, value: dict[str, Any]) -> tuple[int, int, dict[str, Any]] | None:
        """The object of the chart that became `value`: of its kind, its name in that one's."""
        name = str(at(value, ("metadata", "name")))
        same = [
            (file, number, it.value, str(at(it.value, ("metadata", "name"))))
            for file, listed in enumerate(self._read)
            for number, it in enumerate(listed)
            if it is not None and it.value.get("kind") == value.get("kind")
        ]
        exact = [it for it in same if it[3] == name]
        found = exact or [it for it in same if it[3] in name]
        return found[0][:3] if len(found) == 1 else None

    def _prepare(self, chart: _Chart) -> None:
        if self._answer is not None:
            return
        layers = list(self._layers())
        asked = self._asked(chart, layers)
        self._answer = self._program.helm(asked)
        folder = f"{chart.called}!" if chart.called else self._called(chart.below)
        names = {it.file: self._called(it.file) for it in layers}
        self._origins = HelmOrigins(asked, self._answer, self._program, folder, names, layers[::-1])
        self._read = [
            [it if _is_object(it) else None for it in documents(file.text)]  # type: ignore[misc]
            for file in self._answer.files
        ]

    def _found(self) -> _Chart | None:
        """Where Kustomize finds the chart: in the tree, else among what was vendored."""
        folder = dirname(self._whole.file)
        place = (FIELD, self._number, "name")
        if self._tree.remote(self._whole.file) is not None:
            return None
        for named in named_in(self._whole.value):
            for text in named.chart if named.at == place else ():
                below = normpath(join(folder, text))
                if self._tree.is_file(join(below, "Chart.yaml")):
                    return _Chart(self._tree.path(below), self._tree.root, below, "")
        for it in self._request.remotes:
            repository = str(self._entry.get("repo"))
            wanted = (str(self._entry.get("name")), str(self._entry.get("version") or ""))
            if (it.name, it.version) == wanted and plain(it.url) == plain(repository):
                return _Chart(it.path, os.path.dirname(it.path), "", it.called)
        return None

    def _asked(self, chart: _Chart, layers: list[Layer]) -> HelmRequest:
        entry = self._entry
        version, extra = entry.get("kubeVersion"), entry.get("apiVersions")
        known = self._request.api_versions
        return HelmRequest(
            chart.path,
            release=str(entry.get("releaseName") or HelmRequest._field_defaults["release"]),
            namespace=self._namespace(),
            kubernetes_version=str(version or self._request.kubernetes_version),
            api_versions=(*known, *map(str, extra or ())) if known is not None else None,
            values=tuple(json.dumps(it.value) for it in layers),
            include_crds=entry.get("includeCRDs") is True,
            skip_tests=entry.get("skipTests") is True,
            root=chart.root,
            sources=True,
        )

    def _namespace(self) -> str:
        given = self._entry.get("namespace") or self._whole.value.get("namespace")
        return str(given or HelmRequest._field_defaults["namespace"])

    def _layers(self) -> Iterator[Layer]:
        """The values that Kustomize gives to Helm, the weakest first."""
        how = self._entry.get("valuesMerge")
        inline = list(self._inline())
        named = self._entry.get("valuesFile")
        files = list(self._file(named)) if isinstance(named, str) and how != _REPLACE else []
        yield from (*inline, *files) if how == _MERGE else (*files, *inline)
        more = self._entry.get("additionalValuesFiles")
        for text in more if isinstance(more, list) else ():
            yield from self._file(str(text))

    def _inline(self) -> Iterator[Layer]:
        value = self._entry.get("valuesInline")
        if isinstance(value, dict) and value:
            inside = (FIELD, self._number, "valuesInline")
            document = self._whole.document
            yield Layer("values", self._whole.file, (), value, document, inside=inside)

    def _file(self, text: str) -> Iterator[Layer]:
        below = normpath(join(dirname(self._whole.file), text))
        if self._tree.is_file(below):
            for it in layer_of_file(ValuesFile(self._tree.path(below))):
                yield it._replace(file=below)


def _is_object(it: object) -> bool:
    return isinstance(it, Document) and isinstance(it.value, dict)


def _grown(held: Any, rendered: Any) -> bool:
    """Whether what the chart makes is the field, or a map that grew into it."""
    return bool(held == rendered) or (isinstance(held, dict) and isinstance(rendered, dict))
