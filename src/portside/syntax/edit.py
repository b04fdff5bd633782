"""A change of a value → the few characters of its text that must change, and no other.

Comments, quotes, order and indentation stay. Nothing is taken on trust: `edited` reads the text
again, and refuses where it is not the old value with exactly that change.
"""

from __future__ import annotations

import json
from typing import Any

from portside.records import NamedTuple
from portside.syntax.change import (
    ADD,
    REMOVE,
    CannotEditError,
    Change,
    changed,
    existing,
    is_made,
    pruned,
)
from portside.syntax.document import DEFAULT, Document, Path
from portside.syntax.read import read, read_chunk
from portside.syntax.removal import removal
from portside.syntax.splice import Splice, spliced
from portside.syntax.split import Chunk
from portside.syntax.style import Style, like

_TAKEN = {"&": "an anchor", "*": "an alias", "!": "a tag", "|": "a block of text", ">": "a block"}
_SHARED = "what stands there is shared by an alias or <<, or the text is too unusual to be edited"


class Edited(NamedTuple):
    """A document after a change: its text, and itself read again."""

    text: str
    document: Document


def edited(document: Document, change: Change, number: int = 0) -> Edited:
    """The document with the change made; `number` is which of the documents of its text it is.

    Raises CannotEditError where the text cannot be edited so that this and nothing else changes.
    """
    value = document.value
    change = pruned(value, change)
    if is_made(value, change):
        return Edited(document.lines.text, document)
    wanted = changed(value, change)
    text = spliced(document.lines.text, splices(document, change))
    again = _read_again(text, number)
    if not isinstance(again, Document) or image(again.value) != image(wanted):
        raise CannotEditError(_SHARED)
    if len(again.duplicates) > len(document.duplicates):
        raise CannotEditError(_SHARED)
    return Edited(text, again)


def splices(document: Document, change: Change) -> list[Splice]:
    """What of the document's text becomes what."""
    if change.what == REMOVE:
        return removal(document, change.path)
    place = _Place(document)
    if change.what == ADD:
        found, _ = existing(document.value, change.path)
        if found:
            return place.appended(change.path, change.value)
        return place.given(change.path, [change.value])
    return place.given(change.path, change.value)


def _read_again(text: str, number: int) -> Any:
    if text.lstrip()[:1] == "{":
        documents = list(read(text.encode()))
        return documents[number] if number < len(documents) else None
    return read_chunk(Chunk(text, 0), DEFAULT)


def image(value: Any) -> str:
    """What tells 1 from true and 1.0, and the order of keys."""
    try:
        return json.dumps(value)
    except RecursionError as error:
        raise CannotEditError("it is nested too deep") from error


class _Place:
    """Where in a document something is put."""

    __slots__ = ("document", "style", "text")

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.lines.text
        self.style = Style(document)

    def given(self, path: Path, value: Any) -> list[Splice]:
        """Give the field at `path` the value; what is missing on the way comes with it."""
        depth = len(path)
        while depth and not existing(self.document.value, path[:depth])[0]:
            if existing(self.document.value, path[:depth])[1] and depth == len(path):
                break
            depth -= 1
        if depth == len(path):
            return self._replaced(path, value)
        above, key, rest = path[:depth], path[depth], path[depth + 1 :]
        for step in reversed(rest):
            value = {step: value}
        _, there = existing(self.document.value, (*above, key))
        if there:
            return self._replaced((*above, key), value)
        if type(key) is not str:
            raise CannotEditError("the list has no such item")
        if not depth and not self.document.value:
            raise CannotEditError("the document is empty")
        return self._inserted(above, key, value)

    def appended(self, path: Path, value: Any) -> list[Splice]:
        """One more item in a list that has some."""
        items, _ = existing(self.document.value, path)
        if type(items) is not list:
            raise CannotEditError("it is no list")
        begin, _ = self._span(path)
        if self.text[begin] == "[":
            return self._behind_the_last((*path, len(items) - 1), "", value)
        self._only_in_blocks(begin)
        column = begin - self._line(begin)
        end = self._line_end((*path, len(items) - 1))
        return [(end, end, "".join(self.style.item(value, column)))]

    def _inserted(self, path: Path, key: str, value: Any) -> list[Splice]:
        """One more field in a map that has some."""
        held, _ = existing(self.document.value, path)
        if type(held) is not dict:
            raise CannotEditError("it is no map")
        begin, _ = self._span(path)
        last = (*path, next(reversed(held)))
        if self.text[begin] == "{":
            return self._behind_the_last(last, key, value)
        self._only_in_blocks(begin)
        column = begin - self._line(begin)
        end = max(self._line_end((*path, it)) for it in held)
        return [(end, end, "".join(self.style.block(key, value, column)))]

    def _behind_the_last(self, last: Path, key: str, value: Any) -> list[Splice]:
        """A field or an item behind the last one of a flow collection, in its manner."""
        text, end = self.text, self._span(last)[1]
        begin = self.document.begin(last) or 0
        line = self._line(begin)
        lead = text[line:begin]
        lines = None
        between = ", "
        if not lead.strip():
            between = f",\n{lead}"
            lines = lead, " " * self.style.step
        quoted = text[begin] == '"'
        made = self.style.flow(value, lines, quoted=quoted and bool(key))
        named = self.style.flow(key, quoted=quoted)
        return [(end, end, f"{between}{named}: {made}" if key else f"{between}{made}")]

    def _replaced(self, path: Path, value: Any) -> list[Splice]:
        """Another value in the place of one that is written."""
        begin, end = self._span(path)
        taken = _TAKEN.get(self.text[begin : begin + 1] if end > begin else "")
        if taken:
            raise CannotEditError(f"{taken} stands where the value should go")
        if self._is_block(begin, existing(self.document.value, path)[0]):
            raise CannotEditError("a list or map of several lines stands where the value should go")
        if type(value) not in (dict, list) or not value or self._in_flow(path):
            old = self.text[begin:end]
            if type(value) in (dict, list) or self._in_flow(path):
                made = self._flow_like(path, value, old)
            else:
                made = like(value, old)
            return [(begin, end, made if end > begin else f" {made}")]
        return self._opened(path, value, (begin, end))

    def _flow_like(self, path: Path, value: Any, old: str) -> str:
        if type(value) is str and old[:1] in ("'", '"'):
            return like(value, old)
        start = self.document.begin(path) or 0
        line = self._line(start)
        lead = self.text[line:start]
        lines = None if lead.strip() or not self.style.json else (lead, " " * self.style.step)
        return self.style.flow(value, lines, quoted=self.text[start] == '"' and self.style.json)

    def _opened(self, path: Path, value: Any, span: tuple[int, int]) -> list[Splice]:
        """A container of several lines in the place of an empty one, null or a scalar."""
        key = path[-1]
        if type(key) is not str:
            raise CannotEditError("an item of a list is not opened")
        start = self.document.begin(path) or 0
        _, *rest = self.style.block(key, value, start - self._line(start))
        begin, end = span
        while begin > start and self.text[begin - 1] == " ":
            begin -= 1
        below = self.text.index("\n", end) + 1
        return [(begin, end, ""), (below, below, "".join(rest))]

    def _in_flow(self, path: Path) -> bool:
        """Whether a collection around it is written with brackets."""
        for depth in range(len(path)):
            begin, _ = self._span(path[:depth])
            if self.text[begin : begin + 1] in ("{", "["):
                return True
        return False

    def _is_block(self, begin: int, value: Any) -> bool:
        return bool(value) and type(value) in (dict, list) and self.text[begin] not in "{["

    def _only_in_blocks(self, begin: int) -> None:
        taken = _TAKEN.get(self.text[begin])
        if taken:
            raise CannotEditError(f"it begins with {taken}")

    def _span(self, path: Path) -> tuple[int, int]:
        if not path:
            return self.document.begin(()) or 0, len(self.text)
        span = self.document.span(path)
        if span is None:
            raise CannotEditError("it is written nowhere")
        return span

    def _line(self, index: int) -> int:
        """Where the line of `index` begins."""
        return self.text.rfind("\n", 0, index) + 1

    def _line_end(self, path: Path) -> int:
        """Where the line behind the field begins."""
        return self.text.index("\n", self._span(path)[1]) + 1
