"""SARIF for GitHub code scanning: what counts, and nothing that GitHub would open an alert for.

GitHub reads neither `suppressions` nor `kind`: an excused finding, one that follows from another
and what is undecided would all be open alerts. They are left out here, and their number is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from portside.report.sarif import MOST_RESULTS, Results, log, notification
from portside.report.totals import Totals, counts
from portside.report.words import besides, many

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.report.context import Context


def render(evaluation: Evaluation, context: Context) -> Iterator[str]:
    """One run whose results are the findings that count."""
    totals = Totals(evaluation)
    yield from log(
        evaluation, context, totals, _results(evaluation, context, totals), _notes(totals)
    )


def _results(evaluation: Evaluation, context: Context, totals: Totals) -> Iterator[dict[str, Any]]:
    made = Results(evaluation, context, suppressions=False)
    if totals.findings > MOST_RESULTS:
        yield from islice(made.worst_first(evaluation), MOST_RESULTS)
        return
    for it, excuse in evaluation.findings():
        if counts(it, excuse):
            yield made.finding(it, excuse)


def _notes(totals: Totals) -> list[dict[str, Any]]:
    said = []
    if totals.findings > MOST_RESULTS:
        said.append(f"{many(totals.findings - MOST_RESULTS, 'finding')} of the least severity")
    others = besides(totals)
    if others:
        said.append(others)
    if not said:
        return []
    text = f"left out of this file for GitHub: {', '.join(said)}; -o sarif=FILE or -o json=FILE"
    return [notification("results-left-out", "note", f"{text} has them")]
