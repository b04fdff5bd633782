"""How a text is written: its indentation, its quotes, and new values in the same manner."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from portside.syntax.document import Document
from portside.syntax.write import yaml_text

_FLOW = frozenset(",[]{}")


class Style:
    """The manner of one document: JSON or not, spaces of a level, and those before a dash.

    Without a document it is the usual one.
    """

    __slots__ = ("dash", "json", "step")

    def __init__(self, document: Document | None = None) -> None:
        self.json = False
        self.step = 2
        self.dash = 2
        if document is not None:
            text = document.lines.text
            start = document.begin(()) or 0
            self.json = text[start : start + 1] == "{" and text[start + 1 :].lstrip()[:1] == '"'
            self._learn(document)

    def _learn(self, document: Document) -> None:
        """Take the indentation of the first map in a map, and of the first list in a map."""
        knows_step = knows_dash = False
        columns: dict[Any, tuple[int, int]] = {}
        for path, place, _ in document.keys():  # noqa: SIM118 - it is no dict
            columns[path] = place
            above = columns.get(path[:-1])
            if above is None or type(path[-2]) is int or place[0] <= above[0]:
                continue
            if type(path[-1]) is str and not knows_step and place[1] > above[1]:
                self.step = place[1] - above[1]
                knows_step = True
            elif type(path[-1]) is int and not knows_dash:
                begin = document.value_position(path[:-1])
                if begin is not None and begin[0] > above[0]:
                    self.dash = max(0, begin[1] - above[1])
                    knows_dash = True
            if knows_step and knows_dash:
                return

    def block(self, key: str, value: Any, indent: int) -> Iterator[str]:
        """The lines of a field of a block map."""
        lead = f"{' ' * indent}{scalar(key)}:"
        if type(value) is dict and value:
            yield f"{lead}\n"
            for name, item in value.items():
                yield from self.block(name, item, indent + self.step)
        elif type(value) is list and value:
            yield f"{lead}\n"
            for item in value:
                yield from self.item(item, indent + self.dash)
        else:
            yield f"{lead} {self.flow(value)}\n"

    def item(self, value: Any, indent: int) -> Iterator[str]:
        """The lines of an item of a block list."""
        lead = f"{' ' * indent}- "
        if type(value) is not dict or not value:
            yield f"{lead}{self.flow(value)}\n"
            return
        for name, item in value.items():
            for number, line in enumerate(self.block(name, item, indent + 2)):
                yield lead + line[indent + 2 :] if not number else line
                lead = " " * (indent + 2)

    def flow(
        self, value: Any, lines: tuple[str, str] | None = None, *, quoted: bool = False
    ) -> str:
        """`value` on one line; on several where `lines` are (the indentation, a level more)."""
        quoted = quoted or self.json
        if type(value) not in (dict, list):
            return quoted_text(value) if quoted else flow_scalar(value)
        opened, closed = "{}" if type(value) is dict else "[]"
        deeper = None if lines is None else (lines[0] + lines[1], lines[1])
        parts = [self.flow(it, deeper, quoted=quoted) for it in _items(value)]
        if type(value) is dict:
            names = [quoted_text(it) if quoted else flow_scalar(it) for it in value]
            parts = [f"{name}: {part}" for name, part in zip(names, parts, strict=True)]
        if deeper is None or lines is None or not parts:
            return f"{opened}{', '.join(parts)}{closed}"
        between = f",\n{deeper[0]}"
        return f"{opened}\n{deeper[0]}{between.join(parts)}\n{lines[0]}{closed}"


def _items(value: Any) -> Any:
    return value.values() if type(value) is dict else value


def scalar(value: Any) -> str:
    """A scalar, or an empty container, on one line of a block."""
    if type(value) is str and "\n" in value:
        return quoted_text(value)
    return yaml_text(value).rstrip("\n")


def flow_scalar(value: Any) -> str:
    """A scalar within brackets, where a comma would end it."""
    text = scalar(value)
    if type(value) is str and text[:1] not in ("'", '"') and not _FLOW.isdisjoint(text):
        return quoted_text(value)
    return text


def quoted_text(value: Any) -> str:
    """A scalar as JSON has it."""
    return json.dumps(value, ensure_ascii=False)


def like(value: Any, old: str) -> str:
    """A scalar in the quotes that `old`, the text in its place, stands in."""
    if type(value) is str and old[:1] == "'":
        escaped = value.replace("'", "''")
        return f"'{escaped}'" if "\n" not in value else quoted_text(value)
    if type(value) is str and old[:1] == '"':
        return quoted_text(value)
    return scalar(value)
