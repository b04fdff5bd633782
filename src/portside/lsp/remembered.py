"""Where fields of a chart's objects were made, remembered from one keystroke to the next.

To lead a field back a chart is rendered once more, with markers. A template that defines nothing is
only what it makes itself: while one is written, what the others make stands where it did.
"""

from __future__ import annotations

import os
import re
from collections.abc import Hashable
from typing import TYPE_CHECKING

from portside.render.places import Led, Places, part_at, places
from portside.render.wire import HelmRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portside.model.finding import RenderedPart, Rendering
    from portside.model.place import FieldPath
    from portside.model.reading import Target
    from portside.render.places import Asked
    from portside.render.source import Made

_DEFINES = re.compile(r"\{\{-?\s*(?:define|block)\b")
"""What a template may hold that others depend on."""
_MOST = 20_000


class Remembered:
    """What is known of one build; `state` is all that decides it but the texts of `templates`.

    `templates` are those that are not saved and define nothing, by their paths below the chart.
    """

    __slots__ = ("_known", "_state", "_templates")

    def __init__(self) -> None:
        self._known: dict[Hashable, Led] = {}
        self._state: Hashable = None
        self._templates: Mapping[str, str] = {}

    def begin(self, state: Hashable, templates: Mapping[str, str]) -> None:
        """Forget what was said in another state."""
        if state != self._state or len(self._known) > _MOST:
            self._known.clear()
        self._state = state
        self._templates = templates

    def places(self, target: Target, rendering: Rendering, made: Made | None) -> Places:
        """As `render.places.places`, which is asked what is not known."""
        asked = places(target, rendering, made)
        if made is None or not isinstance(target.request, HelmRequest):
            return asked
        return _Known(asked, made, self._known, self._templates)


class _Known:
    __slots__ = ("_asked", "_known", "_lines", "_made", "_parts", "_templates")

    def __init__(
        self, asked: Places, made: Made, known: dict[Hashable, Led], templates: Mapping[str, str]
    ) -> None:
        self._asked = asked
        self._made = made
        self._known = known
        self._templates = templates
        self._lines: list[str] | None = None
        self._parts: dict[int, Hashable] = {}
        """What decides what stands in a part, by its first line: it is asked for each finding."""

    def begin(self, asked: Sequence[Asked]) -> None:
        """Have the renderer do what is needed for those that are not known."""
        self._asked.begin([it for it in asked if self._key(*it) not in self._known])

    def place(self, line: int, path: FieldPath) -> Led:
        """`line` is one of the rendered text, `path` the field's in the object that it is in."""
        key = self._key(line, path)
        if key not in self._known:
            self._known[key] = self._asked.place(line, path)
        return self._known[key]

    def _key(self, line: int, path: FieldPath) -> Hashable:
        """All that decides where a field was made."""
        part = part_at(self._made.rendering.parts, line)
        if part.first not in self._parts:
            self._parts[part.first] = self._decided_by(part)
        return self._parts[part.first], line - part.first, path

    def _decided_by(self, part: RenderedPart) -> Hashable:
        own = next(
            (it for name, it in self._templates.items() if part.name.endswith(f"/{name}")), ""
        )
        return self._made.target.environment, part.name, own, self._text(part)

    def _text(self, part: RenderedPart) -> tuple[str, ...]:
        if self._lines is None:
            self._lines = self._made.text.split("\n")
        parts = self._made.rendering.parts
        after = parts[parts.index(part) + 1 :]
        end = after[0].first - 1 if after else len(self._lines)
        return tuple(self._lines[part.first - 1 : end])


def stands_alone(below: str, text: str, chart: str) -> bool:
    """Whether the template at `below` in `chart` defined nothing for others, and does not now."""
    if not below.startswith("templates/") or os.path.basename(below).startswith("_"):
        return False
    try:
        with open(os.path.join(chart, below), encoding="utf-8", errors="replace") as file:
            saved = file.read(1 << 20)
    except OSError:
        saved = ""
    return not (_DEFINES.search(text) or _DEFINES.search(saved))
