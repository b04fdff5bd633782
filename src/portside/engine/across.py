"""Stage B: rules across objects, over the facts that stage A kept (D13). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from portside.engine.answer import finding, in_order
from portside.engine.cause import follows
from portside.model.facts import Fact, Facts, Place, TooMuchError
from portside.model.finding import (
    NO_RULE_APPLIES,
    OBJECT_JUDGED,
    OBJECT_UNDECIDED,
    OBJECT_UNREAD,
    FileResult,
    Finding,
    ObjectFate,
    Undecided,
    Unread,
)
from portside.model.violation import Doubt

if TYPE_CHECKING:
    from portside.engine.plan import BoundPython, Plan
    from portside.model.place import FieldPath
    from portside.model.violation import Violation

Locate = Callable[[Fact, "FieldPath"], tuple[int, int, int]]
"""Line, column and width of a field of the object that a fact stands for."""


def judge_across(
    results: Sequence[FileResult], plan: Plan, locate: Locate, *, whole: bool
) -> list[FileResult]:
    """`results` with what the rules across objects say of their objects.

    `whole` says that what was scanned is all there is; what went unread makes it a part.
    """
    whole = whole and not any(result.unread for result in results)
    facts = Facts([fact for result in results for fact in result.facts], whole=whole)
    asked = _Asked(facts, plan, locate)
    return [asked.answer(result) if result.facts else result for result in results]


class _Asked:
    """The rules asked about the facts of one file after the other."""

    __slots__ = ("_rules", "facts", "findings", "locate", "plan", "undecided", "unread")

    def __init__(self, facts: Facts, plan: Plan, locate: Locate) -> None:
        self.facts = facts
        self.plan = plan
        self.locate = locate
        self.findings: list[Finding] = []
        self.undecided: list[Undecided] = []
        self.unread: list[Unread] = []
        self._rules: dict[tuple[str, str, bool], tuple[BoundPython, ...]] = {}

    def answer(self, result: FileResult) -> FileResult:
        """`result` with what is said across objects; its facts have been used up."""
        self.findings, self.undecided, self.unread = [], [], []
        rules = {fact.number: self._ask_all(fact) for fact in result.facts}
        objects = tuple(self._fates_of(result, rules)) if any(rules.values()) else result.objects
        return FileResult(
            result.fate,
            objects,
            self._with_earlier(result.findings),
            (*result.undecided, *self.undecided),
            (*result.unread, *self.unread),
            result.comments,
            (),
            result.rendering,
        )

    def _with_earlier(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        if not self.findings:
            return findings
        marked = follows(self.findings, findings, self.plan)
        return tuple(sorted((*findings, *marked), key=in_order))

    def _rules_for(self, fact: Fact) -> tuple[BoundPython, ...]:
        ref = fact.ref
        key = (ref.api_version, ref.kind, bool(fact.pods()))
        rules = self._rules.get(key)
        if rules is None:
            rules = self._rules[key] = self.plan.python(ref.group, ref.kind, key[2], "facts")
        return rules

    def _ask_all(self, fact: Fact) -> int:
        rules = self._rules_for(fact)
        for rule in rules:
            if fact.doubtful:
                self._doubt(rule, fact, "a field of the object has a wrong type")
            elif rule.needs and not self.facts.whole:
                self._doubt(rule, fact, rule.needs)
            else:
                self._ask(rule, fact)
        return len(rules)

    def _ask(self, rule: BoundPython, fact: Fact) -> None:
        try:
            for answer in rule(fact, self.facts):
                if isinstance(answer, Doubt):
                    self._doubt(rule, fact, answer.missing)
                else:
                    self.findings.append(finding(rule, answer, fact, self._place(answer, fact)))
        except TooMuchError:
            self._doubt(rule, fact, "time: too many objects have to do with too many others")
        except Exception as error:  # noqa: BLE001 - a crash is an answer, too: unread
            from portside.crash import told

            reason = f"the rule crashed: {told(error)}"
            what = f"{fact.ref}, by rule {rule.rule}"
            self.unread.append(Unread(what, reason, fact.file, fact.place[0]))

    def _doubt(self, rule: BoundPython, fact: Fact, missing: str) -> None:
        doubt = Undecided(rule.rule, fact.ref, missing, fact.file, fact.place[0])
        if not self.undecided or self.undecided[-1] != doubt:
            self.undecided.append(doubt)

    def _place(self, it: Violation, fact: Fact) -> Place:
        return it.place or fact.place_of(it.path) or self.locate(fact, it.path)

    def _fates_of(self, result: FileResult, rules: dict[int, int]) -> Iterator[ObjectFate]:
        """The fates of the objects, with the rules across objects counted."""
        settled = len(result.objects) - len(rules)
        crashed = {(it.file, it.line) for it in self.unread}
        doubts = Counter((it.resource, it.line) for it in self.undecided)
        for at, fate in enumerate(result.objects):
            more = rules.get(at - settled, 0)
            if not more:
                yield fate
                continue
            doubted = doubts[fate.resource, fate.line] if doubts else 0
            yield _fate(fate, more, doubted, (fate.file, fate.line) in crashed)


def _fate(before: ObjectFate, more: int, doubts: int, crashed: bool) -> ObjectFate:
    file, line, resource, fate, rules, note, owner, bears_pods = before
    if crashed:
        fate, note = OBJECT_UNREAD, "a rule crashed on it"
    elif fate == NO_RULE_APPLIES and doubts >= more:
        fate, note = OBJECT_UNDECIDED, "every rule lacks a fact"
    elif fate == NO_RULE_APPLIES or (fate == OBJECT_UNDECIDED and doubts < more):
        fate, note = OBJECT_JUDGED, ""
    return ObjectFate(file, line, resource, fate, rules + more, note, owner, bears_pods)
