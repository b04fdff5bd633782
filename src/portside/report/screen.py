"""The findings as a person at a terminal reads them: by object, with the line and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from portside.model.severity import NAMES
from portside.report.context import shown
from portside.report.totals import counts

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Finding
    from portside.report.context import Context
    from portside.report.totals import Totals

_SCREENFUL = 40
_SHOWN_FIRST = 20
_COLORS = ("2", "36", "33", "31", "1;31")


def findings_screen(evaluation: Evaluation, context: Context, totals: Totals) -> Iterator[str]:
    """Every finding, or, where they fill more than a screen, a table and the worst twenty."""
    found = [it for it, excuse in evaluation.findings() if counts(it, excuse)]
    if totals.findings > _SCREENFUL and not context.verbose:
        yield from _table(found, context)
        found = sorted(found, key=lambda it: -it.severity)[:_SHOWN_FIRST]
    for _, group in groupby(found, key=lambda it: (it.resource, it.file)):
        yield from _resource(list(group), context)


def _resource(found: list[Finding], context: Context) -> Iterator[str]:
    yield f"\n{_styled(shown(str(found[0].resource)), '1', context)}\n"
    told: set[str] = set()
    for it in found:
        yield from _finding(it, context, told)


def _finding(it: Finding, context: Context, told: set[str]) -> Iterator[str]:
    severity = _styled(f"{NAMES[it.severity]:<9}", _COLORS[it.severity], context)
    place = f"{shown(it.file)}:{it.line}:{it.column}"
    yield f"  {severity} {it.rule:<28} {place}\n"
    yield from _excerpt(it, context)
    if it.note:
        yield f"       note {it.note}\n"
    if it.rule not in told:
        told.add(it.rule)
        yield f"       fix  {context.words(it.rule).fix}\n"


def _excerpt(it: Finding, context: Context) -> Iterator[str]:
    """The line at fault with a mark under it, and the message behind the mark."""
    lines = context.source(it.file)
    message = shown(it.message)
    if lines is None or it.line > len(lines):
        yield f"       {message}\n"
        return
    text = shown(lines[it.line - 1].replace("\t", " "))[: context.width - 10]
    mark = " " * (it.column - 1) + "^" * max(1, min(it.width, len(text) - it.column + 1))
    yield f"    {it.line:>4} │ {text}\n"
    if len(mark) + len(message) + 10 > context.width:
        yield f"         │ {mark}\n"
        yield f"         │ {message}\n"
    else:
        yield f"         │ {mark} {message}\n"


def _table(found: list[Finding], context: Context) -> Iterator[str]:
    rules = Counter(it.rule for it in found)
    worst = {it.rule: it.severity for it in found}
    files = Counter(it.file for it in found)
    yield f"\n{len(found)} findings; the {_SHOWN_FIRST} worst follow, -v shows all\n\n"
    for rule, number in sorted(rules.items(), key=lambda it: (-worst[it[0]], -it[1])):
        severity = _styled(f"{NAMES[worst[rule]]:<9}", _COLORS[worst[rule]], context)
        yield f"  {severity} {rule:<34} {number:>6}\n"
    yield "\n  most in\n"
    for file, number in files.most_common(5):
        yield f"  {number:>6}  {shown(file)}\n"


def _styled(text: str, code: str, context: Context) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if context.color else text
