"""Fields of what post renderers made → the chart's template and values, or the patch."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from portside.model.finding import Step
from portside.render.layers import ABSENT, at
from portside.render.marks import documents
from portside.render.origins import EXACT, TEMPLATE, Origin
from portside.syntax import Document

if TYPE_CHECKING:
    from portside.model.place import FieldPath
    from portside.render.environment import Post
    from portside.render.origins import Origins
    from portside.render.post import Posted
    from portside.render.wire import RenderedFile


class PostOrigins:
    """Origins of files that went through post renderers; `chart` knows those of `plain`.

    What is as the chart makes it is led there, but not said to be exact where there are patches:
    whether they would let a change through is not known before it is tried. All else is theirs.
    """

    __slots__ = ("_chart", "_plain", "_post", "_posted", "_read")

    def __init__(
        self, chart: Origins, plain: Sequence[RenderedFile], posted: Sequence[Posted], post: Post
    ) -> None:
        self._chart = chart
        self._plain = plain
        self._posted = posted
        self._post = post
        self._read: dict[str, list[Any]] = {}

    def begin(self, files: Collection[int]) -> None:
        """Have the renderer do what answers of those files need, while something else is done."""
        posted = (self._posted[it] for it in files)
        self._chart.begin({it.source.file for it in posted})

    def of(self, file: int, document: int, path: FieldPath) -> Origin:
        it = self._posted[file]
        if not it.passed:
            return self._chart.of(it.source.file, document, path)
        source = it.source
        then = self._held(self._plain[source.file].text, source.document, source.prefix)
        before = path_before(then, self._held(it.file.text), path)
        if before is None:
            return self._patched()
        found = self._chart.of(source.file, source.document, source.prefix + before)
        same = source.prefix + before == path
        if same and self._post.metadata_only and path[:1] != ("metadata",):
            return found
        sure = TEMPLATE if found.confidence == EXACT else found.confidence
        return found._replace(confidence=sure, way=found.way if same else None)

    def _held(self, text: str, document: int = 0, prefix: FieldPath = ()) -> Any:
        if text not in self._read:
            values = [it.value if isinstance(it, Document) else None for it in documents(text)]
            self._read[text] = values
        return at(self._read[text], (document, *prefix))

    def _patched(self) -> Origin:
        it = self._post
        step = Step("patch", it.file, it.line, it.column, it.what)
        return Origin(it.file, it.line, it.column, 0, (step,), TEMPLATE)


def path_before(then: Any, now: Any, path: FieldPath) -> FieldPath | None:
    """What was called `path` before an object `then` became `now`; None where it was otherwise.

    Items of a list are known by their names, since a patch may put others before them.
    """
    before: FieldPath = ()
    held, made = then, now
    for step in path:
        old = _item(held, made, step) if type(step) is int else step
        if old is None:
            return None
        before = (*before, old)
        held, made = at(held, (old,)), at(made, (step,))
    return before if _is_as_it_was(held, made) else None


def _item(then: Any, now: Any, number: int) -> int | None:
    if not isinstance(then, list) or not isinstance(now, list) or number >= len(now):
        return number
    item = now[number]
    if isinstance(item, dict) and "name" in item:
        same = [
            at_
            for at_, it in enumerate(then)
            if isinstance(it, dict) and it.get("name") == item["name"]
        ]
        return same[0] if len(same) == 1 else None
    if then[number : number + 1] == [item] or len(then) == len(now):
        return number
    return then.index(item) if then.count(item) == 1 else None


def _is_as_it_was(then: Any, now: Any) -> bool:
    """Whether a field is the same; one that holds others is where it is there at all."""
    if type(then) is not type(now):
        return False
    return then is ABSENT or isinstance(then, dict | list) or bool(then == now)
