"""From the answer of a scan to a verdict per item of a framework (ADR 0021). Pure.

An item is met only where its rules have judged at least one object, every rule that could be asked
answered, nothing went unread, and no answer was a finding. A rule could be asked where the scan had
an object of a kind that the rule is for. A rule for every kind proves nothing where others of the
item were asked nothing: an Event without a password in it does not show how secrets are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portside.model.kinds import EVERY, WORKLOAD
from portside.policy.framework import ELSEWHERE
from portside.records import NamedTuple

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Excuse, Finding, ObjectFate, Undecided, Unread
    from portside.policy.framework import Framework, Item

MET, EXCEPTIONS, NOT_MET, NOT_JUDGED = STATES = (
    "met",
    "met with exceptions",
    "not met",
    "not judged",
)
UNRELATED, SILENT, UNREAD, UNDECIDED, NOTHING = (
    "no-rule",
    "silent",
    "unread",
    "undecided",
    "nothing",
)
"""Why an item is not judged; else it is the key of ELSEWHERE that says where it is."""
Asked = Callable[[str, str, bool], frozenset[str]]
"""The rules asked of objects of (group, kind, bears pods)."""
_KINDS = 5
"""How many kinds are named where none of them was there."""


class Evidence(NamedTuple):
    """What one rule says of one item."""

    rule: str
    judged: int
    """How many objects it has judged: it was asked about them and lacked nothing."""
    findings: tuple[tuple[Finding, Excuse | None], ...]
    undecided: tuple[Undecided, ...]
    kinds: tuple[str, ...]
    """The kinds that it is for; empty: those that bear pods."""
    silent: str = ""
    """Why the configuration keeps it from saying anything, as words; else empty."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer about one item."""

    item: Item
    state: str
    reason: str
    """Why it is not judged: one of the words above; else empty."""
    said: str
    """The same as a sentence."""
    objects: int
    """How many objects at least one of its rules has judged."""
    evidence: tuple[Evidence, ...]

    def findings(self, *, excused: bool) -> list[tuple[Finding, Excuse | None]]:
        """Its findings that have an excuse, or those that have none."""
        every = (found for it in self.evidence for found in it.findings)
        return [it for it in every if (it[1] is not None) is excused]


@dataclass(frozen=True, slots=True)
class Assessment:
    """A framework held against a scan."""

    framework: Framework
    verdicts: tuple[Verdict, ...]
    unread: tuple[Unread, ...]
    target: str
    """The Kubernetes version that was judged for."""
    objects: int
    """How many objects were looked at."""

    def count(self, state: str) -> int:
        return sum(1 for it in self.verdicts if it.state == state)


class Book(NamedTuple):
    """What the rules are: those of each item, and what is known of each."""

    by_item: Mapping[str, tuple[str, ...]]
    asked: Asked
    silent: Callable[[str], str]
    """Why the configuration keeps a rule from saying anything; empty where it does not."""
    kinds: Callable[[str], tuple[str, ...]]


def assess(
    framework: Framework, evaluation: Evaluation, book: Book, *, allow_unread: bool = False
) -> Assessment:
    """Hold `framework` against what a scan with the rules of `book` has said.

    With `allow_unread` what could not be read leaves no item open.
    """
    seen = _Seen(evaluation, book)
    unread = tuple(evaluation.unread())
    hidden = 0 if allow_unread else len(unread)
    return Assessment(
        framework,
        tuple(_verdict(it, book, seen, hidden) for it in framework.items),
        unread,
        evaluation.target,
        seen.number,
    )


class _Seen:
    """A scan by rule: the objects that each was asked about, and what it said of them."""

    __slots__ = ("_asked", "_doubts", "_findings", "_open", "_undecided", "number")

    def __init__(self, evaluation: Evaluation, book: Book) -> None:
        self._findings: dict[str, list[tuple[Finding, Excuse | None]]] = {}
        for finding, excuse in evaluation.findings():
            self._findings.setdefault(finding.rule, []).append((finding, excuse))
        self._undecided: dict[str, list[Undecided]] = {}
        self._doubts: dict[tuple[object, ...], set[str]] = {}
        for it in evaluation.undecided():
            self._undecided.setdefault(it.rule, []).append(it)
            self._doubts.setdefault((it.file, it.line, it.resource), set()).add(it.rule)
        self._asked: dict[frozenset[str], int] = {}
        """How many objects were asked which rules, but for those that are in doubt."""
        self._open: list[frozenset[str]] = []
        """The rules that have judged each object that others of its rules could not judge."""
        self.number = 0
        for result in evaluation.files:
            for fate in result.objects:
                self._take(fate, book)

    def _take(self, fate: ObjectFate, book: Book) -> None:
        self.number += 1
        if fate.fate == "unread":
            return
        ref = fate.resource
        asked = book.asked(ref.group, ref.kind, fate.bears_pods)
        doubts = self._doubts.get((fate.file, fate.line, ref))
        if doubts:
            self._open.append(asked - doubts)
        else:
            self._asked[asked] = self._asked.get(asked, 0) + 1

    def judged(self, rules: Iterable[str]) -> int:
        """How many objects at least one of `rules` has judged."""
        wanted = frozenset(rules)
        many = sum(count for asked, count in self._asked.items() if asked & wanted)
        return many + sum(1 for it in self._open if it & wanted)

    def evidence(self, rule: str, item: Item, book: Book) -> Evidence:
        findings = self._findings.get(rule, [])
        only = item.only.get(rule, ())
        silent = book.silent(rule)
        return Evidence(
            rule,
            0 if silent else self.judged([rule]),
            tuple(it for it in findings if not only or _holds(it[0], only)),
            tuple(self._undecided.get(rule, ())),
            book.kinds(rule),
            silent,
        )


def _holds(finding: Finding, words: Iterable[str]) -> bool:
    said = (finding.message, finding.named_path)
    return any(word in text for word in words for text in said)


def _verdict(item: Item, book: Book, seen: _Seen, hidden: int) -> Verdict:
    rules = book.by_item[item.id]
    if item.elsewhere:
        said = ELSEWHERE[item.elsewhere]
        return Verdict(item, NOT_JUDGED, item.elsewhere, said, 0, ())
    if not rules:
        return Verdict(item, NOT_JUDGED, UNRELATED, "no rule is about it yet", 0, ())
    evidence = tuple(seen.evidence(rule, item, book) for rule in rules)
    speaking = [it for it in evidence if not it.silent]
    objects = seen.judged(it.rule for it in speaking)
    proving = [it.rule for it in speaking if EVERY not in it.kinds]
    proven = objects if not proving else seen.judged(proving)
    if any(excuse is None for it in evidence for _, excuse in it.findings):
        return Verdict(item, NOT_MET, "", "", objects, evidence)
    reason, said = _open(evidence, proven, hidden)
    if reason:
        return Verdict(item, NOT_JUDGED, reason, said, objects, evidence)
    excused = any(it.findings for it in evidence)
    return Verdict(item, EXCEPTIONS if excused else MET, "", "", objects, evidence)


def _open(evidence: Sequence[Evidence], proven: int, hidden: int) -> tuple[str, str]:
    """Why nothing can be said, as a word and a sentence; empty where something can.

    `proven` is how many objects were judged by rules whose silence means something.
    """
    silent = [f"{it.rule}: {it.silent}" for it in evidence if it.silent]
    if silent:
        return SILENT, f"the configuration keeps a rule from saying anything: {'; '.join(silent)}"
    if hidden:
        what = "one thing" if hidden == 1 else f"{hidden} things"
        return UNREAD, f"{what} could not be read, and may be about it"
    doubts = [it for part in evidence for it in part.undecided]
    if doubts:
        first = doubts[0]
        more = f", and {len(doubts) - 1} more" if len(doubts) > 1 else ""
        return UNDECIDED, f"{first.rule} lacks a fact about {first.resource}: {first.missing}{more}"
    if not proven:
        return NOTHING, f"nothing of its kind was looked at: no {_kinds(evidence)}"
    return "", ""


def _kinds(evidence: Sequence[Evidence]) -> str:
    named = {kind.rpartition("/")[2] for it in evidence for kind in it.kinds or (WORKLOAD,)}
    listed = ["workload" if it == WORKLOAD else it for it in sorted(named - {EVERY})]
    more = ["…"] if len(listed) > _KINDS else []
    return ", ".join([*listed[:_KINDS], *more])
