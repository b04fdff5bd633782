"""The place that a rendered field comes from → the edits there that change the field.

A key of the values goes before a line of a template: `render.origins` says which of the two an
exact origin is. Several edits of one file are made at once, since ways name lines as they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from portside.fixes.outcome import Sited
from portside.fixes.text import FileText
from portside.model.place import FieldPath
from portside.render.origins import CHANGE, INSERT, REPLACE, SET, Way
from portside.syntax import Limits
from portside.syntax.change import REMOVE, CannotEditError, Change, existing
from portside.syntax.change import SET as GIVE
from portside.syntax.style import Style

_ACTION = "{{"
_DECIDED = "more than a plain value stands there"
_TWICE = "another edit puts something else there"


def site(file: str, way: Way, change: Change) -> Sited:
    """The edit in `file` for `change` of a rendered object, whose field comes by `way`.

    Raises CannotEditError where the field cannot be changed so where it comes from.
    """
    if way.how != SET:
        if change.what == REMOVE and way.how != CHANGE:
            raise CannotEditError("what makes the field could not be told")
        rest = change.path[len(way.path) :] if way.how == CHANGE else ()
        return Sited(file, way, change._replace(path=rest, least=0))
    path = way.path if way.inside is None else way.inside
    least = 0
    if change.least and way.role not in ("values", "default"):
        # What is left empty in values may be asked for its fields.
        least = max(1, len(path) - (len(change.path) - change.least))
    return Sited(file, way, change._replace(path=path, least=least))


def given(data: bytes, way: Way, wanted: Any, limits: Limits) -> bytes:
    """The file `way.file` once the field has the value `wanted`; `data` is what it holds now."""
    path = way.path if way.how != CHANGE else ()
    return sited(data, [site(way.file, way, Change(GIVE, (*path,), wanted))], limits)


def sited(data: bytes, sites: Sequence[Sited], limits: Limits) -> bytes:
    """`data`, the text of a file, with the edits. Raises CannotEditError where one cannot be."""
    sites = _once(sites)
    if all(it.way.how == SET for it in sites):
        text = FileText(data, limits)
        for it in sites:
            _set(text, it, limits)
        return text.encoded()
    text = FileText(data, limits, is_yaml=False)
    _Template(text, limits).edit(sites)
    return text.encoded()


def _once(sites: Iterable[Sited]) -> list[Sited]:
    """The edits, each once: a line makes many objects. Those that take items away come last."""
    found: list[Sited] = []
    for it in sites:
        if it not in found:
            found.append(it)
    return sorted(found, key=lambda it: it.change.what == REMOVE)


def _set(text: FileText, it: Sited, limits: Limits) -> None:
    if it.way.inside is not None:
        _set_inside(text, it, limits)
        return
    if not text.documents:
        raise CannotEditError("the file is empty")
    text.change(it.way.document, it.change)


def _set_inside(text: FileText, it: Sited, limits: Limits) -> None:
    """The change of a document that is itself a text of the file: a patch in a kustomization."""
    number, outer = next(
        ((at, one) for at, one in enumerate(text.documents) if one is not None), (0, None)
    )
    held, there = existing(outer.value, it.way.path) if outer is not None else (None, False)
    if outer is None or not there or type(held) is not str:
        raise CannotEditError("the patch is no text")
    inner = FileText(held.encode(), limits)
    inner.change(it.way.document, it.change)
    wanted = inner.encoded().decode()
    if not outer.is_literal(it.way.path):
        text.change(number, Change(GIVE, it.way.path, wanted))
        return
    position = outer.value_position(it.way.path)
    lines = text.lines()
    old = held.rstrip("\n").split("\n")
    begin = position[0] if position is not None else len(lines)
    block = lines[begin : begin + len(old)]
    indent = next((len(it) - len(it.lstrip(" ")) for it in block if it.strip()), 0)
    if [it[indent:] for it in block] != old:
        raise CannotEditError("its text is too unusual to be edited")
    new = [f"{' ' * indent}{it}" if it else "" for it in wanted.rstrip("\n").split("\n")]
    text.replace_lines(begin, begin + len(old), new, it.way.path)
    made = text.documents[number]
    if made is None or existing(made.value, it.way.path)[0] != wanted:
        raise CannotEditError("its text is too unusual to be edited")


class _Template:
    """A template, which is no YAML: edited by its lines, from the last to the first."""

    __slots__ = ("_limits", "_lines", "_text")

    def __init__(self, text: FileText, limits: Limits) -> None:
        self._text = text
        self._limits = limits
        self._lines = text.lines()

    def edit(self, sites: Sequence[Sited]) -> None:
        """Make the edits. Raises CannotEditError; then nothing was changed."""
        changes: dict[tuple[int, int], list[Sited]] = {}
        added: dict[tuple[str, int, int], dict[str, Any]] = {}
        for it in sites:
            way = it.way
            if not 0 < way.line <= len(self._lines) + 1:
                raise CannotEditError("the line is not there")
            if way.how == CHANGE:
                changes.setdefault((way.line, way.column), []).append(it)
            else:
                column = way.column if way.how == INSERT else 0
                _merge(added.setdefault((way.how, way.line, column), {}), way, it.change)
        edits = [self._changed(*place, listed) for place, listed in changes.items()]
        edits += [self._added(*place, value) for place, value in added.items()]
        last = len(self._lines)
        # On one line: what is put before it is put there after the line itself was edited.
        for begin, end, new in sorted(edits, key=lambda it: (-it[0], -it[1])):
            if end > last:
                raise CannotEditError("another edit changes the lines around it")
            self._text.replace_lines(begin, end, new)
            last = begin

    def _added(
        self, how: str, line: int, column: int, value: dict[str, Any]
    ) -> tuple[int, int, list[str]]:
        if how == INSERT:
            return line - 1, line - 1, _block(value, column - 1)
        if how != REPLACE:
            raise CannotEditError("how to edit the place is not known")
        text = self._lines[line - 1]
        indent = len(text) - len(text.lstrip(" -"))
        head, brackets, rest = text.partition("{}")
        if not brackets and text.rstrip().endswith(":"):
            head, rest = text.rstrip(), ""
        elif not brackets or _ACTION in head:
            raise CannotEditError("no empty map stands there")
        return line - 1, line, [head.rstrip() + rest.rstrip(), *_block(value, indent + 2)]

    def _changed(
        self, line: int, column: int, sites: Sequence[Sited]
    ) -> tuple[int, int, list[str]]:
        """What stands behind a key, with all lines that are indented more, as YAML of its own."""
        end = self._end(line, column - 1)
        lines = self._lines[line - 1 : end]
        head = lines[0][: column - 1]
        if any(_ACTION in it for it in lines):
            raise CannotEditError(_DECIDED)
        own = [lines[0][column - 1 :], *(it[column - 1 :] for it in lines[1:])]
        inner = FileText(("\n".join(own) + "\n").encode(), self._limits)
        document = inner.documents[0] if len(inner.documents) == 1 else None
        value = document.value if document is not None else None
        if not isinstance(value, dict | list) or len(value) != 1:
            raise CannotEditError(_DECIDED)
        key: str | int = next(iter(value)) if isinstance(value, dict) else 0
        for it in sites:
            if it.change.what == REMOVE and not it.change.path:
                if len(sites) > 1 or (head.strip() and type(key) is not int):
                    raise CannotEditError("what stands beside it on its line would move")
                return line - 1, end, []
            inner.change(0, it.change._replace(path=(key, *it.change.path)))
        blank = " " * (column - 1)
        first, *rest = inner.encoded().decode().rstrip("\n").split("\n")
        return line - 1, end, [head + first, *(blank + it if it else it for it in rest)]

    def _end(self, line: int, indent: int) -> int:
        """The index behind the last line that belongs to the key which stands at `indent`."""
        end = number = line
        key = self._lines[line - 1].strip()
        while number < len(self._lines):
            text = self._lines[number]
            inside = len(text) - len(text.lstrip(" ")) > indent
            listed = key.endswith(":") and text[indent : indent + 2] == "- "
            listed = listed and not text[:indent].strip() and not key.startswith("- ")
            if text.strip() and not inside and not listed:
                break
            number += 1
            end = number if text.strip() else end
        return end


def _block(value: dict[str, Any], indent: int) -> list[str]:
    text = "".join(line for key, it in value.items() for line in Style().block(key, it, indent))
    return text.rstrip("\n").split("\n")


def _merge(into: dict[str, Any], way: Way, change: Change) -> None:
    """Put what the change gives below the keys that are missing."""
    missing: FieldPath = way.missing
    for step in missing[:-1]:
        into = into.setdefault(str(step), {})
        if type(into) is not dict:
            raise CannotEditError(_TWICE)
    last = str(missing[-1])
    if change.what == GIVE:
        if last in into and into[last] != change.value:
            raise CannotEditError(_TWICE)
        into[last] = change.value
        return
    listed = into.setdefault(last, [])
    if type(listed) is not list:
        raise CannotEditError(_TWICE)
    if change.value not in listed:
        listed.append(change.value)
