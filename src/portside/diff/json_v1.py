"""A change as JSON, version 1: what it holds is said in docs/howto/pull-requests.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from portside.diff.model import FIXED, KINDS, NEW
from portside.diff.words import fixed, standing
from portside.model.severity import NAMES
from portside.report.json_text import encoded, quoted
from portside.report.json_v1 import resource, step, undecided, unread
from portside.report.totals import Totals

if TYPE_CHECKING:
    from portside.diff.model import Change, Connection, Field, ObjectChange, Side
    from portside.model.finding import Excuse, Finding
    from portside.report.context import Context

VERSION = 1


def render(change: Change, context: Context) -> Iterator[str]:
    """One object; what there is many of stands a line each."""
    head = {
        "version": VERSION,
        "complete": change.complete,
        "tool": {"name": "portside", "version": context.version},
        "profile": change.evaluation.profile,
        "kubernetes_version": change.evaluation.target,
        "before": _side(change.before),
        "after": _side(change.after),
        "summary": _summary(change),
    }
    yield "{\n"
    for key, value in head.items():
        yield f"{quoted(key)}: {encoded(value)},\n"
    reach = change.reach
    yield from _array("objects", map(_object, change.objects))
    yield from _array("findings", _findings(change))
    yield from _array("loosened", (_place(it) for it in change.loosened))
    yield from _array("connections", map(_connection, reach.connections))
    yield from _array("rights", (it._asdict() for it in reach.rights))
    yield from _array("paths", (it._asdict() for it in reach.paths))
    yield from _array("undecided", map(undecided, change.evaluation.undecided()))
    sides = {
        "before": [unread(it) for it in change.unread_before],
        "after": [unread(it) for it in change.evaluation.unread()],
    }
    yield f'"unread": {encoded(sides)},\n'
    yield f'"notes": {encoded([*reach.notes, *change.notes])}\n}}\n'


def _array(name: str, items: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield f"{quoted(name)}: ["
    mark = "\n  "
    for item in items:
        yield mark + encoded(item)
        mark = ",\n  "
    yield f"{'' if mark == chr(10) + '  ' else chr(10)}],\n"


def _side(it: Side) -> dict[str, Any]:
    return {"name": it.name, "commit": it.commit or None}


def _summary(change: Change) -> dict[str, Any]:
    new = Totals(change.judged)
    kinds = Counter(it.kind for it in change.objects)
    return {
        "new": {**dict(zip(NAMES, new.severities, strict=True)), "findings": new.findings},
        "fixed": len(fixed(change)),
        "unchanged": sum(1 for _ in standing(change)),
        "loosened": len(change.loosened),
        "objects": {it: kinds[it] for it in KINDS},
        "undecided": new.undecided,
        "unread": {"before": len(change.unread_before), "after": new.unread},
    }


def _object(it: ObjectChange) -> dict[str, Any]:
    return {
        "change": it.kind,
        "resource": resource(it.resource),
        "file": it.file,
        "line": it.line,
        "was": it.was or None,
        "fields": [_field(one) for one in it.fields],
        "more_fields": it.more_fields,
        "environments": list(it.environments),
    }


def _field(it: Field) -> dict[str, Any]:
    return {
        "path": it.name,
        "change": it.kind,
        "before": it.before or None,
        "after": it.after or None,
    }


def _findings(change: Change) -> Iterator[dict[str, Any]]:
    """Every finding of the new side, then what is fixed."""
    states = change.compared.states
    new_in = change.compared.new_in
    listed = zip(change.evaluation.findings(), states, strict=True)
    for at, ((it, excuse), state) in enumerate(listed):
        found = _finding(it, excuse, state)
        found["new_in"] = list(new_in.get(at, it.environments if state == NEW else ()))
        yield found
    for it, excuse in change.compared.fixed:
        yield _finding(it, excuse, FIXED)


def _finding(it: Finding, excuse: Excuse | None, state: str) -> dict[str, Any]:
    counted = excuse is None and not it.covered_by
    return {
        "id": it.identity,
        "state": state,
        "counts": counted and state == NEW,
        "rule": it.rule,
        "severity": NAMES[it.severity],
        "message": it.message,
        "resource": resource(it.resource),
        "path": list(it.path),
        **_place(it),
        "waived": _waived(excuse) if excuse else None,
        "covered_by": it.covered_by or None,
        "note": it.note or None,
        "owner": it.owner or None,
        "chain": [step(one) for one in it.chain],
        "confidence": it.confidence or None,
        "environments": list(it.environments),
        "new_in": [],
    }


def _waived(it: Excuse) -> dict[str, Any]:
    return {"kind": it.kind, "reason": it.reason, "until": it.until or None, "where": it.where}


def _place(it: Finding) -> dict[str, Any]:
    return {"message": it.message, "file": it.file, "line": it.line, "column": it.column}


def _connection(it: Connection) -> dict[str, Any]:
    return {
        "change": it.kind,
        "source": it.source,
        "target": it.target,
        "before": it.before or None,
        "after": it.after or None,
        "environments": list(it.environments),
    }
