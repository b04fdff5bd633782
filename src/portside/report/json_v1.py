"""JSON, version 1. Its shape is a promise (docs/schema/report-v1.schema.json), written out here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from portside.model.severity import NAMES
from portside.report.json_text import encoded, quoted, whole
from portside.report.totals import Totals

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.model.finding import (
        Excuse,
        FileFate,
        ObjectFate,
        ResourceRef,
        Undecided,
        Unread,
    )
    from portside.report.context import Context

_KNOWN_PATHS = 4096


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
        yield f"{quoted(key)}: {encoded(value)},\n"
    yield from _array("findings", _findings(evaluation))
    yield from _array("undecided", (encoded(undecided(it)) for it in evaluation.undecided()))
    yield from _array("unread", (encoded(unread(it)) for it in evaluation.unread()))
    yield '"ledger": {\n'
    yield from _array("files", (encoded(file_fate(it.fate)) for it in evaluation.files))
    objects = (encoded(object_fate(it)) for result in evaluation.files for it in result.objects)
    yield from _array("objects", objects, last=True)
    yield "}\n}\n"


def _array(name: str, items: Iterable[str], *, last: bool = False) -> Iterator[str]:
    yield f"{quoted(name)}: ["
    mark = "\n  "
    for item in items:
        yield mark + item
        mark = ",\n  "
    yield f"{'' if mark == chr(10) + '  ' else chr(10)}]{'' if last else ','}\n"


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


def _findings(evaluation: Evaluation) -> Iterator[str]:
    """Every finding. Written by hand: a scan may have a hundred thousand, 3 µs each."""
    file: str | None = None
    opened = ""
    paths: dict[tuple[str | int, ...], str] = {}
    refs: dict[ResourceRef, str] = {}
    for it, excuse in evaluation.findings():
        if it.file is not file:
            file, opened = it.file, quoted(it.file)
            refs.clear()
        ref = refs.get(it.resource)
        if ref is None:
            ref = refs[it.resource] = encoded(resource(it.resource))
        path = paths.get(it.path)
        if path is None:
            path = _path(it.path, paths)
        line = (
            f'{{"id": {quoted(it.identity)}, "rule": {quoted(it.rule)}, '
            f'"severity": "{NAMES[it.severity]}", "message": {quoted(it.message)}, '
            f'"resource": {ref}, "path": {path}, "file": {opened}, '
            f'"line": {it.line}, "column": {it.column}, "width": {it.width}, '
            f'"waived": {_waived(excuse)}, "covered_by": {_or_null(it.covered_by)}, '
            f'"note": {_or_null(it.note)}}}'
        )
        yield whole(line) if "\\ud" in line else line


def _path(path: tuple[str | int, ...], known: dict[tuple[str | int, ...], str]) -> str:
    if len(known) >= _KNOWN_PATHS:
        known.clear()
    text = known[path] = encoded(list(path))
    return text


def _or_null(text: str) -> str:
    return quoted(text) if text else "null"


def _waived(it: Excuse | None) -> str:
    if it is None:
        return "null"
    return encoded(
        {
            "kind": it.kind,
            "reason": it.reason,
            "owner": it.owner or None,
            "until": it.until or None,
            "where": it.where,
        }
    )


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


def file_fate(it: FileFate) -> dict[str, Any]:
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
