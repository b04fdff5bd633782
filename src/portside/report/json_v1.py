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
        Finding,
        ObjectFate,
        ResourceRef,
        Step,
        Undecided,
        Unread,
    )
    from portside.model.mending import Outcome
    from portside.model.place import FieldPath
    from portside.report.context import Context

_NO_PRIORITY = '"band": null, "via": null, "owner": null'
_AS_WRITTEN = '"chain": [], "confidence": null, "environments": []'
_KNOWN_PATHS = 4096
_FIXABLE = {"": "null", "safe": '"safe"', "unsafe": '"unsafe"'}


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
    yield from _fixes(evaluation)
    yield f'"priorities": {encoded(_priorities(evaluation))},\n'
    yield '"ledger": {\n'
    yield from _array("files", (encoded(file_fate(it.fate)) for it in evaluation.files))
    objects = (encoded(object_fate(it)) for result in evaluation.files for it in result.objects)
    yield from _array("objects", objects, last=True)
    yield "}\n}\n"


def _fixes(evaluation: Evaluation) -> Iterator[str]:
    if evaluation.outcomes is None:
        yield '"fixes": null,\n'
    else:
        yield from _array("fixes", (encoded(fix(it)) for it in evaluation.outcomes))


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
        "fixable": totals.fixable,
        "undecided": totals.undecided,
        "unread": totals.unread,
        "files": sum(totals.files.values()),
        "objects": totals.seen_objects,
        "rules": evaluation.rules,
    }


def _findings(evaluation: Evaluation) -> Iterator[str]:
    """Every finding. Written by hand: a scan may have a hundred thousand, 3 µs each."""
    last_file: str | None = None
    last_ref: ResourceRef | None = None
    opened = named = ""
    paths: dict[FieldPath, str] = {}
    for it, excuse in evaluation.findings():
        rule, severity, message, ref, path, _, file, line, column, width, key, cause, note = it[:13]
        if file is not last_file:
            last_file, opened = file, quoted(file)
        if ref is not last_ref:
            last_ref, named = ref, encoded(resource(ref))
        steps = paths.get(path)
        if steps is None:
            steps = _path(path, paths)
        text = (
            f'{{"id": {quoted(key)}, "rule": {quoted(rule)}, "severity": "{NAMES[severity]}", '
            f'"message": {quoted(message)}, "resource": {named}, "path": {steps}, '
            f'"file": {opened}, "line": {line}, "column": {column}, "width": {width}, '
            f'"waived": {_waived(excuse) if excuse else "null"}, '
            f'"covered_by": {quoted(cause) if cause else "null"}, '
            f'"note": {quoted(note) if note else "null"}, {_priority(it)}, '
            f'{_origin(it)}, "fixable": {_FIXABLE[it.fixable]}}}'
        )
        yield whole(text) if "\\ud" in text else text


def _priorities(evaluation: Evaluation) -> dict[str, Any]:
    from portside.report.priorities import priorities

    found = priorities(evaluation)
    return {
        "bands": found.bands or None,
        "choke_points": [
            {
                "what": it.what,
                "rule": it.rule,
                "file": it.file,
                "line": it.line,
                "paths": it.paths,
                "all_paths": it.all_paths,
            }
            for it in found.choke_points
        ],
        "places": [
            {
                "file": it.file,
                "line": it.line,
                "findings": it.findings,
                "severity": NAMES[it.severity],
                "rules": list(it.rules),
            }
            for it in found.places
        ],
        "owners": [
            {"owner": it.owner or None, **dict(zip(NAMES, it.severities, strict=True))}
            for it in found.owners
        ],
    }


def _priority(it: Finding) -> str:
    if not (it.band or it.owner):
        return _NO_PRIORITY
    words = {"band": it.band or None, "via": it.via or None, "owner": it.owner or None}
    return encoded(words)[1:-1]


def _origin(it: Finding) -> str:
    """Where a rendered field was made, and in which environments that is so."""
    if not (it.confidence or it.environments):
        return _AS_WRITTEN
    words = {
        "chain": [step(one) for one in it.chain],
        "confidence": it.confidence or None,
        "environments": list(it.environments),
    }
    return encoded(words)[1:-1]


def step(it: Step) -> dict[str, Any]:
    return {
        "role": it.role,
        "file": it.file or None,
        "line": it.line or None,
        "column": it.column or None,
        "what": it.what or None,
    }


def _path(path: FieldPath, known: dict[FieldPath, str]) -> str:
    if len(known) >= _KNOWN_PATHS:
        known.clear()
    text = known[path] = encoded(list(path))
    return text


def _waived(it: Excuse) -> str:
    return encoded(
        {
            "kind": it.kind,
            "reason": it.reason,
            "owner": it.owner or None,
            "approver": it.approver or None,
            "ticket": it.ticket or None,
            "until": it.until or None,
            "where": it.where,
        }
    )


def fix(it: Outcome) -> dict[str, Any]:
    return {
        "id": it.finding.identity,
        "rule": it.finding.rule,
        "file": it.finding.file,
        "line": it.finding.line,
        "fixable": it.finding.mends,
        "state": it.state,
        "reason": it.reason or None,
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
