"""JUnit XML: a suite a file, for what CI systems show as tests that pass, fail or are skipped."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from portside.model.finding import OBJECT_JUDGED
from portside.model.place import dotted
from portside.model.severity import NAMES
from portside.report.context import shown, words_of
from portside.report.text import position, why_not
from portside.report.totals import Totals, counts
from portside.report.words import unread_sentence

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Excuse, FileResult, Finding, ObjectFate, Undecided, Unread
    from portside.report.context import Context

Found = list[tuple["Finding", "Excuse | None"]]


def render(evaluation: Evaluation, context: Context) -> Iterator[str]:
    """A suite a file, and one for findings across files. Files without objects have none."""
    cases = _Cases(context)
    totals = Totals(evaluation)
    tests = totals.findings + totals.covered + totals.excused + totals.undecided + totals.unread
    tests += sum(len(_clean(it)) for it in evaluation.files)
    skipped = totals.covered + totals.excused + totals.undecided
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield (
        f'<testsuites name="portside" tests="{tests}" failures="{totals.findings}" '
        f'errors="{totals.unread}" skipped="{skipped}">\n'
    )
    findings = evaluation.findings()
    for result in evaluation.files:
        found = list(islice(findings, len(result.findings)))
        yield from cases.suite(result, found)
    later = list(findings)
    if later or evaluation.later_undecided:
        yield from cases.across(later, list(evaluation.later_undecided))
    yield "</testsuites>\n"


def _clean(result: FileResult) -> list[ObjectFate]:
    """The objects that were judged and of which nothing is said."""
    said = {it.resource for it in result.findings} | {it.resource for it in result.undecided}
    return [it for it in result.objects if it.fate == OBJECT_JUDGED and it.resource not in said]


class _Cases:
    """Draws suites and their cases; no times, so that two runs can be compared."""

    __slots__ = ("_context",)

    def __init__(self, context: Context) -> None:
        self._context = context

    def suite(self, result: FileResult, found: Found) -> Iterator[str]:
        """The suite of one file, if there is anything to say of it."""
        clean = _clean(result)
        tests = len(found) + len(result.undecided) + len(result.unread) + len(clean)
        if not tests:
            return
        yield self._head(
            result.fate.file, found, len(result.undecided), (tests, len(result.unread))
        )
        yield from (self._unread(it) for it in result.unread)
        yield from (self._finding(it, excuse) for it, excuse in found)
        yield from (self._undecided(it) for it in result.undecided)
        yield from (self._passed(it) for it in clean)
        yield "  </testsuite>\n"

    def across(self, found: Found, undecided: list[Undecided]) -> Iterator[str]:
        """The suite of what is found only where objects meet."""
        tests = len(found) + len(undecided)
        yield self._head("across files", found, len(undecided), (tests, 0))
        yield from (self._finding(it, excuse) for it, excuse in found)
        yield from (self._undecided(it) for it in undecided)
        yield "  </testsuite>\n"

    def _head(self, name: str, found: Found, undecided: int, tests: tuple[int, int]) -> str:
        failures = sum(counts(it, excuse) for it, excuse in found)
        skipped = len(found) - failures + undecided
        return (
            f'  <testsuite name="{_xml(self._context.published(name))}" tests="{tests[0]}" '
            f'failures="{failures}" errors="{tests[1]}" skipped="{skipped}">\n'
        )

    def _finding(self, it: Finding, excuse: Excuse | None) -> str:
        name = f"{it.resource}: {it.rule}: {dotted(it.path) or 'the object'}"
        if counts(it, excuse):
            body = self._failure(it)
        else:
            body = f'<skipped message="{_xml(f"{it.message} ({why_not(it, excuse)})")}"/>'
        return self._case(name, it.file, it.line, body)

    def _failure(self, it: Finding) -> str:
        words = words_of(self._context, it.rule, it.severity)
        text = f"{it.file}:{it.line}:{it.column}: {it.message}"
        lines = [text, f"why: {words.why}" if words.why else "", it.note and f"note: {it.note}"]
        lines.append(f"fix: {words.fix}" if words.fix else "")
        said = "\n".join(_xml(line) for line in lines if line)
        kind = f"{NAMES[it.severity]} {it.rule}"
        return f'<failure type="{_xml(kind)}" message="{_xml(it.message)}">{said}</failure>'

    def _undecided(self, it: Undecided) -> str:
        name = f"{it.resource}: {it.rule}: undecided"
        body = f'<skipped message="{_xml(f"undecided: {it.missing}")}"/>'
        return self._case(name, it.file, it.line, body)

    def _unread(self, it: Unread) -> str:
        said = _xml(unread_sentence(it))
        body = f'<error type="not-looked-at" message="{said}">'
        body += f"{_xml(f'{it.file}{position(it)}: ')}{said}</error>"
        return self._case(f"not looked at: {it.what or it.file}", it.file, it.line, body)

    def _passed(self, it: ObjectFate) -> str:
        return self._case(f"{it.resource}", it.file, it.line, "")

    def _case(self, name: str, file: str, line: int, body: str) -> str:
        path = _xml(self._context.published(file))
        head = f'    <testcase classname="{path}" name="{_xml(name)}" file="{path}"'
        head += f' line="{line}"' if line else ""
        return f"{head}>{body}</testcase>\n" if body else f"{head}/>\n"


def _xml(text: str) -> str:
    """`text` for XML 1.0: characters it cannot hold are spelt out, its own marks escaped."""
    text = shown(text).replace("&", "&amp;").replace("<", "&lt;")
    return text.replace(">", "&gt;").replace('"', "&quot;")
