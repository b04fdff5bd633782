"""Which line of which template made a line of rendered text: read from markers, and verified.

A chart is rendered a second time from templates that carry a comment at the end of each line that
may make a line of YAML (`marking`). A marker that changes what is rendered is taken back and the
render repeated, at most twice; a document that still differs from the plain one is not accepted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from portside.render.alike import comments_only
from portside.render.involved import involved, without_part
from portside.render.kept import kept
from portside.render.marking import MARK, TAKEN, Mark, Marking
from portside.render.wire import Rendered, RenderedFile
from portside.syntax import DEFAULT, Broken, Document, TooLargeError, read
from portside.syntax.document import Path

if TYPE_CHECKING:
    from portside.syntax.kept import Kept

_REPEATS = 2
_NUMBER = re.compile(MARK.format(r"(\d{1,9})"))
_SPREAD = 1
"""Lines around a fault of syntax whose markers may be its cause."""
_LIMITS = DEFAULT._replace(size=64 << 20)
Read = Document | Broken


class MarkedDocument:
    """A document that the marked render made, equal in value to that of the plain render."""

    __slots__ = ("_first", "_lines", "_marks", "document")

    def __init__(
        self, document: Document, marks: Sequence[Mark], lines: Sequence[str], first: int = 0
    ) -> None:
        self.document = document
        self._lines = lines
        """With their markers, from behind the line `first` on."""
        self._first = first
        self._marks = marks

    def at(self, path: Path) -> tuple[Mark, ...]:
        """The markers on the line of the key at `path`, the innermost template first."""
        return self._on(self.document.key_position(path))

    def at_value(self, path: Path) -> tuple[Mark, ...]:
        """The markers on the line that the value at `path` begins on."""
        return self._on(self.document.value_position(path))

    def _on(self, position: tuple[int, int] | None) -> tuple[Mark, ...]:
        if position is None:
            return ()
        line = self._lines[position[0] - self._first - 1]
        return tuple(self._marks[int(it)] for it in _NUMBER.findall(line))


OfFile = tuple[MarkedDocument | None, ...]
"""The documents of a file of the render; None where markers change them."""


def marked(
    sources: Mapping[str, str],
    plain: Sequence[RenderedFile],
    again: Callable[[Mapping[str, str]], Rendered],
    marking: Marking | None = None,
) -> tuple[OfFile, ...]:
    """The documents of `plain` with markers, rendered by `again` from replaced templates.

    `plain` is some files of a render, with each all that its template made. What no template made,
    which are the chart's definitions of kinds, has none. `marking` is that of `marking_of`, where
    it is made already.
    """
    known = kept(DEFAULT)
    wanted = [[] if it.kind == "crd" else documents(it.text, known) for it in plain]
    marking = marking or marking_of(sources, plain)
    for left in range(_REPEATS, -1, -1):
        answer = again(marking.texts())
        # What is wrong may be what is missing.
        marking.emptied = ()
        if answer.error is not None:
            marking.refuse(_suspects(sources, answer.error.file))
            continue
        pairs = [
            _Pair(of_it, it.text, made.text if made else "")
            for of_it, it, made in zip(wanted, plain, _matched(plain, answer.files), strict=True)
        ]
        faults = {it for pair in pairs for it in pair.faults() if it < len(marking.marks)}
        if not faults or not left:
            return tuple(it.accepted(marking.marks) for it in pairs)
        for number in faults:
            marking.take_back(number)
    return tuple((None,) * len(it) for it in wanted)


def marking_of(sources: Mapping[str, str], plain: Sequence[RenderedFile]) -> Marking:
    """What can be marked in the templates that made `plain`."""
    part = involved(sources, {it.name for it in plain})
    return Marking(part, without_part(sources, part))


class _Pair:
    """What a template made, and the same with markers."""

    __slots__ = ("_alike", "_made", "_text", "_wanted")

    def __init__(self, wanted: list[Read], plain: str, text: str) -> None:
        self._wanted = wanted
        self._text = text
        self._alike = comments_only(wanted, plain, text)
        self._made = wanted if self._alike else documents(text)

    def faults(self) -> Iterator[int]:
        """The markers that may be why documents differ; nothing where none differs."""
        if not self._alike:
            for a, b in zip_longest(self._wanted, self._made):
                yield from _fault(a, b, self._text)

    def accepted(self, marks: Sequence[Mark]) -> tuple[MarkedDocument | None, ...]:
        """The documents, with the markers that `marks` are the meaning of."""
        wanted, made = self._wanted, self._made
        if len(wanted) != len(made):
            return (None,) * len(wanted)
        lines = self._text.split("\n") if self._alike else []
        return tuple(
            self._document(b, marks, lines)
            if isinstance(a, Document)
            and isinstance(b, Document)
            and (a is b or _same(a.value, b.value))
            else None
            for a, b in zip(wanted, made, strict=True)
        )

    def _document(
        self, document: Document, marks: Sequence[Mark], lines: list[str]
    ) -> MarkedDocument:
        if self._alike:
            return MarkedDocument(document, marks, lines)
        own = document.lines.text.split("\n")
        return MarkedDocument(document, marks, own, document.first_line)


def documents(text: str, known: Kept | None = None) -> list[Read]:
    """The documents of what a template made, of which some may be `known`."""
    try:
        return list(read(text.encode("utf-8", "surrogateescape"), _LIMITS, known))
    except TooLargeError:
        return []


def _matched(
    plain: Sequence[RenderedFile], made: Sequence[RenderedFile]
) -> list[RenderedFile | None]:
    """For each file of the plain render the one of the marked render that it should equal."""
    by_name: dict[str, list[RenderedFile]] = {}
    for it in made:
        if not _only_comments(it.text):
            by_name.setdefault(it.name, []).append(it)
    return [by_name[it.name].pop(0) if by_name.get(it.name) else None for it in plain]


def _only_comments(text: str) -> bool:
    return all(not line.strip() or line.lstrip().startswith("#") for line in text.split("\n"))


def _suspects(sources: Mapping[str, str], file: str) -> set[str]:
    """The templates that may be why the marked render failed: the one named, and all helpers."""
    helpers = {it for it in sources if it.rpartition("/")[2].startswith("_")}
    return helpers | {it for it in sources if it == file or it.endswith(f"/{file}")}


def _same(a: Any, b: Any) -> bool:
    return a == b and repr(a) == repr(b)


def _fault(a: Read | None, b: Read | None, text: str) -> Iterator[int]:
    if isinstance(b, Broken) and not isinstance(a, Broken):
        yield from map(int, _around(text.split("\n"), b.line - 1))
    if not isinstance(a, Document) or not isinstance(b, Document):
        return
    for path in _differing(a.value, b.value, ()):
        held = _value(b.value, path)
        shown = held if isinstance(held, str) else ""
        numbers = _NUMBER.findall(shown)
        key = next((step for step in path[::-1] if isinstance(step, str)), "")
        numbers += _NUMBER.findall(key)
        yield from map(int, numbers or _near(b, path))


def _near(document: Document, path: Path) -> list[str]:
    """The markers on the lines of the nearest field that is there."""
    line = document.nearest(path)[0] - document.first_line - 1
    return _around(document.lines.text.split("\n"), line)


def _around(lines: list[str], line: int) -> list[str]:
    return _NUMBER.findall("\n".join(lines[max(0, line - _SPREAD) : line + _SPREAD + 1]))


def _differing(a: Any, b: Any, path: Path) -> Iterator[Path]:
    if type(a) is not type(b):
        yield path
    elif type(a) is dict:
        yield from ((*path, key) for key in a.keys() ^ b.keys())
        for key in a.keys() & b.keys():
            yield from _differing(a[key], b[key], (*path, key))
    elif type(a) is list and len(a) == len(b):
        for number, (one, other) in enumerate(zip(a, b, strict=True)):
            yield from _differing(one, other, (*path, number))
    elif a != b:
        yield path


def _value(value: Any, path: Path) -> Any:
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


__all__ = ["TAKEN", "Mark", "MarkedDocument", "OfFile", "documents", "marked", "marking_of"]
