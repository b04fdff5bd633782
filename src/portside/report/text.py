"""Text: a screen for a terminal, a finding a line on a pipe. No times and no dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
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
    from portside.model.finding import Excuse, Finding, Step, Unread
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
    findings = (it for it, excuse in evaluation.findings() if counts(it, excuse))
    for it, objects in _by_place(findings):
        if it.file is not last:
            last, name = it.file, logged_file(it.file)
        message = logged(it.message)
        if it.confidence or it.environments:
            made = joined(origin(it), f"in {objects} objects" if objects > 1 else "")
            message += f" [{logged(made)}]" if made else ""
        mark = f" [{MENDS}]" if it.fixable == "safe" else ""
        yield f"{name}:{it.line}:{it.column}: {NAMES[it.severity]} {it.rule} {message}{mark}\n"


def _by_place(findings: Iterable[Finding]) -> Iterator[tuple[Finding, int]]:
    """Findings with how many objects they are about: one line of a template makes several.

    What is said at one place of several objects is said once, with the environments of them all.
    """
    for _, there in groupby(findings, key=lambda it: (it.file, it.line, it.column, it.rule)):
        first, *others = there
        if not others or not first.confidence:
            yield from ((it, 1) for it in (first, *others))
            continue
        alike: dict[tuple[str, tuple[Step, ...], str], list[Finding]] = {}
        for it in (first, *others):
            alike.setdefault((it.message, it.chain, it.fixable), []).append(it)
        for same in alike.values():
            environments = dict.fromkeys(name for it in same for name in it.environments)
            objects = len({it.object_key for it in same})
            yield same[0]._replace(environments=tuple(environments)), objects


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
