"""The edits of all files together, proved by a scan of all of them: rules across objects, too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from portside.fixes.outcome import Mended, Proposal
from portside.fixes.proof import Failure, Rules, failures
from portside.model.finding import FileResult, Finding
from portside.model.mending import FIXED, ROLLED_BACK, Outcome
from portside.records import NamedTuple

Scan = Callable[[Mapping[str, bytes]], Sequence[FileResult]]
"""All files judged, some of them with other bytes than they hold."""
_MOST_CULPRITS = 25
"""Edits that are found guilty one by one, before all that is left goes back."""


class Mender(Protocol):
    """Makes edits that went together before."""

    def fix(self, made: Sequence[Proposal]) -> Mended: ...


class Part(NamedTuple):
    """Files that no other part edits, with what mends them, and what was made of them."""

    mender: Mender
    fix: Mended
    outcomes: list[Outcome]


class Whole:
    """All files that were mended; `before` is what was said of everything."""

    __slots__ = ("_before", "_rules", "_scan", "parts", "results")

    def __init__(self, parts: Sequence[Part], before: Sequence[FileResult], rules: Rules) -> None:
        self.parts = list(parts)
        self._before = before
        self._rules = rules
        self.results: Sequence[FileResult] = before
        """What is said of everything, with the edits."""

    def prove(self, scan: Scan) -> None:
        """Roll back, one after the other, the edits without which the proof holds."""
        for _ in range(_MOST_CULPRITS):
            found = self._failures(scan, self._edits())
            if not found:
                return
            self._roll_back(self._culprits(found, scan), found[0].reason)
        found = self._failures(scan, self._edits())
        if found:
            self._roll_back(self._edits(), f"too many edits fail the proof: {found[0].reason}")
            self.results = scan({})

    def overlay(self) -> dict[str, bytes]:
        """The bytes of every file that has changed."""
        return _overlay(it.fix for it in self.parts)

    def _edits(self) -> list[Proposal]:
        return [proposal for it in self.parts for proposal in it.fix.made]

    def _failures(self, scan: Scan, made: Sequence[Proposal]) -> list[Failure]:
        kept = {id(it) for it in made}
        fixes = []
        for it in self.parts:
            left = [one for one in it.fix.made if id(one) in kept]
            fixes.append(it.fix if len(left) == len(it.fix.made) else it.mender.fix(left))
        self.results = scan(_overlay(fixes))
        mended = [it.finding for it in made]
        return failures(self._before, self.results, mended, self._rules)

    def _culprits(self, found: Sequence[Failure], scan: Scan) -> list[Proposal]:
        """The edits that the failure is about; else those of its object; else by trying."""
        failure = found[0].finding
        if failure is not None:
            own = [it for it in self._edits() if it.finding is failure]
            near = [it for it in self._edits() if _same_object(it.finding, failure)]
            if own or near:
                return own or near
        return [self._tried(scan)]

    def _tried(self, scan: Scan) -> Proposal:
        """The first edit with which, after those before it, the proof fails."""
        edits = self._edits()
        good, bad = 0, len(edits)
        while bad - good > 1:
            middle = (good + bad) // 2
            if self._failures(scan, edits[:middle]):
                bad = middle
            else:
                good = middle
        return edits[bad - 1]

    def _roll_back(self, culprits: Sequence[Proposal], reason: str) -> None:
        for number, part in enumerate(self.parts):
            left = [it for it in part.fix.made if not any(it is one for one in culprits)]
            if len(left) == len(part.fix.made):
                continue
            gone = {it.finding for it in part.fix.made} - {it.finding for it in left}
            outcomes = [
                Outcome(it.finding, ROLLED_BACK, reason)
                if it.state == FIXED and it.finding in gone
                else it
                for it in part.outcomes
            ]
            self.parts[number] = Part(part.mender, part.mender.fix(left), outcomes)


def _overlay(fixes: Iterable[Mended]) -> dict[str, bytes]:
    return {name: data for it in fixes for name, data in it.changed().items()}


def _same_object(one: Finding, other: Finding) -> bool:
    rendered = one.confidence and other.confidence
    return one.object_key == other.object_key and bool(rendered or one.file == other.file)
