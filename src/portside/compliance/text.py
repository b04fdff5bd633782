"""The assessment as text: what is not met and where, then what is not judged and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.compliance import words
from portside.compliance.judge import EXCEPTIONS, MET, NOT_JUDGED, NOT_MET
from portside.policy.framework import ELSEWHERE
from portside.report.context import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portside.compliance.judge import Assessment, Verdict
    from portside.compliance.words import Told

_MOST = 5
"""Findings of an item that are shown, unless all are asked for."""


def render(assessment: Assessment, told: Told) -> Iterator[str]:
    """The lines of the report."""
    framework = assessment.framework
    yield f"{framework.title}: {words.summary(assessment)}\n"
    for caveat in words.caveats(framework):
        yield f"{caveat}\n"
    for state in (NOT_MET, EXCEPTIONS, MET):
        chosen = [it for it in assessment.verdicts if it.state == state]
        if chosen:
            yield f"\n{state}\n"
        for verdict in chosen:
            yield from _judged(verdict, told)
    yield from _not_judged(assessment, told)
    for it in assessment.unread:
        yield f"\nnot read: {shown(it.file)}: {shown(it.reason)}\n"


def _judged(verdict: Verdict, told: Told) -> Iterator[str]:
    item = verdict.item
    many = f"{verdict.objects} object{'' if verdict.objects == 1 else 's'}"
    yield f"  {item.id} {item.title} ({many})\n"
    if item.note and told.verbose:
        yield f"      {item.note}\n"
    if verdict.state == NOT_MET:
        yield from _findings(verdict, told)
    for finding, excuse in verdict.findings(excused=True):
        if excuse is not None:
            yield f"      {shown(words.place(finding))}: {shown(str(finding.resource))}: "
            yield f"{shown(finding.message)}  [{finding.rule}]\n"
            yield f"        excused by the {shown(words.excused(excuse))}\n"
    if told.verbose:
        for part in verdict.evidence:
            yield f"      {part.rule}: {words.judged(part)}\n"


def _findings(verdict: Verdict, told: Told) -> Iterator[str]:
    found = verdict.findings(excused=False)
    most = len(found) if told.verbose else _MOST
    for finding, _ in found[:most]:
        yield f"      {shown(words.place(finding))}: {shown(str(finding.resource))}: "
        yield f"{shown(finding.message)}  [{finding.rule}]\n"
    if len(found) > most:
        yield f"      and {len(found) - most} more: -v shows them\n"


def _not_judged(assessment: Assessment, told: Told) -> Iterator[str]:
    """Items that files could show, each; the others by where they are judged."""
    left = [it for it in assessment.verdicts if it.state == NOT_JUDGED]
    if left:
        yield f"\n{NOT_JUDGED}\n"
    for verdict in left:
        if told.verbose or verdict.reason not in ELSEWHERE:
            yield f"  {verdict.item.id} {verdict.item.title}\n"
            yield f"      {shown(verdict.said)}\n"
    if told.verbose:
        return
    for where, said in ELSEWHERE.items():
        ids = [it.item.id for it in left if it.reason == where]
        if ids:
            items = "1 item" if len(ids) == 1 else f"{len(ids)} items"
            yield f"  {items} about {said}\n"
