"""The sentences that reports of a change share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from portside.diff.model import ADDED, CHANGED, KINDS, MOVED, REMOVED, UNCHANGED
from portside.model.severity import NAMES
from portside.report.totals import Totals, counts
from portside.report.words import joined, many, origin

if TYPE_CHECKING:
    from portside.diff.model import Change, Connection, Field, ObjectChange, Path, Right
    from portside.model.finding import Finding
    from portside.report.context import Context

MARKS = {ADDED: "+", REMOVED: "-", CHANGED: "~", MOVED: ">"}


def sides(change: Change) -> str:
    return f"{change.before} → {change.after}"


def new_findings(change: Change) -> str:
    """`1 high, 2 medium new`, or that nothing is."""
    severities = Totals(change.judged).severities
    numbers = zip(severities[::-1], NAMES[::-1], strict=True)
    said = ", ".join(f"{number} {name}" for number, name in numbers if number)
    return f"{said} new" if said else "no new findings"


def sums(change: Change) -> str:
    """How many findings are new, fixed and as before, and how many objects are not as before."""
    unchanged = sum(1 for _ in standing(change))
    return joined(
        new_findings(change),
        f"{len(fixed(change))} fixed",
        f"{unchanged} unchanged",
        objects(change),
    )


def fixed(change: Change) -> list[Finding]:
    """What counted, and is gone."""
    return [it for it, excuse in change.compared.fixed if excuse is None and not it.covered_by]


def standing(change: Change) -> Iterator[Finding]:
    """What counts, and did before."""
    for (it, excuse), state in zip(
        change.evaluation.findings(), change.compared.states, strict=True
    ):
        if state == UNCHANGED and excuse is None and not it.covered_by:
            yield it


def told(it: Finding, new_in: Sequence[str] = ()) -> str:
    """The message, and of what is rendered where it comes from, and in which environments."""
    parts = [made] if (made := origin(it)) else []
    if new_in:
        parts.append(f"new in {', '.join(new_in)}")
    return f"{it.message} [{'; '.join(parts)}]" if parts else it.message


def new(change: Change) -> Iterator[tuple[Finding, tuple[str, ...]]]:
    """What is new and counts, each with the environments that it is new in, if not in all."""
    for at, (it, excuse) in enumerate(change.judged.findings()):
        if counts(it, excuse):
            yield it, change.compared.new_in.get(at, ())


def objects(change: Change) -> str:
    numbers = Counter(it.kind for it in change.objects)
    parts = [f"{numbers[it]} {it}" for it in KINDS if numbers[it]]
    return f"objects: {', '.join(parts)}" if parts else "no object differs"


def object_line(it: ObjectChange) -> str:
    """`~ Deployment shop/web (shop/web.yaml): spec.replicas 1 → 3`."""
    where = f"{it.was} → {it.file}" if it.was else it.file
    names = f" in {', '.join(it.environments)}" if it.environments else ""
    said = f"{MARKS[it.kind]} {it.resource}{names} ({where})"
    if not it.fields:
        return said
    fields = [field(one) for one in it.fields]
    if it.more_fields:
        fields.append(f"and {many(it.more_fields, 'more field')}")
    return f"{said}: {', '.join(fields)}"


def field(it: Field) -> str:
    if it.kind != CHANGED:
        value = it.after if it.kind == ADDED else it.before
        return f"{MARKS[it.kind]}{it.name}{f' {value}' if value else ''}"
    return f"{it.name} {it.before} → {it.after}" if it.before or it.after else it.name


def connection_line(it: Connection) -> str:
    ports = f"{it.before} → {it.after}" if it.kind == CHANGED else it.after or it.before
    return f"{MARKS[it.kind]} {it.source} => {it.target} : {ports}{_in(it.environments)}"


def right_line(it: Right) -> str:
    said = f"{MARKS[it.kind]} {it.subject} may {', '.join(it.verbs)} {it.what} in {it.scope}"
    return said + _in(it.environments)


def path_line(it: Path) -> str:
    return f"{MARKS[it.kind]} {it.source} can become: {it.target}{_in(it.environments)}"


def _in(environments: Sequence[str]) -> str:
    return f" (in {', '.join(environments)})" if environments else ""


def missing(change: Change, context: Context) -> str:
    """What keeps the answer from being whole, and on which side; or nothing."""
    now = sum(1 for _ in change.evaluation.unread())
    parts = []
    if now:
        parts.append(f"{now} of {change.after.name}")
    if change.unread_before:
        parts.append(f"{len(change.unread_before)} of {change.before.name}")
    if not parts:
        return ""
    so = "accepted by --allow-unread" if context.allow_unread else "exit 3"
    return f"not looked at: {', '.join(parts)}: the answer is incomplete ({so})"
