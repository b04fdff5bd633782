"""Where a field that is absent from what a chart makes would be put.

In this order: under the key of the values whose map is shown where the nearest ancestor is; under
the key whose `with` or `if` would bring the field; on a line of its own beside one of the
ancestor's fields, in the template that writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.model.place import FieldPath
from portside.render.layers import ABSENT, Written, at
from portside.render.meaning import ANY, NOTHING, Key, Meaning
from portside.render.origins import CHANGE, EXACT, INSERT, REPLACE, TEMPLATE, Origin, Way
from portside.render.traced import Line, Trace, candidates

if TYPE_CHECKING:
    from portside.render.helm_origins import HelmOrigins
    from portside.render.marking import Mark
    from portside.syntax.gotemplate.parse import Action

_EMPTY = re.compile(r"[ \t]*(?:\{[ \t]*\})?[ \t]*(?:#.*)?$")
_OPENS_BLOCK = re.compile(r"[|>][-+0-9]*[ \t]*(?:#.*)?$")
_FARTHEST = 400
"""Lines of a template looked through for the field."""


class Absence:
    """The absent fields of one document."""

    __slots__ = ("_document", "_file", "_origins", "_trace")

    def __init__(self, trace: Trace, origins: HelmOrigins, file: int, document: int) -> None:
        self._trace = trace
        self._origins = origins
        self._file = file
        self._document = document

    def origin(self, path: FieldPath) -> Origin:
        """The place at which the wanted value makes the field at `path`."""
        above = path
        while above and at(self._trace.value, above) is ABSENT:
            above = above[:-1]
        missing = path[len(above) :]
        found = self._in_values(above, missing) or self._in_block(above, missing)
        found = found or self._in_template(above, missing)
        if found is not None:
            return found._replace(width=0)
        nearest = self._origins.of(self._file, self._document, above)
        confidence = TEMPLATE if nearest.confidence == EXACT else nearest.confidence
        return nearest._replace(width=0, confidence=confidence, way=None)

    def _in_values(self, above: FieldPath, missing: FieldPath) -> Origin | None:
        """Under the key of the values that fills the ancestor with lines."""
        held = at(self._trace.value, above)
        if not isinstance(held, dict | list | None):
            return None
        for child in self._filled(above, held):
            marks = self._trace.lines(child) if child != above else self._value_marks(above)
            shown = self._trace.made_by(marks)
            anchor = self._trace.anchor(child) if child != above else above
            if len(anchor) > len(above):
                continue
            rest = self._trace.below(anchor, above) if len(above) > len(anchor) else ()
            for it in candidates(shown):
                found = self._of_key(it, rest, held, missing)
                if found is not None:
                    return self._origins.set_at(
                        found[0], self._origins.steps(marks), EXACT, found[1]
                    )
        return None

    def _filled(self, above: FieldPath, held: Any) -> Iterator[FieldPath]:
        """Fields of the ancestor that stand on lines which an action made; or itself, if empty."""
        if not held:
            if self._value_marks(above) and self._value_marks(above) != self._trace.lines(above):
                yield above
            return
        for step in held if isinstance(held, dict) else range(len(held)):
            child = (*above, step)
            if self._trace.lines(child) and self._trace.key_line(child) is None:
                yield child
                return

    def _value_marks(self, path: FieldPath) -> tuple[Mark, ...]:
        return self._trace.marked.at_value(path) if path else ()

    def _of_key(
        self, key: Key, rest: FieldPath, held: Any, missing: FieldPath
    ) -> tuple[Written, FieldPath] | None:
        if not key.straight or ANY in key.path:
            return None
        path = (*key.path, *rest)
        value = self._origins.layers.value(key.path)
        inner = at(value, rest)
        if not held and not rest and (inner is ABSENT or not inner):
            return self._origins.layers.nearest((*path, *missing))
        if not isinstance(inner, dict) or not _covers(held or {}, inner):
            return None
        return self._origins.layers.nearest((*path, *missing))

    def _in_block(self, above: FieldPath, missing: FieldPath) -> Origin | None:
        """Under the key of the values whose `with` or `if` stands around the field's line."""
        for line, marks, beside in self._lines_of(above, missing[0]):
            found = self._switched(line, marks, missing[1:], beside)
            steps = self._origins.steps(marks)
            if found is not None:
                return self._origins.set_at(found[0], steps, EXACT, found[1])
            file = self._origins.template_file(line.mark.template)
            return Origin(file, line.mark.line, line.column, 0, steps, TEMPLATE)
        return None

    def _lines_of(
        self, above: FieldPath, key: str | int
    ) -> Iterator[tuple[Line, tuple[Mark, ...], tuple[int, ...]]]:
        """The lines of the ancestor's template that would write `key` among its fields.

        With each the blocks around the line of another of its fields, which do hold.
        """
        for child in self._children(above):
            line = self._trace.key_line(child)
            if line is None or type(key) is int:
                continue
            marks = self._trace.lines(child)
            for number in self._around(line):
                mark = line.mark._replace(line=number)
                found = self._trace.written_on(mark, key)
                if found is not None and found.column == line.column:
                    yield found, (mark, *marks[1:]), line.source.blocks(line.mark.line)
            return

    def _around(self, line: Line) -> Iterator[int]:
        """The lines that stand in the same map of the text as `line` does."""
        for step in (1, -1):
            number = line.mark.line + step
            while number > 0 and abs(number - line.mark.line) < _FARTHEST:
                text = line.source.line(number)
                if not text and number > line.mark.line + 1 and not _more(line, number):
                    break
                bare = text.strip()
                outside = len(text) - len(text.lstrip()) + 1 < line.column
                if bare and outside and not bare.startswith(("{{", "#", "- ")):
                    break
                if bare.startswith(("{{- define", "{{ define", "---")):
                    break
                if bare.startswith("- ") and outside and step > 0:
                    break
                yield number
                if bare.startswith("- ") and outside:
                    break
                number += step

    def _switched(
        self, line: Line, marks: tuple[Mark, ...], missing: FieldPath, beside: tuple[int, ...]
    ) -> tuple[Written, FieldPath] | None:
        """The key that brings the line and what it shows, if one key does."""
        for action in self._shown(line):
            scope = self._trace.scope(marks, action)
            shown = [it for it in candidates([self._trace.flow.value(scope)]) if it.straight]
            if not shown or ANY in shown[0].path:
                return None
            asked = [
                meant if straight else NOTHING
                for opening, meant, straight in self._trace.flow.conditions(scope)
                if opening.start not in beside
            ]
            if not self._holds(asked, shown[0].path):
                return None
            return self._origins.layers.nearest((*shown[0].path, *missing))
        return None

    def _shown(self, line: Line) -> Iterator[Action]:
        """The actions behind the key of a line, or on the next where nothing stands behind it."""
        number = line.mark.line
        for action in line.source.on_line(number):
            if line.source.shows(action) and action.start >= line.end_of_key:
                yield action
        if not line.rest.strip():
            yield from (it for it in line.source.on_line(number + 1) if line.source.shows(it))

    def _holds(self, conditions: list[Meaning], path: FieldPath) -> bool:
        """Whether setting `path` is enough for each of `conditions` to hold."""
        for meant in conditions:
            asked = candidates([meant])
            if len(asked) != 1 or not asked[0].straight or ANY in asked[0].path:
                return False
            key = asked[0].path
            if path[: len(key)] != key and not _true(self._origins.layers.value(key)):
                return False
        return True

    def _in_template(self, above: FieldPath, missing: FieldPath) -> Origin | None:
        """A line of its own, before or behind one that writes a field of the ancestor."""
        held = at(self._trace.value, above)
        own = self._trace.key_line(above)
        if not held and own is not None and self._is_empty(above, own):
            return self._edit(above, own, own.mark.line, own.column + 2, missing, REPLACE)
        if not isinstance(held, dict) or type(missing[0]) is int:
            return None
        around, line = self._trace.line_around(above) if above else (above, None)
        if line is not None and _is_in_brackets(line.rest):
            return self._edit(around, line, line.mark.line, line.column, missing, CHANGE)
        found = self._sibling(above)
        if found is None:
            return None
        child, line, number = found
        return self._edit(child, line, number, line.column, missing, INSERT)

    def _sibling(self, above: FieldPath) -> tuple[FieldPath, Line, int] | None:
        """The field of a map beside which another can stand, and the line before which.

        It is the one that the fewest blocks are around: what stands in them may not be made.
        """
        best: tuple[FieldPath, Line, int] | None = None
        fewest, least = -1, self._blocks(above) if above else 0
        for child in self._children(above):
            line = self._trace.key_line(child)
            if line is None or line.mark.within:
                continue
            number = self._beside(child, line)
            blocks = self._blocks(child) if number else 0
            if number and (best is None or blocks < fewest):
                best, fewest = (child, line, number), blocks
                if blocks <= least:
                    break
        return best

    def _blocks(self, path: FieldPath) -> int:
        """How many blocks a field is made in: of its line, and of those that include that."""
        marks = self._trace.lines(path)
        flow = self._trace.flow
        return sum(len(flow.source(it.template).blocks(it.line)) for it in marks)

    def _is_empty(self, above: FieldPath, own: Line) -> bool:
        """Whether nothing, or an empty map, stands behind the key, and nothing below it."""
        if not _EMPTY.match(own.rest) or type(above[-1]) is not str:
            return False
        key = self._trace.document.key_position(above)
        value = self._trace.document.value_position(above)
        return key is not None and value is not None and key[0] == value[0]

    def _edit(
        self, path: FieldPath, line: Line, number: int, column: int, missing: FieldPath, how: str
    ) -> Origin:
        changed = path if how == CHANGE else ()
        way = Way(how, "template", line.mark.template, number, column, changed, missing)
        file = self._origins.template_file(line.mark.template)
        steps = self._origins.steps(self._trace.lines(path))
        return Origin(file, line.mark.line, line.column, 0, steps, EXACT, way)

    def _children(self, above: FieldPath) -> list[FieldPath]:
        held = at(self._trace.value, above)
        return [(*above, key) for key in held] if isinstance(held, dict) else []

    def _beside(self, child: FieldPath, line: Line) -> int:
        """The line before which another field of the same map can stand; 0 where none is sure."""
        held = at(self._trace.value, child)
        simple = not isinstance(held, dict | list) and line.rest.strip()
        document = self._trace.document
        key, value = document.key_position(child), document.value_position(child)
        if simple and key and value and key[0] == value[0] and not self._spans(child, line):
            return line.mark.line + 1
        head = line.text[: line.column - 1]
        before = line.source.line(line.mark.line - 1).rstrip()
        if (
            "-" not in head
            and not before.endswith("-}}")
            and not line.text.lstrip().startswith("{{")
        ):
            return line.mark.line
        return 0

    def _spans(self, child: FieldPath, line: Line) -> bool:
        """Whether the field goes on below its line, in the document or in the template."""
        if _OPENS_BLOCK.search(line.rest) or line.rest.count("{{") != line.rest.count("}}"):
            return True
        span = self._trace.document.span(child)
        text = self._trace.document.lines.text
        return span is None or "\n" in text[span[0] : span[1]]


def _is_in_brackets(text: str) -> bool:
    """Whether a map or list stands on the line, all of it, which no action has a part in."""
    text = text.strip()
    plain = text.startswith(("{", "[")) and "{{" not in text
    return plain and all(text.count(a) == text.count(b) for a, b in ("{}", "[]"))


def _more(line: Line, number: int) -> bool:
    """Whether the template goes on below a blank line."""
    return number < line.source.text.count("\n") + 1


def _covers(shown: Any, held: Any) -> bool:
    """Whether a map that is shown has what the values hold, and is not another."""
    if not isinstance(shown, dict):
        return not shown
    common = [key for key in held if key in shown]
    return all(_alike(shown[key], held[key]) for key in common) and (
        len(common) * 2 >= len(held) or not held
    )


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return True
    return bool(one == other) or "{{" in str(other)


def _true(value: Any) -> bool:
    return value is not ABSENT and bool(value)
