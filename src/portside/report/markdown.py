"""Markdown for the comment of a pull request: the sums, the worst in sight, the rest folded.

All that comes from what was scanned stands in code spans: services make links, mentions and
references of bare text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from portside.model.severity import HIGH, NAMES
from portside.report.context import shown
from portside.report.text import position
from portside.report.totals import Totals, counts
from portside.report.words import besides, bounded, found, looked_at, many, unread_sentence

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Finding
    from portside.report.context import Context

MOST = 60_000
"""Characters. GitHub takes 65,536 in a comment."""
_FOR_UNREAD = 15_000
_FOR_THE_REST = 2_000
_LONGEST_CELL = 400
HEAD = "| severity | rule | object | where | what |\n|---|---|---|---|---|\n"


def render(evaluation: Evaluation, context: Context) -> Iterator[str]:
    """The comment, of at most `MOST` characters; it says what it leaves out."""
    totals = Totals(evaluation)
    page = Page()
    yield f"### Portside: {found(totals)}\n\n"
    if totals.unread:
        page.room = _FOR_UNREAD
        yield from _unread(evaluation, totals, context, page)
    page.room = MOST - _FOR_THE_REST - page.used
    yield from _findings(evaluation, totals, context, page)
    yield f"{looked_at(evaluation, context, totals)}."
    others = besides(totals)
    yield f" Besides: {others}.\n" if others else "\n"
    if page.left_out:
        said = f"{many(page.left_out, 'line')} left out to keep this comment below"
        yield f"\n**{said} {MOST:,} characters; `-o json=FILE` has all.**\n"


class Page:
    """Room for so many characters, how many are used, and how many lines found no room."""

    __slots__ = ("left_out", "room", "used")

    def __init__(self) -> None:
        self.room = self.used = self.left_out = 0

    def filled(self, lines: Iterable[str], number: int) -> Iterator[str]:
        """Those of the `number` lines that there is room for, up to the first there is none for."""
        self.left_out += number
        for line in lines:
            if len(line) > self.room:
                self.room = 0
                return
            self.room -= len(line)
            self.used += len(line)
            self.left_out -= 1
            yield line


def _unread(evaluation: Evaluation, totals: Totals, context: Context, page: Page) -> Iterator[str]:
    yield f"**{totals.unread} not looked at: the answer is incomplete**\n\n"
    lines = (
        f"- {code(context.published(it.file) + position(it))} {code(unread_sentence(it))}\n"
        for it in evaluation.unread()
    )
    yield from page.filled(lines, totals.unread)
    yield f"- and {page.left_out} more\n\n" if page.left_out else "\n"


def _findings(
    evaluation: Evaluation, totals: Totals, context: Context, page: Page
) -> Iterator[str]:
    """The severe in a table that is open, the rest in one that is folded."""
    severe = sum(totals.severities[HIGH:])
    if severe:
        rows = (row(it, context) for it in _of(evaluation, range(HIGH, len(NAMES))))
        yield HEAD
        yield from page.filled(rows, severe)
        yield "\n"
    lesser = totals.findings - severe
    if not lesser:
        return
    numbers = [f"{totals.severities[at]} {NAMES[at]}" for at in (2, 1, 0) if totals.severities[at]]
    rows = (row(it, context) for it in _of(evaluation, range(HIGH)))
    yield f"<details><summary>{', '.join(numbers)}</summary>\n\n{HEAD}"
    yield from page.filled(rows, lesser)
    yield "\n</details>\n\n"


def _of(evaluation: Evaluation, severities: range) -> Iterator[Finding]:
    for severity in reversed(severities):
        for it, excuse in evaluation.findings():
            if it.severity == severity and counts(it, excuse):
                yield it


def row(it: Finding, context: Context) -> str:
    """The row of a table below `HEAD`."""
    place = f"{context.published(it.file)}:{it.line}:{it.column}"
    cells = (it.rule, str(it.resource), place, it.message)
    return f"| {NAMES[it.severity]} | {' | '.join(code(text) for text in cells)} |\n"


def code(text: str) -> str:
    """`text` as a code span that also stands in a table, where a pipe would end the cell.

    GFM 4.10 takes a backslash off before a pipe, in code spans too; CommonMark 6.1 ends a span at
    as many backticks as began it, and takes off one space on both sides.
    """
    text = bounded(shown(text).strip(), _LONGEST_CELL).replace("|", "\\|") or "-"
    ticks = "`"
    while ticks in text:
        ticks += "`"
    inner = f" {text} " if "`" in (text[0], text[-1]) else text
    return f"{ticks}{inner}{ticks}"
