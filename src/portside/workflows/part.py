"""A map in a file, with the place of each of its fields: jobs, steps, updates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portside.model.place import FieldPath
from portside.model.violation import Violation
from portside.records import NamedTuple
from portside.syntax import Document
from portside.syntax.inside import Written, written_text
from portside.workflows.expression import (
    ExpressionError,
    Fenced,
    Literal,
    Node,
    fenced,
    parse,
    walk,
)

_NO_MAP: dict[str, Any] = {}
_LONGEST = 80
"""Characters of an expression that a message shows."""
_JOB = 2
"""Steps of the path to a job: `jobs`, and its name."""
Span = tuple[int, int]
"""Offsets in a text: the first character, and the one behind the last."""


class Spoken(NamedTuple):
    """An expression somewhere in a file."""

    path: FieldPath
    """The scalar that holds it."""
    fence: Fenced
    tree: Node

    def span(self, node: Node) -> Span:
        """Where `node` stands in the scalar's value."""
        begin = self.fence.code_start
        return begin + node.start, begin + node.end


class Source:
    """One document of a file, its scalars as they are written."""

    __slots__ = ("_expressions", "_of_jobs", "_trees", "_written", "document", "value")

    def __init__(self, value: dict[str, Any], document: Document) -> None:
        self.value = value
        self.document = document
        self._written: dict[FieldPath, Written] = {}
        self._trees: dict[str, Node | None] = {}
        self._expressions: list[Spoken] | None = None
        self._of_jobs: dict[FieldPath, list[Spoken]] | None = None

    def text(self, path: FieldPath, value: Any) -> str:
        """The scalar `value` at `path` as GitHub and GitLab read it, which know YAML 1.2.

        `yes` and `on` are texts to them, and a number keeps its zeros where it becomes one.
        """
        if type(value) is str:
            return value
        if value is None or type(value) in (dict, list):
            return ""
        fallback = str(value).lower() if type(value) is bool else str(value)
        return written_text(self.document, path) or fallback

    def tree(self, code: str) -> Node | None:
        """The expression `code`; None where it is none, which GitHub refuses to run."""
        if code not in self._trees:
            try:
                self._trees[code] = parse(code)
            except ExpressionError:
                self._trees[code] = None
        return self._trees[code]

    def expressions(self) -> list[Spoken]:
        """Every `${{ … }}` of the file that is an expression, in the order of the text."""
        if self._expressions is None:
            found = [it for path, text in self._texts() for it in self.spoken(path, text)]
            self._expressions = found
        return self._expressions

    def below(self, path: FieldPath) -> list[Spoken]:
        """The expressions among which those at and below `path` are: of one job, where it has one.

        So that asking every job for its own does not go through all of them each time.
        """
        if len(path) < _JOB:
            return self.expressions()
        if self._of_jobs is None:
            self._of_jobs = {}
            for it in self.expressions():
                self._of_jobs.setdefault(it.path[:_JOB], []).append(it)
        return self._of_jobs.get(path[:_JOB], [])

    def spoken(self, path: FieldPath, text: str) -> Iterator[Spoken]:
        """The expressions in the scalar `text` at `path`."""
        if "${{" in text:
            for fence in fenced(text):
                tree = self.tree(fence.code)
                if tree is not None:
                    yield Spoken(path, fence, tree)

    def _texts(self) -> Iterator[tuple[FieldPath, str]]:
        pending: list[tuple[FieldPath, Any]] = [((), self.value)]
        seen: set[tuple[int, int]] = set()
        while pending:
            path, value = pending.pop()
            if type(value) is str:
                span = self.document.span(path)
                if span is not None and span not in seen:
                    # What an alias repeats is written once.
                    seen.add(span)
                    yield path, value
            elif type(value) is dict:
                pending += [((*path, key), it) for key, it in reversed(value.items())]
            elif type(value) is list:
                pending += [((*path, at), it) for at, it in reversed(list(enumerate(value)))]

    def place(self, path: FieldPath, value: str, span: Span) -> tuple[int, int, int]:
        """Line, column and width of the part `span` of the scalar `value` at `path`."""
        written = self._written.get(path)
        if written is None:
            written = self._written[path] = Written(self.document, path, value)
        begin, end = written.index(span[0]), written.index(max(span[1] - 1, span[0]))
        line, column = self.document.lines(begin)
        last_line, last = self.document.lines(end)
        return line, column, max(1, last - column + 1) if last_line == line else 1


class Part:
    """A map at `path` of a source. Its fields may be of any type: nobody has checked them."""

    __slots__ = ("path", "source", "value")

    def __init__(self, source: Source, path: FieldPath, value: Any) -> None:
        self.source = source
        self.path = path
        self.value: dict[str, Any] = value if type(value) is dict else _NO_MAP

    def at(self, *keys: str | int) -> Any:
        """What stands at `keys`; None where anything on the way is missing."""
        value: Any = self.value
        for key in keys:
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def text(self, *keys: str | int) -> str:
        """The scalar at `keys` as it is written; empty where there is none."""
        return self.source.text((*self.path, *keys), self.at(*keys))

    def texts(self, *keys: str | int) -> dict[str, str]:
        """The scalars of the map at `keys`, as they are written."""
        found = self.at(*keys)
        if type(found) is not dict:
            return {}
        return {key: self.text(*keys, key) for key in found}

    def many(self, *keys: str | int) -> list[str]:
        """The scalars at `keys`, of which there may be one or a list."""
        found = self.at(*keys)
        if type(found) is list:
            return [self.text(*keys, at) for at in range(len(found))]
        return [self.text(*keys)] if found is not None else []

    def part(self, *keys: str | int) -> Part:
        """The map at `keys`; an empty one where there is none."""
        return Part(self.source, (*self.path, *keys), self.at(*keys))

    def parts(self, *keys: str | int) -> Iterator[Part]:
        """The maps among the items of the list at `keys`."""
        found = self.at(*keys)
        if type(found) is list:
            for at, item in enumerate(found):
                if type(item) is dict:
                    yield self.part(*keys, at)

    def expressions(self) -> Iterator[Spoken]:
        """Every expression in it."""
        size = len(self.path)
        return (it for it in self.source.below(self.path) if it.path[:size] == self.path)

    def spoken(self, *keys: str | int) -> Iterator[Spoken]:
        """The expressions in the scalar at `keys`."""
        return self.source.spoken((*self.path, *keys), self.text(*keys))

    def fault(self, message: str, *keys: str | int, severity: int | None = None) -> Violation:
        """A fault of the field at `keys`, shown where its key stands."""
        return Violation(message, (*self.path, *keys), severity)

    def fault_in(
        self,
        message: str,
        *keys: str | int,
        span: Span | None = None,
        severity: int | None = None,
    ) -> Violation:
        """A fault of the value at `keys`, shown where it (or `span` of it) stands."""
        path, text = (*self.path, *keys), self.text(*keys)
        place = self.source.place(path, text, span or (0, len(text.rstrip())))
        return Violation(message, path, severity, place=place)

    def fault_of(
        self, message: str, spoken: Spoken, node: Node | None = None, severity: int | None = None
    ) -> Violation:
        """A fault of an expression, or of `node` in it."""
        keys = spoken.path[len(self.path) :]
        span = spoken.span(node) if node else (spoken.fence.start, spoken.fence.end)
        return self.fault_in(message, *keys, span=span, severity=severity)

    def spoken_text(self, spoken: Spoken, node: Node) -> str:
        """`node` as it is written, on one line, of a length to be shown, and without its texts.

        A text in an expression may be a password that somebody put there; a name in brackets is
        none.
        """
        code, at, pieces = spoken.fence.code, node.start, list[str]()
        for it in walk(node):
            is_text = isinstance(it, Literal) and type(it.value) is str and it.value
            if is_text and code[: it.start].rstrip()[-1:] != "[":
                pieces += [code[at : it.start], "'…'"]
                at = it.end
        shown = " ".join("".join((*pieces, code[at : node.end])).split())
        return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"
