"""Lines of all that was rendered, one text of many documents → origins."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from portside.model.place import FieldPath
from portside.render.kept import kept
from portside.render.marks import Read, documents
from portside.render.origins import Origin, Origins
from portside.render.wire import HelmRequest
from portside.syntax import DEFAULT, Document

if TYPE_CHECKING:
    from portside.render.process import Renderer
    from portside.render.wire import Rendered, Request


def origins_of(
    request: Request,
    answer: Rendered,
    program: Renderer,
    folder: str = "",
    names: Mapping[str, str] = {},
) -> Origins:
    """What leads fields of `answer`, to `request`, back. Nothing is rendered before it is asked.

    `folder` is how people call the chart's folder, or the root that a kustomization's files are in;
    `names` how they call files of values.
    """
    if isinstance(request, HelmRequest):
        from portside.render.helm_origins import HelmOrigins

        return HelmOrigins(request, answer, program, folder, names)
    from portside.render.kustomize_origins import KustomizeOrigins

    return KustomizeOrigins(request, answer, program, folder)


class ByLine:
    """Origins asked by a line of the text that all files of a render are joined to.

    `before` is, for each file of the render, how many lines stand before it in that text.
    """

    __slots__ = ("_before", "_files", "_origins", "_read")

    def __init__(self, origins: Origins, answer: Rendered, before: Sequence[int]) -> None:
        self._origins = origins
        self._files = answer.files
        self._before = before
        self._read: dict[int, list[Read]] = {}

    def begin(self, lines: Iterable[int]) -> None:
        """Have the renderer do what answers of those lines need, while something else is done."""
        self._origins.begin({self._file(it) for it in lines})

    def of(self, line: int, path: FieldPath) -> Origin:
        """The origin of the field at `path` of the object that `line` stands in."""
        file = self._file(line)
        if file not in self._read:
            self._read[file] = documents(self._files[file].text, kept(DEFAULT))
        below = line - self._before[file]
        found = 0
        for number, it in enumerate(self._read[file]):
            if it.line <= below:
                found = number
        prefix = _item(self._read[file][found], below) if self._read[file] else ()
        return self._origins.of(file, found, prefix + path)

    def _file(self, line: int) -> int:
        return max(0, bisect_right(self._before, line - 1) - 1)


def _item(document: Read, line: int) -> FieldPath:
    """The item of a List that a line stands in."""
    if not isinstance(document, Document) or not isinstance(document.value, dict):
        return ()
    items = document.value.get("items")
    if not str(document.value.get("kind", "")).endswith("List") or not isinstance(items, list):
        return ()
    found = 0
    for number in range(len(items)):
        position = document.key_position(("items", number))
        if position is not None and position[0] <= line:
            found = number
    return ("items", found)
