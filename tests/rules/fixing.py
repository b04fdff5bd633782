"""`--fix` on examples of rules: the real editor and its proof, with one rule alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from portside.engine.plan import Plan
from portside.fixes.file import FileMender
from portside.fixes.whole import Part, Whole
from portside.model.finding import FileResult, Finding
from portside.model.mending import Outcome
from portside.model.reading import ReadFile
from portside.policy import builtin
from portside.policy.rule import Example, Rule
from portside.sources.manifest import parse
from portside.syntax import DEFAULT
from tests.rules.asking import judged, minor_of, plan_of


def plan_for(rule: Rule, example: Example) -> Plan:
    """The plan that judges the example, with the conditions of fixes."""
    plan = plan_of([rule.id], minor_of(example), {rule.id: example.params})
    plan.fix_conditions = builtin.fix_conditions
    return plan


def mended(
    text: str, example: Example, plan: Plan, kinds: Sequence[str] = ("safe", "unsafe")
) -> tuple[str, list[Outcome]]:
    """The text once `--fix` has mended what it can, and what became of each finding."""

    def read(data: bytes) -> ReadFile:
        return parse(data, example.file)

    def scan(overlay: Mapping[str, bytes]) -> list[FileResult]:
        data = overlay.get(example.file, text.encode())
        return [judged(data, plan, example.file, whole=not example.part)]

    before = judged(text, plan, example.file, whole=not example.part)
    wanted: list[Finding] = [
        it for it in before.findings if it.mends in kinds and not it.covered_by
    ]
    mender = FileMender(example.file, text.encode(), read, (plan, builtin.fixes(), DEFAULT))
    fix, outcomes = mender.mended(wanted)
    whole = Whole([Part(mender, fix, outcomes)], [before], plan.rules)
    whole.prove(scan)
    (part,) = whole.parts
    return part.fix.after[example.file].decode(), part.outcomes
