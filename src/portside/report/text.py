"""Text: a screen for a terminal, a finding a line on a pipe. No times and no dates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from portside.model.severity import NAMES
from portside.report.context import logged, logged_file
from portside.report.totals import Totals, counts
from portside.report.words import (
    MENDS,
    besides,
    excused_by,
    fixes,
    found,
    joined,
    looked_at,
    origin,
    unread_sentence,
)
from portside.report.words import outcome as told

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Excuse, Finding, Unread
    from portside.report.context import Context


def render(evaluation: Evaluation, context: Context) -> Iterator[str]:
    """The text for whoever reads: a person at a terminal, or a program on a pipe."""
    totals = Totals(evaluation)
    if context.terminal:
        from portside.report.screen import screen

        yield from screen(evaluation, context, totals)
        return
    yield from _outcomes(evaluation)
    yield from _findings(evaluation)
    if context.verbose:
        yield from _not_counted(evaluation)
        yield from _undecided(evaluation)
    yield from _unread(evaluation)
    yield from summary(evaluation, context, totals)


def _findings(evaluation: Evaluation) -> Iterator[str]:
    """`file:line:column: severity rule message`: as compilers say it and editors understand."""
    last, name = None, ""
    for it, excuse in evaluation.findings():
        if excuse is None and not it.covered_by:
            if it.file is not last:
                last, name = it.file, logged_file(it.file)
            message = logged(it.message)
            if it.confidence or it.environments:
                made = origin(it)
                message += f" [{logged(made)}]" if made else ""
            mark = f" [{MENDS}]" if it.fixable == "safe" else ""
            yield f"{name}:{it.line}:{it.column}: {NAMES[it.severity]} {it.rule} {message}{mark}\n"


def _outcomes(evaluation: Evaluation) -> Iterator[str]:
    """What became of what was to be mended, at the places before the edits."""
    for outcome in evaluation.outcomes or ():
        it = outcome.finding
        said = f"{it.rule} {logged(it.message)} [{logged(told(outcome))}]"
        yield f"{logged_file(it.file)}:{it.line}:{it.column}: {outcome.state} {said}\n"


def _not_counted(evaluation: Evaluation) -> Iterator[str]:
    for it, excuse in evaluation.findings():
        if not counts(it, excuse):
            word = "covered" if excuse is None else "excused"
            said = f"{logged(it.message)} [{logged(why_not(it, excuse))}]"
            yield f"{logged_file(it.file)}:{it.line}:{it.column}: {word} {it.rule} {said}\n"


def why_not(it: Finding, excuse: Excuse | None) -> str:
    """Why a finding does not count."""
    return f"follows from {it.covered_by}" if excuse is None else excused_by(excuse)


def _undecided(evaluation: Evaluation) -> Iterator[str]:
    for it in evaluation.undecided():
        said = f"{it.rule} {logged(str(it.resource))}: {logged(it.missing)}"
        yield f"{logged_file(it.file)}:{it.line}: undecided {said}\n"


def _unread(evaluation: Evaluation) -> Iterator[str]:
    for it in evaluation.unread():
        yield f"{logged_file(it.file)}{position(it)}: unread {logged(unread_sentence(it))}\n"


def position(it: Unread) -> str:
    """`:line:column`, as far as it is known."""
    return "".join(f":{number}" for number in (it.line, it.column) if number)


def summary(evaluation: Evaluation, context: Context, totals: Totals) -> Iterator[str]:
    """The last lines: what was found, in how much, and what is missing."""
    hint = "" if context.verbose else " (-v lists them)"
    if totals.findings or totals.unread or context.verbose:
        yield "\n"
    mends = f"--fix mends {totals.fixable}" if totals.fixable else ""
    yield f"{joined(found(totals), besides(totals, hint), mends, fixes(evaluation))}\n"
    yield f"{looked_at(evaluation, context, totals)}\n"
