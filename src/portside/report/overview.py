"""More findings than a screen holds: a table by rule, and the places where one edit mends most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from heapq import nsmallest
from typing import TYPE_CHECKING

from portside.report.totals import counts
from portside.report.words import many

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Finding
    from portside.report.paint import Paint
    from portside.report.totals import Totals

SHOWN_FIRST = 20
_RULES_SHOWN = 15
_PLACES_SHOWN = 5


def worst(evaluation: Evaluation) -> list[Finding]:
    """The twenty worst findings, the worst first but those of one object together."""
    counted = (it for it, excuse in evaluation.findings() if counts(it, excuse))
    found = nsmallest(SHOWN_FIRST, counted, key=lambda it: -it.severity)
    objects: dict[object, list[Finding]] = {}
    for it in found:
        objects.setdefault((it.resource, it.file), []).append(it)
    return [it for group in objects.values() for it in group]


def overview(evaluation: Evaluation, totals: Totals, paint: Paint) -> Iterator[str]:
    """How often each rule is broken, and where an edit would mend most."""
    rules: Counter[str] = Counter()
    severities: dict[str, int] = {}
    places: Counter[tuple[str, int]] = Counter()
    for it, excuse in evaluation.findings():
        if counts(it, excuse):
            rules[it.rule] += 1
            severities[it.rule] = max(it.severity, severities.get(it.rule, 0))
            places[it.file, it.line] += 1
    yield f"\n{many(totals.findings, 'finding')}; the {SHOWN_FIRST} worst follow, -v shows all\n\n"
    yield from _by_rule(rules, severities, paint)
    yield from _by_place(places, paint)


def _by_rule(rules: Counter[str], severities: dict[str, int], paint: Paint) -> Iterator[str]:
    order = sorted(rules.items(), key=lambda it: (-severities[it[0]], -it[1], it[0]))
    for rule, number in order[:_RULES_SHOWN]:
        yield f"  {paint.severity(severities[rule])} {rule:<34} {number:>6}\n"
    rest = order[_RULES_SHOWN:]
    if rest:
        said = f"{many(len(rest), 'more rule')}"
        yield f"  {'':<9} {said:<34} {sum(number for _, number in rest):>6}\n"


def _by_place(places: Counter[tuple[str, int]], paint: Paint) -> Iterator[str]:
    """The lines that most findings point at; where no line has two, the files with most."""
    most = places.most_common(_PLACES_SHOWN)
    lines = [((file, f":{line}"), number) for (file, line), number in most if number > 1]
    if not lines:
        files = Counter[str]()
        for (file, _), number in places.items():
            files[file] += number
        lines = [((file, ""), number) for file, number in files.most_common(_PLACES_SHOWN)]
    yield "\n  most can be mended at\n"
    for (file, position), number in lines:
        yield f"  {number:>6}  {paint.link(file, position)}\n"
