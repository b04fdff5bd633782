"""A field of a marked document → the line of the template that made it, and what it shows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from portside.model.place import FieldPath
from portside.records import NamedTuple
from portside.render.flow import Flow, Scope, Source
from portside.render.layers import ABSENT, Layers, at
from portside.render.marking import Mark
from portside.render.marks import MarkedDocument
from portside.render.meaning import ANY, Key, Meaning, keys, many
from portside.syntax.gotemplate.parse import Action

_KEY = r"^(?P<head>[ \t]*(?:-[ \t]+)*)(?P<quote>[\"']?){}(?P=quote)[ \t]*:(?P<rest>(?:[ \t].*)?)$"
_MADE_KEY = re.compile(
    r"^(?P<head>[ \t]*)[\"']?\{\{-?[^{}]*\}\}[\w./-]*[\"']?[ \t]*:(?P<rest>(?:[ \t].*)?)$"
)
_ITEM = re.compile(r"^(?P<head>[ \t]*)-(?:[ \t]+(?P<rest>.*))?$")
_MOST_ITEMS = 200
_SHORTEST_PART = 2


class Line(NamedTuple):
    """A line of a template, where a field's key is written in it (`rest` is behind the key)."""

    mark: Mark
    source: Source
    column: int
    rest: str

    @property
    def text(self) -> str:
        return self.source.line(self.mark.line)

    @property
    def end_of_key(self) -> int:
        """The index, in the template, behind the key."""
        return self.source.start(self.mark.line) + len(self.text) - len(self.rest)


class Trace:
    """One document of a chart, asked for its fields."""

    __slots__ = ("document", "flow", "layers", "marked", "value")

    def __init__(self, marked: MarkedDocument, flow: Flow, layers: Layers) -> None:
        self.marked = marked
        self.document = marked.document
        self.value: Any = marked.document.value
        self.flow = flow
        self.layers = layers

    def lines(self, path: FieldPath) -> tuple[Mark, ...]:
        """The template lines of the field at `path`, the innermost first, each once."""
        found: dict[tuple[str, int], Mark] = {}
        for it in self.marked.at(path):
            found.setdefault((it.template, it.line), it)
        return tuple(found.values())

    def key_line(self, path: FieldPath) -> Line | None:
        """The line of a template that writes the key of the field itself, if one does."""
        marks = self.lines(path)
        if not marks or not path:
            return None
        alone = len(path) < 2 or not _same_line(marks, self.lines(path[:-1]))
        return self.written_on(marks[0], path[-1], alone)

    def line_around(self, path: FieldPath) -> tuple[FieldPath, Line | None]:
        """The line that writes the field's key, or the whole of a value that it stands in."""
        own = self.document.key_position(path)
        above = path
        while above:
            here = self.document.key_position(above)
            if own is None or here is None or here[0] != own[0]:
                break
            line = self.key_line(above)
            if line is not None:
                return above, line
            above = above[:-1]
        return path, None

    def written_on(self, mark: Mark, step: str | int, alone: bool = False) -> Line | None:
        """The line of `mark`, if it writes the key `step` or begins an item of a list.

        Where the line is `alone` in making what it makes, an action may make the key.
        """
        source = self.flow.source(mark.template)
        text = source.line(mark.line)
        if type(step) is int:
            found = _ITEM.match(text)
        else:
            found = re.match(_KEY.format(re.escape(str(step))), text)
            found = found or (_MADE_KEY.match(text) if alone else None)
        if found is None:
            return None
        return Line(mark, source, len(found["head"]) + 1, found["rest"] or "")

    def anchor(self, path: FieldPath) -> FieldPath:
        """The field that the lines which an action made stand below, of which `path` is one."""
        first = self.lines(path)[:1]
        while path:
            parent = path[:-1]
            above = self.lines(parent)[:1] if parent else ()
            if not _same_line(first, above) or self.key_line(parent) is not None:
                return parent
            path = parent
        return ()

    def below(self, anchor: FieldPath, path: FieldPath) -> FieldPath:
        """`path` below `anchor`, its first index counted from the first item of the same line."""
        rest = path[len(anchor) :]
        if not rest or type(rest[0]) is not int:
            return rest
        mark = self.lines((*anchor, rest[0]))[:1]
        first = rest[0]
        while first > 0 and _same_line(mark, self.lines((*anchor, first - 1))[:1]):
            first -= 1
        return (rest[0] - first, *rest[1:])

    def scope(self, marks: Sequence[Mark], action: Action) -> Scope:
        """What an action on the line of the first of `marks` sees; the others include it."""
        source = self.flow.source(marks[0].template)
        if not action.defined:
            return Scope(source, action, self.flow.root(source.name))
        for number, outer in enumerate(marks[1:], 1):
            for calling in self.flow.source(outer.template).on_line(outer.line):
                outside = self.scope(marks[number:], calling)
                given = self.flow.given(outside, action.defined)
                if given is not None:
                    return Scope(source, action, given)
        return Scope(source, action, self.flow.anywhere(action.defined))

    def shown(self, path: FieldPath, line: Line) -> list[Meaning]:
        """What the actions behind the key on its line are."""
        marks = self.lines(path)
        begin, end = line.end_of_key, line.end_of_key + len(line.rest)
        bare = line.rest.strip().strip("\"'")
        return [
            many(
                (self.flow.value(self.scope(marks, action)),),
                straight=line.source.text[action.start : action.end] == bare,
            )
            for action in line.source.on_line(line.mark.line)
            if line.source.shows(action) and begin <= action.start < end
        ]

    def made(self, path: FieldPath) -> list[Meaning]:
        """What the action is that made the lines of which `path` stands on one."""
        return self.made_by(self.lines(path))

    def made_by(self, marks: Sequence[Mark]) -> list[Meaning]:
        """What the actions on the lines of `marks` show."""
        found: list[Meaning] = []
        for number, mark in enumerate(marks):
            found += [
                self.flow.value(self.scope(marks[number:], action))
                for action in self.flow.source(mark.template).on_line(mark.line)
                if self.flow.source(mark.template).shows(action)
            ]
        return found

    def settled(self, key: Key, rest: FieldPath, rendered: Any) -> FieldPath | None:
        """The key that held `rendered`, with an item chosen for each `ANY`; None where none did."""
        for path in self._chosen((*key.path, *rest), ()):
            held = self.held(path)
            if held is not ABSENT and fits(held, rendered, key.straight):
                return path
        return None

    def held(self, path: FieldPath) -> Any:
        """What the values hold at `path`, items of lists too."""
        return self._item(path) if _has_index(path) else self.layers.value(path)

    def _item(self, path: FieldPath) -> Any:
        cut = next(number for number, step in enumerate(path) if type(step) is int)
        return at(self.layers.value(path[:cut]), path[cut:])

    def _chosen(self, path: FieldPath, done: FieldPath) -> list[FieldPath]:
        if ANY not in path:
            return [path]
        cut = path.index(ANY)
        head = path[:cut]
        held = self.held(head)
        steps: Sequence[str | int] = ()
        if isinstance(held, Mapping):
            steps = list(held)[:_MOST_ITEMS]
        elif isinstance(held, list):
            steps = range(min(len(held), _MOST_ITEMS))
        found: list[FieldPath] = []
        for step in steps:
            found += self._chosen((*head, step, *path[cut + 1 :]), done)
        return found[:_MOST_ITEMS]


def candidates(meanings: Sequence[Meaning]) -> list[Key]:
    """The keys in `meanings`, each once: straight ones first."""
    found: dict[FieldPath, bool] = {}
    for it in meanings:
        for key in keys(it):
            found[key.path] = found.get(key.path, False) or key.straight
    listed = [Key(path, straight) for path, straight in found.items()]
    return sorted(listed, key=lambda it: not it.straight)


def fits(held: Any, rendered: Any, straight: bool) -> bool:
    """Whether a field `rendered` can be what the values hold, or a part of its text."""
    if held == rendered and type(held) is type(rendered):
        return True
    if isinstance(held, dict | list) or isinstance(rendered, dict | list) or held is None:
        return False
    one, other = _text(held), _text(rendered)
    if one.strip() == other.strip():
        return True
    return not straight and len(one) >= _SHORTEST_PART and one in other


def part_at(held: Any, rendered: Any) -> int:
    """Where in the text of a field the text of a value stands last."""
    return _text(rendered).rfind(_text(held))


def _text(value: Any) -> str:
    return str(value).lower() if type(value) is bool else str(value)


def _has_index(path: FieldPath) -> bool:
    return any(type(step) is int for step in path)


def _same_line(one: Sequence[Mark], other: Sequence[Mark]) -> bool:
    return bool(one and other) and one[0][:2] == other[0][:2]
