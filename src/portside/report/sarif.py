"""SARIF 2.1.0 (OASIS). What stands where, and why: docs/reference/reports.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from portside.model.place import dotted
from portside.report.context import in_bytes, shown
from portside.report.json_text import encoded
from portside.report.prints import Prints
from portside.report.sarif_rules import LEVELS, descriptors, rules_of
from portside.report.totals import Totals, counts
from portside.report.words import excused_by, many, unread_sentence

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Excuse, Finding, ResourceRef, Step, Undecided, Unread
    from portside.report.context import Context

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
MOST_RESULTS = 25_000
"""GitHub refuses a run with more results."""
_IN_SOURCE = ("comment", "annotation")


def render(evaluation: Evaluation, context: Context) -> Iterator[str]:
    """One run: a result for each finding, whether it counts or not, and for what is undecided."""
    totals = Totals(evaluation)
    whole = sum((totals.findings, totals.covered, totals.excused, totals.undecided))
    notes = []
    if whole > MOST_RESULTS:
        notes.append(_left_out(whole - MOST_RESULTS, "there is room for 25,000 results"))
    yield from log(evaluation, context, totals, _results(evaluation, context, totals), notes)


def log(
    evaluation: Evaluation,
    context: Context,
    totals: Totals,
    results: Iterable[dict[str, Any]],
    notes: Iterable[dict[str, Any]],
) -> Iterator[str]:
    """The whole file around `results`; `notes` are notifications of what is not among them."""
    yield f'{{"version": "2.1.0", "$schema": {encoded(SCHEMA)}, "runs": [{{\n'
    yield from _tool(evaluation, context)
    yield '"columnKind": "unicodeCodePoints",\n'
    yield f'"automationDetails": {encoded({"id": f"portside/{evaluation.profile}/"})},\n'
    yield from _invocation(evaluation, context, totals, notes)
    yield '"results": ['
    mark = "\n"
    for result in results:
        yield f"{mark}  {encoded(result)}"
        mark = ",\n"
    yield "\n]}]}\n"


def _tool(evaluation: Evaluation, context: Context) -> Iterator[str]:
    driver = {
        "name": "Portside",
        "version": context.version,
        "properties": {"kubernetesVersion": evaluation.target, "profile": evaluation.profile},
    }
    yield f'"tool": {{"driver": {encoded(driver)[:-1]}, "rules": ['
    mark = "\n"
    for it in descriptors(evaluation, context):
        yield f"{mark}  {encoded(it)}"
        mark = ",\n"
    yield "\n]}},\n"


def _invocation(
    evaluation: Evaluation, context: Context, totals: Totals, notes: Iterable[dict[str, Any]]
) -> Iterator[str]:
    code = totals.exit_code(
        context.fail_on, allow_unread=context.allow_unread, strict=context.strict
    )
    yield f'"invocations": [{{"executionSuccessful": {encoded(code != 3)}, "exitCode": {code}, '
    yield '"toolExecutionNotifications": ['
    mark = "\n"
    for it in (*notes, *(_unread(it, context) for it in evaluation.unread())):
        yield f"{mark}  {encoded(it)}"
        mark = ",\n"
    yield "\n]}],\n"


def _left_out(number: int, why: str) -> dict[str, Any]:
    said = f"{many(number, 'result')} left out, the least severe: {why}; -o json=FILE has all"
    return notification("results-left-out", "warning", said)


def notification(name: str, level: str, text: str) -> dict[str, Any]:
    return {"descriptor": {"id": name}, "level": level, "message": {"text": text}}


def _unread(it: Unread, context: Context) -> dict[str, Any]:
    made = notification("not-looked-at", "error", _message(f"not looked at: {unread_sentence(it)}"))
    region: dict[str, Any] = {}
    if it.line:
        region = {"region": {"startLine": it.line}}
        if it.column:
            region["region"]["startColumn"] = it.column
    location = {"artifactLocation": _artifact(it.file, context), **region}
    return made | {"locations": [{"physicalLocation": location}]}


def _results(evaluation: Evaluation, context: Context, totals: Totals) -> Iterator[dict[str, Any]]:
    """Results in the order of files; where they are too many the worst, in order of severity."""
    made = Results(evaluation, context, suppressions=totals.excused > 0)
    everything = totals.findings + totals.covered + totals.excused + totals.undecided
    if everything <= MOST_RESULTS:
        yield from (made.finding(it, excuse) for it, excuse in evaluation.findings())
        yield from (made.undecided(it) for it in evaluation.undecided())
        return
    room = MOST_RESULTS
    for result in made.worst_first(evaluation):
        if not room:
            return
        room -= 1
        yield result


class Results:
    """Makes results of findings. `suppressions` says whether any result of the run has some.

    Section 3.27.23: the `suppressions` of the results of a run are all null or all not null.
    """

    __slots__ = ("_context", "_indices", "_prints", "_suppressions")

    def __init__(self, evaluation: Evaluation, context: Context, *, suppressions: bool) -> None:
        self._context = context
        self._indices = {rule: at for at, rule in enumerate(rules_of(evaluation))}
        self._prints = Prints()
        self._suppressions = suppressions

    def worst_first(self, evaluation: Evaluation) -> Iterator[dict[str, Any]]:
        """Every result: what counts by severity, then what is undecided, then the rest."""
        for severity in reversed(range(len(LEVELS))):
            for it, excuse in evaluation.findings():
                if it.severity == severity and counts(it, excuse):
                    yield self.finding(it, excuse)
        yield from (self.undecided(it) for it in evaluation.undecided())
        for it, excuse in evaluation.findings():
            if not counts(it, excuse):
                yield self.finding(it, excuse)

    def finding(self, it: Finding, excuse: Excuse | None) -> dict[str, Any]:
        kind = "informational" if it.covered_by and excuse is None else "fail"
        made = self._result(it.rule, kind, LEVELS[it.severity], it.message)
        region = {"startLine": it.line, "startColumn": it.column}
        if it.width:
            region["endColumn"] = it.column + it.width
        made["locations"] = [
            self._location(it.file, region, _logical(it.resource, dotted(it.path)))
        ]
        made["partialFingerprints"] = self._prints.of(it)
        if it.chain:
            made |= self._chain(it)
        properties = {"identity": it.identity, "coveredBy": it.covered_by, "note": it.note}
        properties |= {"band": it.band, "attackPath": it.via, "owner": it.owner}
        properties |= {"confidence": it.confidence, "environments": ", ".join(it.environments)}
        made["properties"] = {key: value for key, value in properties.items() if value}
        if excuse is not None:
            made["suppressions"] = [_suppression(excuse)]
        return made

    def _chain(self, it: Finding) -> dict[str, Any]:
        """Section 3.27.22: where it comes from; section 3.36: the way from there to the object."""
        related = [self._step(step) for step in it.chain if step.file]
        if not related:
            return {}
        flow = [{"location": place} for place in reversed(related)]
        return {
            "relatedLocations": [{"id": at, **place} for at, place in enumerate(related, 1)],
            "codeFlows": [{"threadFlows": [{"locations": flow}]}],
        }

    def _step(self, it: Step) -> dict[str, Any]:
        region = {"startLine": max(1, it.line)}
        if it.column:
            region["startColumn"] = it.column
        physical = {"artifactLocation": _artifact(it.file, self._context), "region": region}
        said = f"{it.role} {it.what}".rstrip()
        return {"physicalLocation": physical, "message": {"text": _message(said)}}

    def undecided(self, it: Undecided) -> dict[str, Any]:
        made = self._result(it.rule, "open", "none", f"undecided: {it.missing}")
        made["locations"] = [
            self._location(it.file, {"startLine": max(1, it.line)}, _logical(it.resource))
        ]
        return made

    def _result(self, rule: str, kind: str, level: str, message: str) -> dict[str, Any]:
        made: dict[str, Any] = {
            "ruleId": rule,
            "ruleIndex": self._indices[rule],
            "kind": kind,
            "level": level if kind == "fail" else "none",
            "message": {"text": _message(message)},
        }
        if self._suppressions:
            made["suppressions"] = []
        return made

    def _location(
        self, file: str, region: dict[str, int], logical: list[dict[str, Any]]
    ) -> dict[str, Any]:
        physical = {"artifactLocation": _artifact(file, self._context), "region": region}
        return {"physicalLocation": physical, "logicalLocations": logical}


def _logical(resource: ResourceRef, path: str = "") -> list[dict[str, Any]]:
    whole = f"{resource.api_version}/{resource.kind}/{resource.namespace}/{resource.name}"
    made = [{"name": resource.name, "fullyQualifiedName": whole, "kind": "resource"}]
    if path:
        made.append({"fullyQualifiedName": f"{whole}/{path}", "kind": "property"})
    return made


def _suppression(it: Excuse) -> dict[str, Any]:
    kind = "inSource" if it.kind in _IN_SOURCE else "external"
    return {"kind": kind, "status": "accepted", "justification": excused_by(it)}


def _message(text: str) -> str:
    """`text` without anything that section 3.11.6 reads as a link, or that reorders it."""
    text = shown(text)
    if "](" in text:
        text = text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return text


def _artifact(file: str, context: Context) -> dict[str, Any]:
    """Where a file is: relative to the root of the repository where it lies below that.

    Section 3.14.14 forbids `..` below a base, so a file elsewhere has none.
    """
    from urllib.parse import quote

    if "://" in file:
        return {"uri": quote(in_bytes(file), safe="/:?=&!@")}
    name = context.published(file)
    uri = quote(in_bytes(name), safe="/")
    if name.startswith("/"):
        return {"uri": f"file://{uri}"}
    if name.startswith("../"):
        return {"uri": uri}
    return {"uri": uri, "uriBaseId": "%SRCROOT%"}
