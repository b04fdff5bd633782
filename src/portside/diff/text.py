"""A change as text: what differs, a line each, then what is new, then the sums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from portside.diff.words import (
    connection_line,
    fixed,
    missing,
    new,
    object_line,
    path_line,
    right_line,
    sides,
    standing,
    sums,
    told,
)
from portside.model.severity import NAMES
from portside.report.context import in_ascii, logged, logged_file
from portside.report.text import position
from portside.report.words import unread_sentence

if TYPE_CHECKING:
    from portside.diff.model import Change
    from portside.model.finding import Finding, Unread
    from portside.report.context import Context

_SHOWN = 100
"""Lines of a section on a terminal, where nobody reads more; a pipe has all."""


def render(change: Change, context: Context) -> Iterator[str]:
    """Sections with something in them; new findings as compilers say them, for editors."""
    for part in _parts(change, context):
        yield part if context.unicode else in_ascii(part)


def _parts(change: Change, context: Context) -> Iterator[str]:
    yield f"{logged(sides(change))}\n"
    reach = change.reach
    yield from _section("objects", map(object_line, change.objects), context)
    yield from _section("connections", map(connection_line, reach.connections), context)
    rights = [*map(right_line, reach.rights), *map(path_line, reach.paths)]
    yield from _section("rights", rights, context)
    yield from _section("asked for less, or excused", map(_place, change.loosened), context)
    yield from _section("fixed", map(_place, fixed(change)), context)
    if context.verbose:
        yield from _section("unchanged", map(_place, standing(change)), context)
    listed = list(new(change))
    if listed:
        yield "\nnew findings\n"
        yield from (f"{_said(*it)}\n" for it in listed)
    yield from _unread(change)
    yield from (f"note: {logged(it)}\n" for it in (*reach.notes, *change.notes))
    yield f"\n{sums(change)}\n"
    if missing(change, context):
        yield f"{missing(change, context)}\n"


def _section(title: str, lines: Iterable[str], context: Context) -> Iterator[str]:
    listed = list(lines)
    if not listed:
        return
    most = _SHOWN if context.terminal and not context.verbose else len(listed)
    yield f"\n{title}\n"
    yield from (f"  {logged(line)}\n" for line in listed[:most])
    if most < len(listed):
        yield f"  and {len(listed) - most} more (-v shows them)\n"


def _said(it: Finding, new_in: tuple[str, ...]) -> str:
    place = f"{logged_file(it.file)}:{it.line}:{it.column}"
    return f"{place}: {NAMES[it.severity]} {it.rule} {logged(told(it, new_in))}"


def _place(it: Finding) -> str:
    return f"{it.file}:{it.line}: {NAMES[it.severity]} {it.rule} {told(it)}"


def _unread(change: Change) -> Iterator[str]:
    for side, listed in (
        (change.after.name, list(change.evaluation.unread())),
        (change.before.name, list(change.unread_before)),
    ):
        yield from (_one_unread(it, side) for it in listed)


def _one_unread(it: Unread, side: str) -> str:
    said = logged(f"{unread_sentence(it)} (in {side})")
    return f"{logged_file(it.file)}{position(it)}: unread {said}\n"
