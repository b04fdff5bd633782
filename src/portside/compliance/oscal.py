"""The assessment as OSCAL assessment-results 1.1 (NIST, pages.nist.gov/OSCAL).

The same assessment gives the same bytes: identifiers are made of names, days come from the caller.
OSCAL knows a control that is satisfied and one that is not; an item that nobody judged is not
satisfied with the reason `other`, and a property says that it was not judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from portside.compliance import words
from portside.compliance.judge import EXCEPTIONS, MET, NOT_JUDGED, NOT_MET
from portside.report.context import shown
from portside.report.json_text import whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portside.compliance.judge import Assessment, Evidence, Verdict
    from portside.compliance.words import Told
    from portside.model.finding import Excuse, Finding

VERSION = "1.1.3"
NAMESPACE = "https://portside.dev/ns/oscal"
_ROOT = uuid5(UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8"), NAMESPACE)
_TARGETS = {
    MET: ("satisfied", "pass"),
    EXCEPTIONS: ("satisfied", "other"),
    NOT_MET: ("not-satisfied", "fail"),
    NOT_JUDGED: ("not-satisfied", "other"),
}


def render(assessment: Assessment, told: Told) -> Iterator[str]:
    """The one document."""
    import json

    yield whole(json.dumps({"assessment-results": document(assessment, told)}, indent=2))
    yield "\n"


def document(assessment: Assessment, told: Told) -> dict[str, Any]:
    framework = assessment.framework
    maker = _Maker(assessment, told)
    plan = maker.uuid("plan")
    return {
        "uuid": maker.uuid("results"),
        "metadata": {
            "title": f"{framework.title}: files assessed by Portside",
            "last-modified": maker.time,
            "version": told.version,
            "oscal-version": VERSION,
            "props": [_prop("framework", framework.id), *_marks(assessment)],
            "remarks": " ".join([words.RULE_OF_MET, *words.caveats(framework)]),
        },
        "import-ap": {"href": f"#{plan}"},
        "results": [maker.result()],
        "back-matter": {
            "resources": [
                {
                    "uuid": plan,
                    "title": "Plan of the assessment",
                    "description": "Every item of the framework that files can show is judged by "
                    "rules on all files named; there is no separate document.",
                }
            ]
        },
    }


def control_id(framework: str, item: str) -> str:
    """An item's name as an OSCAL token: `cis-1.12_5.2.2`."""
    made = "".join(it if it.isalnum() or it in ".-_" else "-" for it in f"{framework}_{item}")
    return made if made[0].isalpha() else f"_{made}"


class _Maker:
    """Makes the parts of one document, each with an identifier of its own."""

    __slots__ = ("assessment", "framework", "seed", "time", "told")

    def __init__(self, assessment: Assessment, told: Told) -> None:
        self.assessment = assessment
        self.framework = assessment.framework.id
        self.told = told
        self.time = f"{told.day}T00:00:00Z"
        self.seed = f"{self.framework}|{told.about}|{told.day}|{told.version}"

    def uuid(self, *names: str) -> str:
        return str(uuid5(_ROOT, shown("|".join((self.seed, *names)))))

    def result(self) -> dict[str, Any]:
        judged = [it for it in self.assessment.verdicts if it.evidence]
        observations = [made for it in judged for made in self._observations(it)]
        made: dict[str, Any] = {
            "uuid": self.uuid("result"),
            "title": self.assessment.framework.title,
            "description": f"{words.summary(self.assessment)}; "
            f"{self.assessment.objects} objects, Kubernetes {self.assessment.target}.",
            "start": self.time,
            "end": self.time,
            "reviewed-controls": {"control-selections": [self._selection()]},
        }
        items = self._objects()
        if items:
            made["local-definitions"] = {"inventory-items": items}
        if observations:
            made["observations"] = observations
        made["findings"] = [self._finding(it) for it in self.assessment.verdicts]
        return made

    def _selection(self) -> dict[str, Any]:
        ids = [control_id(self.framework, it.item.id) for it in self.assessment.verdicts]
        return {
            "description": f"All items of {self.assessment.framework.title}.",
            "include-controls": [{"control-id": it} for it in ids],
        }

    def _objects(self) -> list[dict[str, Any]]:
        """The objects that findings are about, once each."""
        found = {
            self._subject(it): shown(f"{it.resource} in {it.file}")
            for verdict in self.assessment.verdicts
            for part in verdict.evidence
            for it, _ in part.findings
        }
        return [{"uuid": uuid, "description": said} for uuid, said in found.items()]

    def _subject(self, it: Finding) -> str:
        return self.uuid("object", it.file, *it.resource)

    def _observations(self, verdict: Verdict) -> Iterator[dict[str, Any]]:
        for part in verdict.evidence:
            yield self._observation(verdict, part)

    def _observation(self, verdict: Verdict, part: Evidence) -> dict[str, Any]:
        made: dict[str, Any] = {
            "uuid": self.uuid("observation", verdict.item.id, part.rule),
            "title": self.told.title(part.rule),
            "description": f"Rule {part.rule}: {words.judged(part)} judged, "
            f"{len(part.findings)} findings, {len(part.undecided)} undecided.",
            "props": [_prop("rule", part.rule), _prop("objects-judged", str(part.judged))],
            "methods": ["TEST"],
            "types": ["control-objective"],
            "collected": self.time,
        }
        subjects = dict.fromkeys((self._subject(it), str(it.resource)) for it, _ in part.findings)
        if subjects:
            made["subjects"] = [
                {"subject-uuid": uuid, "type": "inventory-item", "title": shown(name)}
                for uuid, name in subjects
            ]
            made["relevant-evidence"] = [_evidence(*it) for it in part.findings]
        return made

    def _finding(self, verdict: Verdict) -> dict[str, Any]:
        state, reason = _TARGETS[verdict.state]
        made: dict[str, Any] = {
            "uuid": self.uuid("finding", verdict.item.id),
            "title": f"{verdict.item.id} {verdict.item.title}",
            "description": _said(verdict),
            "props": [
                _prop("verdict", verdict.state.replace(" ", "-")),
                _prop("objects-judged", str(verdict.objects)),
                *([_prop("not-judged", verdict.reason)] if verdict.reason else []),
            ],
            "target": {
                "type": "objective-id",
                "target-id": control_id(self.framework, verdict.item.id),
                "status": {"state": state, "reason": reason},
            },
        }
        if verdict.evidence:
            made["related-observations"] = [
                {"observation-uuid": self.uuid("observation", verdict.item.id, part.rule)}
                for part in verdict.evidence
            ]
        return made


def _marks(assessment: Assessment) -> list[dict[str, str]]:
    framework = assessment.framework
    return [
        _prop("mapping-confirmed", "true" if framework.confirmed else "false"),
        _prop("mapping-is-judgement", "true" if framework.judgement else "false"),
    ]


def _prop(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": NAMESPACE, "value": value}


def _said(verdict: Verdict) -> str:
    said = verdict.state[:1].upper() + verdict.state[1:]
    return shown(f"{said}: {verdict.said}" if verdict.said else f"{said}.")


def _evidence(finding: Finding, excuse: Excuse | None) -> dict[str, Any]:
    made = {"description": shown(f"{words.place(finding)}: {finding.resource}: {finding.message}")}
    if excuse is not None:
        made["remarks"] = shown(f"Excused by the {words.excused(excuse)}")
    return made
