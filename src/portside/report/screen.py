"""The answer as a person at a terminal reads it: by object, with the line and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from portside.report.cells import cells, padded, wrapped
from portside.report.context import shown, words_of
from portside.report.excerpt import Secrets, excerpt
from portside.report.paint import Paint
from portside.report.text import position, summary, why_not
from portside.report.totals import counts
from portside.report.words import MENDS, bounded, many, origin, unread_sentence
from portside.report.words import outcome as told

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Finding
    from portside.report.context import Context
    from portside.report.totals import Totals

SCREENFUL = 40
"""Findings that are all shown. Of more there is a table, and the worst of them."""
_UNREAD_SHOWN = 20
_MESSAGE_LINES = 4


def screen(evaluation: Evaluation, context: Context, totals: Totals) -> Iterator[str]:
    """Findings by object, what was not looked at, the sums, and what to do next."""
    paint = Paint(context)
    if totals.findings > SCREENFUL and not context.verbose:
        from portside.report.overview import overview, worst

        yield from overview(evaluation, totals, paint)
        findings: Iterable[Finding] = worst(evaluation)
    else:
        findings = (it for it, excuse in evaluation.findings() if counts(it, excuse))
    pages = _Pages(evaluation, paint)
    yield from _outcomes(evaluation, paint)
    for _, group in groupby(findings, key=lambda it: (it.resource, it.file)):
        yield from pages.resource(group)
    if context.verbose:
        yield from _not_counted(evaluation, paint)
        yield from _undecided(evaluation, paint)
    yield from _unread(evaluation, totals, paint)
    yield from (_folded(line, context.width) for line in summary(evaluation, context, totals))
    yield from _next(evaluation, totals, paint)


class _Pages:
    """Draws findings object by object; remembers what it has said, to say nothing twice."""

    __slots__ = ("_paint", "_secrets", "_told")

    def __init__(self, evaluation: Evaluation, paint: Paint) -> None:
        self._paint = paint
        self._secrets = Secrets(evaluation)
        self._told: set[str] = set()

    def resource(self, found: Iterable[Finding]) -> Iterator[str]:
        """The object's name, and the findings about it."""
        paint = self._paint
        line: tuple[str, int] | None = None
        self._told.clear()
        for it in found:
            if line is None:
                yield f"\n{paint.bold(str(it.resource).strip() or it.file)}\n"
            rule = padded(it.rule, 28)
            yield f"  {paint.severity(it.severity)} {rule} {paint.place(it)}\n"
            yield from self._excerpt(it, again=(it.file, it.line) == line)
            yield from self._advice(it)
            line = it.file, it.line

    def _excerpt(self, it: Finding, *, again: bool) -> Iterator[str]:
        """The line at fault with a mark under it, and the message behind the mark."""
        paint = self._paint
        lines = paint.context.source(it.file)
        message = paint.clean(it.message)
        if lines is None or not 0 < it.line <= len(lines):
            yield from (f"       {part}\n" for part in self._wrapped(message, 7))
            return
        line = lines[it.line - 1]
        hidden = self._secrets.hidden(it, line)
        gutter = max(4, len(str(it.line)))
        part = excerpt(it, line, paint.context.width - gutter - 6, paint.context, hidden=hidden)
        bar = f"  {'':>{gutter}} {paint.bar}"
        if not again:
            yield f"  {paint.dim(f'{it.line:>{gutter}} {paint.bar}')} {part.text}\n"
        mark = " " * part.before + paint.marked("^" * part.mark, it.severity)
        if gutter + 6 + part.before + part.mark + cells(message) < paint.context.width:
            yield f"{paint.dim(bar)} {mark} {message}\n"
            return
        yield f"{paint.dim(bar)} {mark}\n"
        for text in self._wrapped(message, gutter + 5):
            yield f"{paint.dim(bar)} {text}\n"

    def _advice(self, it: Finding) -> Iterator[str]:
        context = self._paint.context
        if it.note:
            yield from self._led("note", it.note)
        made = origin(it) if it.confidence or it.environments else ""
        if made:
            yield from self._led("from", made)
        if it.fixable == "safe":
            yield from self._led("fix", MENDS)
        if it.rule in self._told:
            return
        self._told.add(it.rule)
        words = words_of(context, it.rule, it.severity)
        if words.fix:
            yield from self._led("fix", words.fix)
        if words.aliases and context.verbose:
            yield from self._led("also", ", ".join(words.aliases[:4]))

    def _led(self, word: str, text: str) -> Iterator[str]:
        first, *others = self._wrapped(self._paint.clean(text), 12)
        yield f"       {self._paint.dim(f'{word:<4}')} {first}\n"
        yield from (f"            {part}\n" for part in others)

    def _wrapped(self, text: str, indent: int) -> list[str]:
        return wrapped(text, max(20, self._paint.context.width - indent), _MESSAGE_LINES)


def _outcomes(evaluation: Evaluation, paint: Paint) -> Iterator[str]:
    """What became of what was to be mended."""
    head = f"\n{paint.bold('mended')}\n"
    for outcome in evaluation.outcomes or ():
        yield head
        head = ""
        it = outcome.finding
        yield f"  {it.rule:<28} {paint.place(it)}\n"
        yield f"       {paint.clean(told(outcome))}\n"


def _not_counted(evaluation: Evaluation, paint: Paint) -> Iterator[str]:
    """Findings that are excused, and those that follow from others."""
    for title, excused in (("excused", True), ("follows from another finding", False)):
        head = f"\n{paint.bold(title)}\n"
        for it, excuse in evaluation.findings():
            if not counts(it, excuse) and (excuse is not None) is excused:
                yield head
                head = ""
                yield f"  {paint.severity(it.severity)} {it.rule:<28} {paint.place(it)}\n"
                yield f"       {paint.clean(it.message)}\n"
                yield f"       {paint.clean(why_not(it, excuse))}\n"


def _undecided(evaluation: Evaluation, paint: Paint) -> Iterator[str]:
    head = f"\n{paint.bold('undecided')}\n"
    for it in evaluation.undecided():
        yield head
        head = ""
        yield f"  {it.rule:<28} {paint.link(it.file, f':{it.line}')}\n"
        yield f"       {paint.clean(f'{it.resource}: {it.missing}')}\n"


def _unread(evaluation: Evaluation, totals: Totals, paint: Paint) -> Iterator[str]:
    """What could not be looked at, why, and what would mend it."""
    if not totals.unread:
        return
    yield f"\n{paint.bold('not looked at')}\n"
    for number, it in enumerate(evaluation.unread()):
        if number == _UNREAD_SHOWN and not paint.context.verbose:
            yield f"  and {totals.unread - number} more (-v lists them)\n"
            return
        where = padded(shown(it.file) + position(it), 22)
        reason = paint.clean(bounded(unread_sentence(it), 1000))
        if 4 + cells(where) + cells(reason) <= paint.context.width:
            yield f"  {paint.link(it.file, position(it))}{' ' * _gap(where)}  {reason}\n"
            continue
        yield f"  {paint.link(it.file, position(it))}\n"
        for part in wrapped(reason, max(20, paint.context.width - 6), _MESSAGE_LINES):
            yield f"      {part}\n"


def _folded(line: str, width: int) -> str:
    """A line of the sums, broken behind semicolons where the terminal is too narrow for it."""
    made, *parts = line.split("; ")
    used = len(made)
    for part in parts:
        fits = used + 2 + len(part.rstrip("\n")) <= width
        made += f"; {part}" if fits else f";\n  {part}"
        used = used + 2 + len(part) if fits else 2 + len(part)
    return made


def _gap(text: str) -> int:
    return len(text) - len(text.rstrip(" "))


def _next(evaluation: Evaluation, totals: Totals, paint: Paint) -> Iterator[str]:
    """Commands that lead on from here."""
    if not totals.findings:
        return
    from portside.report.overview import worst

    rule = worst(evaluation)[0].rule
    parts = [f"portside explain {paint.clean(rule)}"]
    if totals.fixable and evaluation.outcomes is None:
        command = f"portside scan {paint.clean(paint.context.target)} --fix"
        parts.append(f"{command} (mends {totals.fixable})")
    if totals.findings > SCREENFUL and not paint.context.verbose:
        shows = f"shows all {many(totals.findings, 'finding')}"
        parts.append(f"portside scan {paint.clean(paint.context.target)} -v ({shows})")
    yield f"next: {f' {paint.dot} '.join(parts)}\n"
