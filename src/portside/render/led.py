"""Origins for a target of a scan: files as people call them, fields by lines of rendered text."""

from __future__ import annotations

import os
from posixpath import join, normpath
from typing import TYPE_CHECKING

from portside.render.by_line import ByLine, origins_of
from portside.render.places import ByFile, Led
from portside.render.process import renderer
from portside.render.source import ask, request_of
from portside.render.wire import HelmRequest, ValuesFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portside.model.finding import Rendering
    from portside.model.place import FieldPath
    from portside.model.reading import Root, Target
    from portside.render.environment import Environment, Post
    from portside.render.origins import Origin, Origins
    from portside.render.places import Asked
    from portside.render.process import Renderer
    from portside.render.wire import Rendered, Request


_KEPT: dict[tuple[str, str, bytes], ByLine | None] = {}
_MOST_KEPT = 64


class Traced:
    """Leads fields back by the marks of a second render, which is made when the first is asked."""

    __slots__ = ("_answer", "_by_line", "_rendering", "_target")

    def __init__(
        self, target: Target, rendering: Rendering, answer: Rendered | None = None
    ) -> None:
        self._target = target
        self._rendering = rendering
        self._answer = answer
        self._by_line: ByLine | bool | None = False

    def begin(self, asked: Sequence[Asked]) -> None:
        """Have the renderer do what those answers need, while something else is done."""
        if self._by_line is not False or not asked:
            return
        self._by_line = self._prepared()
        if isinstance(self._by_line, ByLine):
            self._by_line.begin(line for line, _ in asked)

    def place(self, line: int, path: FieldPath) -> Led:
        """`line` is one of the rendered text, `path` the field's in the object that it is in."""
        found = self.origin(line, path)
        return ByFile(self._rendering).place(line, path) if found is None else Led(*found[:6])

    def origin(self, line: int, path: FieldPath) -> Origin | None:
        """As `place`, with the way to edit it; None where no renderer leads anything back."""
        if self._by_line is False:
            self._by_line = self._prepared()
        return self._by_line.of(line, path) if isinstance(self._by_line, ByLine) else None

    def _prepared(self) -> ByLine | None:
        """What answers; findings across objects ask once more what those of one object asked."""
        target = self._target
        asked = repr((request_of(target), _post(target)))
        key = (target.root.path, asked, self._rendering.digest)
        if key not in _KEPT:
            while len(_KEPT) >= _MOST_KEPT:
                del _KEPT[next(iter(_KEPT))]
            _KEPT[key] = self._made()
        return _KEPT[key]

    def _made(self) -> ByLine | None:
        """What answers, unless there is no renderer any more, or the answer is another."""
        program = renderer()
        if program is None or not os.path.isdir(self._target.root.path):
            return None
        answer = self._answer or ask(self._target, program)
        if answer.error is not None:
            return None
        request = request_of(self._target)
        folder, values = called(self._target.root, request)
        origins = origins_of(request, answer, program, folder, values)
        post = _post(self._target)
        if post is not None:
            origins, answer = _posted(origins, answer, post, program)
        parts = self._rendering.parts
        if [it.name for it in answer.files] != [it.name for it in parts]:
            return None
        return ByLine(origins, answer, [it.first for it in parts])


def _post(target: Target) -> Post | None:
    environment: Environment | None = target.after
    return environment.post if environment is not None else None


def _posted(
    chart: Origins, answer: Rendered, post: Post, program: Renderer
) -> tuple[Origins, Rendered]:
    """The same after the post renderers."""
    from portside.render.post import PostError, post_rendered
    from portside.render.post_origins import PostOrigins

    try:
        posted = post_rendered(answer, post, program)
    except PostError:
        posted = []
    after = answer._replace(files=tuple(it.file for it in posted))
    return PostOrigins(chart, answer.files, posted, post), after


def forget() -> None:
    """Work all out anew: a change of a file may move its lines and make the same text."""
    _KEPT.clear()


def called(root: Root, request: Request) -> tuple[str, dict[str, str]]:
    """How people call the folder that the origins' files are below, and the files of values."""
    name = root.name.replace(os.sep, "/")
    if not isinstance(request, HelmRequest):
        return normpath(join(name, os.path.relpath(request.root, request.path))), {}
    names = {
        it.path: normpath(join(name, os.path.relpath(it.path, request.chart)))
        for it in request.values
        if isinstance(it, ValuesFile)
    }
    return name, names
