"""A summary for whoever plans: what comes first, where one edit mends most, and whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from portside.model.severity import NAMES
from portside.report.context import logged, logged_file
from portside.report.priorities import BANDS, Priorities, priorities
from portside.report.text import summary
from portside.report.totals import Totals
from portside.report.words import many

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.report.context import Context

_RULES_NAMED = 6


def render(evaluation: Evaluation, context: Context) -> Iterator[str]:
    """Sections with something in them, then the sums."""
    found = priorities(evaluation)
    sections = (_bands(found), _chokes(found), _places(found), _owners(found))
    yield "\n".join(it for it in sections if it)
    yield from summary(evaluation, context, Totals(evaluation))


def _bands(found: Priorities) -> str:
    if not found.bands:
        return ""
    lines = ["how soon\n"]
    for band, number in found.bands.items():
        if number:
            lines.append(f"  {band}  {many(number, 'finding')}, {BANDS[band]}\n")
            for it in (it for it in found.first if it.band == band):
                where = f"{logged_file(it.file)}:{it.line}:{it.column}"
                lines.append(f"      {where}: {it.rule}: {logged(it.via)}\n")
    return "".join(lines)


def _chokes(found: Priorities) -> str:
    lines = [
        f"  {it.paths:>5} of {it.all_paths} paths  {logged_file(it.file)}:{it.line}  "
        f"{it.rule}: {logged(it.what)}\n"
        for it in found.choke_points
    ]
    return "".join(["where one fix cuts most attack paths\n", *lines]) if lines else ""


def _places(found: Priorities) -> str:
    lines = []
    for it in found.places:
        named = ", ".join(it.rules[:_RULES_NAMED])
        more = len(it.rules) - _RULES_NAMED
        said = f"{named} and {more} more" if more > 0 else named
        where = f"{logged_file(it.file)}:{it.line}"
        lines.append(f"  {it.findings:>5}  {NAMES[it.severity]:<9} {where}  {said}\n")
    return "".join(["where one edit mends most\n", *lines]) if lines else ""


def _owners(found: Priorities) -> str:
    lines = []
    for it in found.owners:
        numbers = zip(it.severities[::-1], NAMES[::-1], strict=True)
        said = ", ".join(f"{number} {name}" for number, name in numbers if number)
        lines.append(f"  {logged(it.owner) or 'nobody':<32} {said}\n")
    return "".join(["whose they are\n", *lines]) if lines else ""
