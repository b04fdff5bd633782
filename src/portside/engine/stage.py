"""Stage A: a file that was read becomes what the checks say of it (D13). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portside.engine.answer import in_order
from portside.engine.facts import fact_of
from portside.engine.judge import Judgement
from portside.engine.python_rules import ask_python, python_rules
from portside.judged import admit
from portside.model.finding import (
    NO_RULE_APPLIES,
    OBJECT_JUDGED,
    OBJECT_UNDECIDED,
    OBJECT_UNREAD,
    FileResult,
    Finding,
    ObjectFate,
)
from portside.model.resource import FileResource

if TYPE_CHECKING:
    from portside.engine.plan import Plan
    from portside.model.facts import Fact
    from portside.model.finding import Undecided, Unread
    from portside.model.reading import ReadFile
    from portside.model.resource import Resource


def judge_file(read: ReadFile, plan: Plan) -> FileResult:
    """Everything that the checks of `plan` say of the objects of one file, in the file's order."""
    objects = list(read.settled)
    findings: list[Finding] = []
    undecided: list[Undecided] = []
    unread: list[Unread] = list(read.unread)
    facts: list[Fact] = []
    for number, resource in enumerate(read.resources):
        judgement = judge(resource, plan)
        findings += judgement.findings
        undecided += judgement.undecided
        unread += judgement.unread
        objects.append(_fate(resource, judgement))
        if plan.wants_facts and type(resource) is not FileResource:
            facts.append(fact_of(resource, number, placed=plan.wants_places))
    findings.sort(key=in_order)
    result = FileResult(
        fate=read.fate,
        objects=tuple(objects),
        findings=tuple(findings),
        undecided=tuple(undecided),
        unread=tuple(unread),
        comments=read.comments,
        facts=tuple(facts),
    )
    defining = [it.value for it in read.resources if it.kind == _DEFINITION]
    if defining and len(read.resources) > len(defining):
        from portside.engine.custom import with_definitions
        from portside.judged.custom.definitions import Definitions

        result = with_definitions(result, read.resources, Definitions(defining), plan)
    return result


_DEFINITION = "CustomResourceDefinition"
"""Objects of a kind that is defined in the same file are held against the definition at once."""


def judge(resource: Resource, plan: Plan) -> Judgement:
    """Ask every check of `plan` about `resource`, which takes on its judged form (D12)."""
    judgement = Judgement(resource, plan)
    judgement.ask("written")
    if type(resource) is not FileResource:
        resource.admitted(admit(resource.value, plan.minor))
        judgement.ask("judged")
    rules = python_rules(resource, plan)
    if rules:
        ask_python(judgement, rules)
    if resource.duplicates or (resource.form is not None and resource.form.at_fault):
        _report_text(judgement)
    if len(judgement.findings) > 1:
        from portside.engine.cause import covered

        judgement.findings = covered(judgement.findings, plan, resource.value)
    if plan.foreign is not None:
        from portside.engine.foreign import ask_foreign

        ask_foreign(judgement, plan.foreign)
    return judgement


def _report_text(judgement: Judgement) -> None:
    from portside.engine.text import faults_of_text

    found = list(faults_of_text(judgement.resource, judgement.plan))
    judgement.findings += found
    judgement.rules += len({it.rule for it in found})


def _fate(resource: Resource, judgement: Judgement) -> ObjectFate:
    fate = OBJECT_JUDGED
    note = ""
    if judgement.unread:
        fate, note = OBJECT_UNREAD, "a rule crashed on it"
    elif not judgement.rules:
        fate, note = NO_RULE_APPLIES, f"no rule of this profile is about {resource.kind}"
    elif judgement.undecided and len({it.rule for it in judgement.undecided}) >= judgement.rules:
        fate, note = OBJECT_UNDECIDED, "every rule lacks a fact"
    owner = _owner(resource.value, judgement.plan.owner_labels)
    bears_pods = bool(resource.pods())
    return ObjectFate(
        *(
            resource.file,
            resource.line,
            resource.ref,
            fate,
            judgement.rules,
            note,
            owner,
            bears_pods,
        )
    )


def _owner(value: dict[str, Any], names: tuple[str, ...]) -> str:
    """The owner that a label or an annotation of the object names."""
    metadata = value.get("metadata")
    if type(metadata) is dict:
        for field in ("labels", "annotations"):
            listed = metadata.get(field)
            if type(listed) is dict:
                for name in names:
                    if name in listed:
                        return str(listed[name])
    return ""
