"""GitHub annotations: workflow commands in the log of a step, the worst first.

GitHub shows ten errors, ten warnings and ten notices of a step; the log has them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from portside.model.severity import CRITICAL, HIGH, LOW, MEDIUM, NAMES
from portside.report.context import logged, shown
from portside.report.totals import Totals, counts
from portside.report.words import besides, bounded, found, joined, looked_at, unread_sentence

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Finding, Unread
    from portside.report.context import Context

_COMMANDS = ("notice", "notice", "warning", "error", "error")
_SHOWN_BY_GITHUB = 10
_LONGEST_MESSAGE = 2000


def render(evaluation: Evaluation, context: Context) -> Iterator[str]:
    """A command for each finding that counts and for what was not looked at; then the sums."""
    totals = Totals(evaluation)
    for it in evaluation.unread():
        yield _unread(it, context)
    for severity in (CRITICAL, HIGH, MEDIUM, LOW, 0):
        for finding, excuse in evaluation.findings():
            if finding.severity == severity and counts(finding, excuse):
                yield _finding(finding, context)
    yield f"{joined(found(totals), besides(totals))}\n"
    yield f"{looked_at(evaluation, context, totals)}\n"
    yield from _not_shown(totals)


def _finding(it: Finding, context: Context) -> str:
    place = _place(it.file, it.line, it.column, context)
    if it.width:
        place += f",endColumn={it.column + it.width}"
    title = f"{NAMES[it.severity]}: {it.rule}"
    said = f"{it.resource}: {it.message}"
    return _command(_COMMANDS[it.severity], place, title, said)


def _unread(it: Unread, context: Context) -> str:
    place = _place(it.file, it.line, it.column, context)
    return _command("error", place, "not looked at", unread_sentence(it))


def _place(file: str, line: int, column: int, context: Context) -> str:
    place = f"file={_property(context.published(file))}"
    if line:
        place += f",line={line}"
    if line and column:
        place += f",col={column}"
    return place


def _command(name: str, place: str, title: str, message: str) -> str:
    text = _data(bounded(message, _LONGEST_MESSAGE))
    return f"::{name} {place},title={_property(title)}::{text}\n"


def _data(text: str) -> str:
    """`text` as the message of a command: GitHub decodes %25, %0D and %0A in it."""
    return logged(text).replace("%", "%25")


def _property(text: str) -> str:
    """`text` as a property of a command, which a comma or a colon would end."""
    text = shown(text).replace("##", "#\\x23").replace("%", "%25")
    return text.replace(":", "%3A").replace(",", "%2C")


def _not_shown(totals: Totals) -> Iterator[str]:
    """Say what GitHub will not show of this."""
    errors = totals.severities[HIGH] + totals.severities[CRITICAL] + totals.unread
    notices = totals.severities[0] + totals.severities[LOW]
    numbers = (errors, totals.severities[MEDIUM], notices)
    hidden = sum(max(0, number - _SHOWN_BY_GITHUB) for number in numbers)
    if hidden:
        yield f"GitHub shows ten annotations of a kind; {hidden} more stand in this log only\n"
