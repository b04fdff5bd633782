"""A verdict → what an editor shows of it: diagnostics, each with what it is about.

| what | severity | code |
|---|---|---|
| a finding of critical or high, medium, low, info | error, warning, information, hint | its rule |
| one that is excused, or caused by another of the same subject | hint | its rule |
| rules that cannot decide about an object | one hint on the object | `undecided` |
| what cannot be read | warning; information where a template is all there is | `unread` |
| a configuration that is not well formed | error | `configuration` |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol.types import (
    CodeDescription,
    Diagnostic,
    DiagnosticRelatedInformation,
    DiagnosticSeverity,
    Location,
)

from portside.lsp.project import problem_place
from portside.model.severity import NAMES
from portside.records import NamedTuple
from portside.report.context import shown
from portside.report.words import origin

if TYPE_CHECKING:
    from portside.errors import ExpectedError
    from portside.lsp.buffer import Buffer
    from portside.lsp.verdict import Verdict
    from portside.model.finding import Excuse, Finding, ResourceRef, Undecided, Unread
    from portside.model.place import FieldPath

SOURCE = "portside"
UNDECIDED, UNREAD, CONFIGURATION, BUG = "undecided", "unread", "configuration", "bug"
MORE = "more"
MOST = 5_000
"""Findings of one text that are shown: an editor chokes on more."""
_SEVERITIES = (
    DiagnosticSeverity.Hint,
    DiagnosticSeverity.Information,
    DiagnosticSeverity.Warning,
    DiagnosticSeverity.Error,
    DiagnosticSeverity.Error,
)
Causes = dict[tuple[str, "ResourceRef", "FieldPath"], "Finding"]
"""The first finding of each rule on each subject."""
Place = Callable[[str, int, int, int], Location]
"""Asked for a file, a line, a column and a width."""
_ROLES = {
    "template": "rendered from here",
    "helper": "by this helper",
    "values": "set here",
    "default": "the chart's default",
    "base": "written here",
    "patch": "patched here",
    "kustomization": "built by this",
}
_MOST_UNDECIDED = 10
"""Undecided rules of one object that its diagnostic lists."""


class Mark(NamedTuple):
    """A diagnostic and, where it shows a finding, that finding and its excuse."""

    diagnostic: Diagnostic
    finding: Finding | None = None
    excuse: Excuse | None = None


def marks(verdict: Verdict, buffer: Buffer, link: Callable[[str], str]) -> list[Mark]:
    """All that is shown of `verdict` in `buffer`; `link` gives the page of a rule, or nothing."""
    if verdict.crash:
        return [Mark(_whole(buffer, f"not judged, by a bug in portside: {verdict.crash}", BUG))]
    if verdict.error is not None:
        return [Mark(_configuration(verdict, verdict.error, buffer))]
    findings = list(verdict.findings())
    causes = causes_of([it for it, _ in findings])

    def place(_: str, line: int, column: int, width: int) -> Location:
        return Location(buffer.uri, buffer.range(line, column, width))

    kept = worst(findings) if len(findings) > MOST else findings
    found = [finding_mark(*it, causes, buffer, link, place) for it in kept]
    if len(kept) < len(findings):
        found.append(more_mark(len(findings) - len(kept), buffer))
    if verdict.evaluation is not None:
        found += undecided_marks(list(verdict.evaluation.undecided()), buffer)
        unread = verdict.evaluation.unread()
        found += (unread_mark(it, buffer, not verdict.template) for it in unread)
    return found


def causes_of(findings: Sequence[Finding]) -> Causes:
    """By what others follow from: the first finding of each rule on each subject."""
    return {(it.rule, it.resource, it.subject): it for it in reversed(findings)}


def worst(findings: list[tuple[Finding, Excuse | None]]) -> list[tuple[Finding, Excuse | None]]:
    """As many as an editor can bear: the most severe, and what counts before what does not."""
    order = sorted(findings, key=lambda it: (it[1] is not None, -it[0].severity))
    return order[:MOST]


def more_mark(number: int, buffer: Buffer) -> Mark:
    """That so many findings of a text are not shown."""
    said = f"{number:,} more findings are not shown: portside scan lists them all"
    diagnostic = _whole(buffer, said, MORE)
    diagnostic.severity = DiagnosticSeverity.Warning
    return Mark(diagnostic)


def finding_mark(
    finding: Finding,
    excuse: Excuse | None,
    causes: Causes,
    buffer: Buffer,
    link: Callable[[str], str],
    place: Place,
) -> Mark:
    """A finding in `buffer`; `place` tells where other things stand."""
    quiet = excuse is not None or bool(finding.covered_by)
    page = link(finding.rule)
    diagnostic = Diagnostic(
        range=buffer.range(finding.line, finding.column, finding.width),
        message=_message(finding, excuse),
        severity=DiagnosticSeverity.Hint if quiet else _SEVERITIES[finding.severity],
        code=finding.rule,
        code_description=CodeDescription(page) if page else None,
        source=SOURCE,
        related_information=[*_cause(finding, causes, place), *_way(finding, place)] or None,
        data=_data(finding, excuse),
    )
    return Mark(diagnostic, finding, excuse)


def _message(finding: Finding, excuse: Excuse | None) -> str:
    said = [shown(finding.message)]
    if finding.note:
        said.append(finding.note)
    if finding.confidence or finding.environments:
        # The places are related information; what stands in no file is told here.
        placeless = finding._replace(chain=tuple(it for it in finding.chain if not it.file))
        said += [it for it in (shown(origin(placeless)),) if it]
    if finding.covered_by:
        said.append(f"follows from {finding.covered_by}")
    if excuse is not None:
        said.append(shown(excused(excuse)))
    return "\n".join(said)


def excused(excuse: Excuse) -> str:
    """By what a finding is excused, until when and why."""
    until = f" until {excuse.until}" if excuse.until else ""
    article = "an" if excuse.kind == "annotation" else "a"
    return f"excused by {article} {excuse.kind}{until}: {excuse.reason}"


def _data(finding: Finding, excuse: Excuse | None) -> dict[str, Any]:
    return {
        "kind": "finding",
        "id": finding.identity,
        "rule": finding.rule,
        "severity": NAMES[finding.severity],
        "covered_by": finding.covered_by or None,
        "owner": finding.owner or None,
        "excused": None
        if excuse is None
        else {"kind": excuse.kind, "reason": excuse.reason, "until": excuse.until or None},
    }


def _cause(
    finding: Finding, causes: Causes, place: Place
) -> Iterator[DiagnosticRelatedInformation]:
    cause = causes.get((finding.covered_by, finding.resource, finding.subject))
    if finding.covered_by and cause is not None:
        where = place(cause.file, cause.line, cause.column, cause.width)
        yield DiagnosticRelatedInformation(where, f"{cause.rule}: {shown(cause.message)}")


def _way(finding: Finding, place: Place) -> Iterator[DiagnosticRelatedInformation]:
    """The other places that the field comes from, the nearest to the object first."""
    for it in finding.chain:
        if it.file and (it.file, it.line) != (finding.file, finding.line):
            what = f": {shown(it.what)}" if it.what else ""
            where = place(it.file, it.line, it.column, 0)
            yield DiagnosticRelatedInformation(where, f"{_ROLES[it.role]}{what}")


def undecided_marks(doubts: list[Undecided], buffer: Buffer) -> Iterator[Mark]:
    """One hint for each object: what this text does not tell is no fault of what is written."""
    by_line: dict[int, dict[str, str]] = {}
    for it in doubts:
        by_line.setdefault(it.line, {}).setdefault(it.rule, it.missing)
    for line, missing in by_line.items():
        rules = list(missing)
        said = [f"{rule}: {shown(missing[rule])}" for rule in rules[:_MOST_UNDECIDED]]
        if len(rules) > _MOST_UNDECIDED:
            said.append(f"and {len(rules) - _MOST_UNDECIDED} more")
        number = f"{len(rules)} rule{'s' if len(rules) > 1 else ''}"
        head = f"{number} cannot be decided by this text alone"
        yield Mark(
            Diagnostic(
                range=buffer.range(line, _begin(buffer, line)),
                message="\n".join([head, *said]),
                severity=DiagnosticSeverity.Hint,
                code=UNDECIDED,
                source=SOURCE,
                data={"kind": UNDECIDED, "rules": rules},
            )
        )


def _begin(buffer: Buffer, line: int) -> int:
    text = buffer.line(max(1, line) - 1)
    return len(text) - len(text.lstrip(" -")) + 1


def unread_mark(unread: Unread, buffer: Buffer, is_fault: bool) -> Mark:
    """What cannot be read; no fault is what no text here could mend: a template by itself."""
    return Mark(
        Diagnostic(
            range=buffer.rest(unread.line, unread.column),
            message=f"not read: {shown(unread.reason)}",
            severity=DiagnosticSeverity.Warning if is_fault else DiagnosticSeverity.Information,
            code=UNREAD,
            source=SOURCE,
            data={"kind": UNREAD},
        )
    )


def _configuration(verdict: Verdict, error: ExpectedError, buffer: Buffer) -> Diagnostic:
    """The error at its place, where it is in this very file; else that nothing was judged."""
    file, line, column = problem_place(error)
    if file and file == verdict.path:
        return _problem(error, buffer, line, column)
    place = f"{error.where}: " if error.where else ""
    return _whole(buffer, f"not judged: {shown(place + error.problem)}", CONFIGURATION)


def problem(error: ExpectedError, buffer: Buffer) -> Diagnostic:
    """The error of a configuration in the file that it is about."""
    _, line, column = problem_place(error)
    return _problem(error, buffer, line, column)


def _problem(error: ExpectedError, buffer: Buffer, line: int, column: int) -> Diagnostic:
    hint = f"\n{error.hint}" if error.hint else ""
    return Diagnostic(
        range=buffer.rest(line, column),
        message=f"{shown(error.problem)}{hint}",
        severity=DiagnosticSeverity.Error,
        code=CONFIGURATION,
        source=SOURCE,
        data={"kind": CONFIGURATION},
    )


def _whole(buffer: Buffer, said: str, code: str) -> Diagnostic:
    return Diagnostic(
        range=buffer.rest(1, 0),
        message=said,
        severity=DiagnosticSeverity.Error,
        code=code,
        source=SOURCE,
        data={"kind": code},
    )
