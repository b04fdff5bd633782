"""The assessment for programs: schema `compliance`, version 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portside.compliance.judge import STATES
from portside.report.json_text import whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portside.compliance.judge import Assessment, Evidence, Verdict
    from portside.compliance.words import Told
    from portside.model.finding import Excuse, Finding


def render(assessment: Assessment, told: Told) -> Iterator[str]:
    """The one document."""
    import json

    yield whole(json.dumps(document(assessment, told), indent=2))
    yield "\n"


def document(assessment: Assessment, told: Told) -> dict[str, Any]:
    it = assessment.framework
    return {
        "version": 1,
        "tool": {"name": "portside", "version": told.version},
        "framework": {
            "id": it.id,
            "title": it.title,
            "version": it.version,
            "source": it.source,
            "confirmed": it.confirmed,
            "judgement": it.judgement,
            "note": it.note,
        },
        "day": told.day,
        "about": told.about,
        "kubernetes_version": assessment.target,
        "objects": assessment.objects,
        "summary": {state.replace(" ", "_"): assessment.count(state) for state in STATES},
        "items": [_item(verdict) for verdict in assessment.verdicts],
        "unread": [
            {"file": gone.file, "line": gone.line or None, "reason": gone.reason}
            for gone in assessment.unread
        ],
    }


def _item(verdict: Verdict) -> dict[str, Any]:
    item = verdict.item
    reason = {"kind": verdict.reason, "text": verdict.said} if verdict.reason else None
    return {
        "id": item.id,
        "title": item.title,
        "state": verdict.state.replace(" ", "_"),
        "reason": reason,
        "note": item.note,
        "objects": verdict.objects,
        "rules": [_rule(it) for it in verdict.evidence],
    }


def _rule(it: Evidence) -> dict[str, Any]:
    return {
        "rule": it.rule,
        "judged": it.judged,
        "silent": it.silent or None,
        "findings": [_finding(finding, excuse) for finding, excuse in it.findings],
        "undecided": [
            {"file": doubt.file, "line": doubt.line, "resource": str(doubt.resource),
             "missing": doubt.missing} for doubt in it.undecided
        ],
    }  # fmt: skip


def _finding(it: Finding, excuse: Excuse | None) -> dict[str, Any]:
    return {
        "file": it.file,
        "line": it.line,
        "column": it.column,
        "resource": str(it.resource),
        "path": it.named_path,
        "message": it.message,
        "excuse": None if excuse is None else excuse._asdict(),
    }
