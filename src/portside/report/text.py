"""Text: a screen for a terminal, a finding a line on a pipe. No times and no dates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from portside.model.severity import NAMES
from portside.report.context import shown
from portside.report.totals import Totals, counts

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Unread
    from portside.report.context import Context


def render(evaluation: Evaluation, context: Context) -> Iterator[str]:
    """The text for whoever reads: a person at a terminal, or a program on a pipe."""
    totals = Totals(evaluation)
    if context.terminal:
        from portside.report.screen import findings_screen

        yield from findings_screen(evaluation, context, totals)
    else:
        yield from _lines(evaluation)
    if context.verbose:
        yield from _undecided(evaluation)
    yield from _unread(evaluation, totals)
    yield from summary(evaluation, context, totals)


def _lines(evaluation: Evaluation) -> Iterator[str]:
    for finding, excuse in evaluation.findings():
        if counts(finding, excuse):
            place = f"{shown(finding.file)}:{finding.line}:{finding.column}"
            severity = NAMES[finding.severity]
            yield f"{place}: {severity} {finding.rule} {shown(finding.message)}\n"


def _undecided(evaluation: Evaluation) -> Iterator[str]:
    for it in evaluation.undecided():
        what = f"undecided {it.rule} {shown(str(it.resource))}"
        yield f"{shown(it.file)}:{it.line}: {what}: {shown(it.missing)}\n"


def _unread(evaluation: Evaluation, totals: Totals) -> Iterator[str]:
    if not totals.unread:
        return
    yield "\nnot looked at\n"
    for it in evaluation.unread():
        yield f"  {_place(it)}  {shown(it.reason)}\n"
        if it.what not in (it.file, ""):
            yield f"      {shown(it.what)}\n"


def _place(it: Unread) -> str:
    numbers = [str(number) for number in (it.line, it.column) if number]
    return ":".join([shown(it.file), *numbers])


def summary(evaluation: Evaluation, context: Context, totals: Totals) -> Iterator[str]:
    """The last lines: what was found, in how much, and what is missing."""
    found = [f"{number} {name}" for name, number in zip(NAMES, totals.severities, strict=True)]
    found = [it for it, number in zip(found, totals.severities, strict=True) if number][::-1]
    parts = [", ".join(found) or "no findings"]
    for number, word in (
        (totals.covered, "that follow from these"),
        (totals.excused, "excused"),
        (totals.undecided, f"undecided{'' if context.verbose else ' (-v lists them)'}"),
    ):
        if number:
            parts.append(f"{number} {word}")
    yield f"\n{'; '.join(parts)}\n"
    read = totals.files["judged"] + totals.files["rendered"] + totals.files["partly-read"]
    looked = f"{evaluation.rules} rules on {_many(totals.seen_objects, 'object')} "
    looked += f"of {_many(read, 'file')}"
    others = sum(totals.files.values()) - read - totals.files["unread"]
    if others:
        looked += f"; {_many(others, 'other file')} without objects"
    if totals.unread:
        accepted = "accepted by --allow-unread" if context.allow_unread else "exit 3"
        looked += f"; {totals.unread} not looked at: the answer is incomplete ({accepted})"
    yield f"{looked}\n"


def _many(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
