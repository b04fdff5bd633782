"""A change as SARIF: every result says by its `baselineState` whether it is new (3.27.24)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from portside.diff.model import NEW
from portside.diff.told import with_old_side
from portside.model.evaluation import Evaluation
from portside.report.sarif import MOST_RESULTS, Results, log, notification
from portside.report.totals import Totals, counts
from portside.report.words import many

if TYPE_CHECKING:
    from portside.diff.model import Change
    from portside.model.finding import Excuse, Finding
    from portside.report.context import Context

_NEW, _UNCHANGED, _ABSENT = "new", "unchanged", "absent"


def render(change: Change, context: Context) -> Iterator[str]:
    """One run: what is new first, then what is unchanged, then what is absent."""
    yield from _log(change, context, list(_said(change)))


def render_for_github(change: Change, context: Context) -> Iterator[str]:
    """What counts on the new side: GitHub holds it against the target branch by itself, and would
    open alerts for what is absent or excused."""
    shown = [
        (it, excuse, state)
        for it, excuse, state in _said(change)
        if state != _ABSENT and counts(it, excuse)
    ]
    yield from _log(change, context, shown)


def _log(
    change: Change, context: Context, said: list[tuple[Finding, Excuse | None, str]]
) -> Iterator[str]:
    judged = with_old_side(change.judged, change)
    whole = Evaluation(
        judged.files,
        later=[*change.evaluation.later, *(it for it, _ in change.compared.fixed)],
        later_undecided=change.evaluation.later_undecided,
        excuses=change.evaluation.excuses,
        profile=change.evaluation.profile,
        rules=change.evaluation.rules,
        target=change.evaluation.target,
    )
    excused = any(excuse is not None for _, excuse, _ in said)
    made = Results(whole, context, suppressions=excused)
    notes = _left_out(len(said))
    listed = enumerate(change.evaluation.findings())
    new_in = {id(it): change.compared.new_in.get(at, ()) for at, (it, _) in listed}
    results = (_result(made, *it, new_in.get(id(it[0]), ())) for it in islice(said, MOST_RESULTS))
    yield from log(whole, context, Totals(judged), results, notes)


def _said(change: Change) -> Iterator[tuple[Finding, Excuse | None, str]]:
    """What is gone in some environments only is there still: it has the same identity."""
    states = change.compared.states
    listed = [
        (it, excuse, _NEW if state == NEW else _UNCHANGED)
        for (it, excuse), state in zip(change.evaluation.findings(), states, strict=True)
    ]
    there = {it.identity for it, _, _ in listed}
    yield from (it for it in listed if it[2] == _NEW)
    yield from (it for it in listed if it[2] == _UNCHANGED)
    gone = (it for it in change.compared.fixed if it[0].identity not in there)
    yield from ((it, excuse, _ABSENT) for it, excuse in gone)


def _result(
    made: Results, it: Finding, excuse: Excuse | None, state: str, new_in: tuple[str, ...]
) -> dict[str, Any]:
    result = made.finding(it, excuse) | {"baselineState": state}
    if new_in:
        result["properties"] = {**result.get("properties", {}), "newIn": ", ".join(new_in)}
    return result


def _left_out(number: int) -> list[dict[str, Any]]:
    if number <= MOST_RESULTS:
        return []
    said = f"{many(number - MOST_RESULTS, 'result')} left out: there is room for 25,000"
    return [notification("results-left-out", "warning", said)]
