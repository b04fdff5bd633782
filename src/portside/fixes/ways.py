"""The place that a rendered field comes from → the edit there that gives it another value.

A key of the values goes before a line of a template: `render.origins` says which of the two an
exact origin is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portside.fixes.text import FileText
from portside.model.mending import LineEdit
from portside.render.origins import CHANGE, INSERT, REPLACE, SET, Way
from portside.syntax import Limits
from portside.syntax.change import SET as GIVE
from portside.syntax.change import CannotEditError, Change
from portside.syntax.style import Style, like

_ACTION = "{{"


def given(data: bytes, way: Way, wanted: Any, limits: Limits) -> bytes:
    """The file `way.file` once the field has the value `wanted`; `data` is what it holds now.

    Raises CannotEditError where the place is decided by more than a value.
    """
    if way.how == SET:
        text = FileText(data, limits)
        if not text.documents:
            raise CannotEditError("the file of values is empty")
        text.change(0, Change(GIVE, way.path, wanted))
        return text.encoded()
    text = FileText(data, limits, is_yaml=False)
    text.change_lines([_line_edit(text.lines(), way, wanted)])
    return text.encoded()


def _line_edit(lines: Sequence[str], way: Way, wanted: Any) -> LineEdit:
    """The edit of a template, which is no YAML: by its line."""
    if not 0 < way.line <= len(lines):
        raise CannotEditError("the line is not there")
    line = lines[way.line - 1]
    if way.how == INSERT:
        return LineEdit(way.line - 1, "", _lines(way, wanted, way.column - 1))
    if way.how == REPLACE:
        indent = len(line) - len(line.lstrip(" -"))
        head, brackets, _ = line.partition("{}")
        if not brackets or _ACTION in head:
            raise CannotEditError("no empty map stands there")
        old = f"{head[len(head.rstrip()) :]}{{}}"
        return LineEdit(way.line, old, f"\n{_lines(way, wanted, indent + 2)}")
    if way.how == CHANGE:
        return _other_value(line, way, wanted)
    raise CannotEditError("how to edit the place is not known")


def _lines(way: Way, wanted: Any, indent: int) -> str:
    for step in reversed(way.missing[1:]):
        wanted = {step: wanted}
    return "".join(Style().block(str(way.missing[0]), wanted, indent)).rstrip("\n")


def _other_value(line: str, way: Way, wanted: Any) -> LineEdit:
    """Another scalar behind the key that the line begins with."""
    head, colon, behind = line[way.column - 1 :].partition(":")
    old = behind.partition(" #")[0].strip()
    if not colon or not old or _ACTION in old or type(wanted) in (dict, list):
        raise CannotEditError("more than a plain value stands there")
    if old[0] in "|>&*!{[":
        raise CannotEditError("more than a plain value stands there")
    begin = way.column + len(head) + 1 + behind.index(old)
    return LineEdit(way.line, old, like(wanted, old), column=begin)
