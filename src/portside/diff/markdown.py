"""A change as Markdown, for a comment of a pull request: what is new in sight, the rest folded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from portside.diff.words import (
    connection_line,
    fixed,
    missing,
    new,
    new_findings,
    object_line,
    objects,
    path_line,
    right_line,
    standing,
    told,
)
from portside.report.markdown import HEAD, MOST, Page, code, row
from portside.report.text import position
from portside.report.words import many, unread_sentence

if TYPE_CHECKING:
    from portside.diff.model import Change
    from portside.model.finding import Finding, Unread
    from portside.report.context import Context

_FOR_THE_REST = 4_000
_FOR_UNREAD = 10_000
_FOR_NEW = 30_000


def render(change: Change, context: Context) -> Iterator[str]:
    """The comment, of at most `MOST` characters; it says what it leaves out."""
    page = Page()
    yield f"### Portside: {new_findings(change)}, {len(fixed(change))} fixed\n\n"
    yield f"{code(str(change.before))} → {code(str(change.after))}: {objects(change)}.\n\n"
    page.room = _FOR_UNREAD
    yield from _unread(change, context, page)
    page.room = _FOR_NEW
    yield from _loosened(change, context, page)
    listed = [it._replace(message=told(it, new_in)) for it, new_in in new(change)]
    listed.sort(key=lambda it: -it.severity)
    yield from _table(listed, context, page)
    page.room = MOST - _FOR_THE_REST - page.used
    yield from _reach(change, page)
    yield from _folded("Objects", [object_line(it) for it in change.objects], page)
    gone = fixed(change)
    if gone:
        yield f"<details><summary>{len(gone)} fixed</summary>\n\n"
        yield from _table([it._replace(message=told(it)) for it in gone], context, page)
        yield "</details>\n\n"
    number = sum(1 for _ in standing(change))
    yield f"{many(number, 'finding')} unchanged.\n"
    yield from (f"\n{code(it)}\n" for it in (*change.reach.notes[:5], *change.notes[:5]))
    if page.left_out:
        said = f"{many(page.left_out, 'line')} left out to keep this comment below"
        yield f"\n**{said} {MOST:,} characters; `-o json=FILE` has all.**\n"


def _unread(change: Change, context: Context, page: Page) -> Iterator[str]:
    said = missing(change, context)
    if not said:
        return
    yield f"**{code(said)}**\n\n"
    sides = (
        (change.after.name, list(change.evaluation.unread())),
        (change.before.name, list(change.unread_before)),
    )
    lines = [_one_unread(it, name, context) for name, listed in sides for it in listed]
    yield from page.filled(lines, len(lines))
    yield "\n"


def _one_unread(it: Unread, side: str, context: Context) -> str:
    place = code(context.published(it.file) + position(it))
    return f"- {place} in {code(side)}: {code(unread_sentence(it))}\n"


def _loosened(change: Change, context: Context, page: Page) -> Iterator[str]:
    if not change.loosened:
        return
    yield f"**This change asks for less, or excuses more ({len(change.loosened)}):**\n\n"
    lines = [
        f"- {code(f'{context.published(it.file)}:{it.line}')} {code(it.message)}\n"
        for it in change.loosened
    ]
    yield from page.filled(lines, len(lines))
    yield "\n"


def _table(found: Iterable[Finding], context: Context, page: Page) -> Iterator[str]:
    listed = list(found)
    if listed:
        yield HEAD
        yield from page.filled((row(it, context) for it in listed), len(listed))
        yield "\n"


def _reach(change: Change, page: Page) -> Iterator[str]:
    """Who reaches whom and who may do what, in sight where something is gained."""
    reach = change.reach
    rights = [*_lines(right_line, reach.rights), *_lines(path_line, reach.paths)]
    for title, lines in (
        ("Rights", rights),
        ("Connections", _lines(connection_line, reach.connections)),
    ):
        gained = sum(not it.startswith("-") for it in lines)
        summary = f"{title}: {gained} gained, {len(lines) - gained} lost"
        yield from _folded(summary, lines, page, is_open=bool(gained))


def _lines(said: Callable[..., str], items: Iterable[object]) -> list[str]:
    return [said(it) for it in items]


def _folded(title: str, lines: list[str], page: Page, *, is_open: bool = False) -> Iterator[str]:
    if not lines:
        return
    yield f"<details{' open' if is_open else ''}><summary>{title}</summary>\n\n"
    yield from page.filled((f"- {code(it)}\n" for it in lines), len(lines))
    yield "\n</details>\n\n"
