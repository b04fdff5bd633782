"""JSON, version 1. Its shape is a promise (docs/schema/report-v1.schema.json), written out here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from portside.model.severity import NAMES
from portside.report.totals import Totals

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Excuse, Finding, ObjectFate, ResourceRef, Undecided, Unread
    from portside.report.context import Context

_ENCODE = json.JSONEncoder(ensure_ascii=True, separators=(", ", ": ")).encode


def render(evaluation: Evaluation, context: Context) -> Iterator[str]:
    """The report as one JSON object; a finding a line, so that it streams."""
    totals = Totals(evaluation)
    head = {
        "version": 1,
        "complete": evaluation.complete,
        "tool": {"name": "portside", "version": context.version},
        "profile": evaluation.profile,
        "kubernetes_version": evaluation.target,
        "summary": summary(evaluation, totals),
    }
    yield "{\n"
    for key, value in head.items():
        yield f"{_ENCODE(key)}: {_ENCODE(value)},\n"
    yield from _array("findings", (finding(*it) for it in evaluation.findings()))
    yield from _array("undecided", (undecided(it) for it in evaluation.undecided()))
    yield from _array("unread", (unread(it) for it in evaluation.unread()))
    yield '"ledger": {\n'
    yield from _array("files", (_file(it.fate) for it in evaluation.files))
    objects = (object_fate(it) for result in evaluation.files for it in result.objects)
    yield from _array("objects", objects, last=True)
    yield "}\n}\n"


def _array(name: str, items: Iterable[dict[str, Any]], *, last: bool = False) -> Iterator[str]:
    yield f"{_ENCODE(name)}: ["
    mark = "\n"
    for item in items:
        yield f"{mark}  {_ENCODE(item)}"
        mark = ",\n"
    yield f"{'' if mark == chr(10) else chr(10)}]{'' if last else ','}\n"


def summary(evaluation: Evaluation, totals: Totals) -> dict[str, Any]:
    """The totals: findings that count by severity, and what else there is."""
    return {
        **dict(zip(NAMES, totals.severities, strict=True)),
        "findings": totals.findings,
        "waived": totals.excused,
        "covered": totals.covered,
        "undecided": totals.undecided,
        "unread": totals.unread,
        "files": sum(totals.files.values()),
        "objects": totals.seen_objects,
        "rules": evaluation.rules,
    }


def finding(it: Finding, excuse: Excuse | None) -> dict[str, Any]:
    return {
        "id": it.identity,
        "rule": it.rule,
        "severity": NAMES[it.severity],
        "message": it.message,
        "resource": resource(it.resource),
        "path": list(it.path),
        "file": it.file,
        "line": it.line,
        "column": it.column,
        "width": it.width,
        "waived": None if excuse is None else waived(excuse),
        "covered_by": it.covered_by or None,
        "note": it.note or None,
    }


def waived(it: Excuse) -> dict[str, Any]:
    return {
        "kind": it.kind,
        "reason": it.reason,
        "owner": it.owner or None,
        "until": it.until or None,
        "where": it.where,
    }


def resource(it: ResourceRef) -> dict[str, Any]:
    return {
        "apiVersion": it.api_version,
        "kind": it.kind,
        "namespace": it.namespace or None,
        "name": it.name,
    }


def undecided(it: Undecided) -> dict[str, Any]:
    return {
        "rule": it.rule,
        "resource": resource(it.resource),
        "missing": it.missing,
        "file": it.file,
        "line": it.line,
    }


def unread(it: Unread) -> dict[str, Any]:
    return {
        "what": it.what,
        "reason": it.reason,
        "file": it.file,
        "line": it.line or None,
        "column": it.column or None,
    }


def _file(it: Any) -> dict[str, Any]:
    return {"file": it.file, "fate": it.fate, "objects": it.objects, "reason": it.reason or None}


def object_fate(it: ObjectFate) -> dict[str, Any]:
    return {
        "file": it.file,
        "line": it.line,
        "resource": resource(it.resource),
        "fate": it.fate,
        "rules": it.rules,
        "note": it.note or None,
    }
