"""GitLab Code Quality: an array of issues, which a merge request compares with its target's."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from portside.report.context import shown
from portside.report.json_text import encoded
from portside.report.prints import Prints
from portside.report.totals import counts
from portside.report.words import unread_sentence

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Finding, Undecided, Unread
    from portside.report.context import Context

_SEVERITIES = ("info", "minor", "major", "critical", "blocker")


def render(evaluation: Evaluation, context: Context) -> Iterator[str]:
    """An issue for each finding that counts, for what was not looked at, and what is undecided."""
    mark = "[\n"
    for issue in _issues(evaluation, context):
        yield f"{mark}  {encoded(issue)}"
        mark = ",\n"
    yield "[]\n" if mark == "[\n" else "\n]\n"


def _issues(evaluation: Evaluation, context: Context) -> Iterator[dict[str, Any]]:
    for it in evaluation.unread():
        yield _unread(it, context)
    prints = Prints()
    for finding, excuse in evaluation.findings():
        if counts(finding, excuse):
            yield _finding(finding, prints.unique(finding), context)
    for doubt in evaluation.undecided():
        yield _undecided(doubt, context)


def _finding(it: Finding, fingerprint: str, context: Context) -> dict[str, Any]:
    said = f"{it.resource}: {it.message}"
    return _issue(it.rule, said, fingerprint, _SEVERITIES[it.severity]) | _at(
        it.file, it.line, context
    )


def _undecided(it: Undecided, context: Context) -> dict[str, Any]:
    said = f"{it.resource}: undecided: {it.missing}"
    fingerprint = _hash("undecided", it.rule, it.file, *it.resource, it.missing)
    return _issue(it.rule, said, fingerprint, "info") | _at(it.file, it.line, context)


def _unread(it: Unread, context: Context) -> dict[str, Any]:
    said = f"not looked at: {unread_sentence(it)}"
    fingerprint = _hash("unread", it.file, it.what, it.reason, str(it.line))
    return _issue("not-looked-at", said, fingerprint, "blocker") | _at(it.file, it.line, context)


def _issue(name: str, said: str, fingerprint: str, severity: str) -> dict[str, Any]:
    return {
        "description": shown(said),
        "check_name": name,
        "fingerprint": fingerprint,
        "severity": severity,
    }


def _at(file: str, line: int, context: Context) -> dict[str, Any]:
    path = context.published(file)
    return {"location": {"path": path, "lines": {"begin": max(1, line)}}}


def _hash(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
