"""One file: the proposals for its findings made in its text, and proved by judging it again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from portside.engine.stage import judge_file
from portside.fixes.outcome import Mended, Proposal, Texts
from portside.fixes.proof import Failure, failures, standing
from portside.fixes.propose import order, proposal
from portside.fixes.text import FileText
from portside.model.mending import DECLINED, FIXED, REFUSED, ROLLED_BACK, Outcome
from portside.syntax.change import CannotEditError

if TYPE_CHECKING:
    from portside.engine.plan import Plan
    from portside.model.finding import FileResult, Finding
    from portside.model.reading import ReadFile
    from portside.policy.fix import Fix
    from portside.syntax import Limits

Read = Callable[[bytes], "ReadFile"]
"""The file read, from other bytes than those that it holds."""
Choose = Callable[[Proposal, Texts, Texts], bool]
"""Asked about each edit, with the files before and after: whether to make it."""


class FileMender:
    """Mends one file. `read` reads its bytes; `by` are the plan, the fixes by rule, the limits."""

    __slots__ = ("_data", "_fixes", "_is_yaml", "_limits", "_name", "_plan", "_read")

    def __init__(
        self, name: str, data: bytes, read: Read, by: tuple[Plan, Mapping[str, Fix], Limits]
    ) -> None:
        self._name = name
        self._data = data
        self._read = read
        self._plan, self._fixes, self._limits = by
        self._is_yaml = True

    def mended(
        self, findings: Sequence[Finding], choose: Choose | None = None
    ) -> tuple[Mended, list[Outcome]]:
        """The file with what of `findings` could be mended, and what became of each."""
        read = self._read(self._data)
        before = judge_file(read, self._plan)
        try:
            proposals, outcomes = self._proposals(read, findings)
        except CannotEditError as error:
            return self.fix(()), [Outcome(it, REFUSED, str(error)) for it in findings]
        if choose is not None:
            proposals, declined = chosen(proposals, self.fix, choose)
            outcomes += declined
        made, refused = self._proved(before, proposals)
        outcomes += refused
        outcomes += [Outcome(it.finding, FIXED) for it in made]
        return self.fix(made), outcomes

    def fix(self, made: Sequence[Proposal]) -> Mended:
        """The file with these edits alone, which went together before."""
        after = self._composed(made)[0] if made else self._data
        return Mended({self._name: self._data}, {self._name: after}, tuple(made))

    def _proposals(
        self, read: ReadFile, findings: Sequence[Finding]
    ) -> tuple[list[Proposal], list[Outcome]]:
        self._is_yaml = not any(it.kind == "Dockerfile" for it in read.resources)
        text = FileText(self._data, self._limits, is_yaml=self._is_yaml)
        objects = {it.object_key(): it for it in read.resources}
        made: list[Proposal] = []
        refused: list[Outcome] = []
        for it in findings:
            try:
                fix, resource = self._fixes.get(it.rule), objects.get(it.object_key)
                if fix is None or resource is None:
                    raise CannotEditError("what it is about is no object of this file")
                given = self._plan.params(it.rule), self._plan.target
                made.append(proposal(it, resource, fix, text, given))
            except CannotEditError as error:
                refused.append(Outcome(it, REFUSED, str(error)))
        return sorted(made, key=order), refused

    def _proved(
        self, before: FileResult, proposals: Sequence[Proposal]
    ) -> tuple[list[Proposal], list[Outcome]]:
        """The edits that stand the proof: all at once, else one after the other."""
        _, failed = self._composed(proposals)
        refused = [Outcome(proposals[at].finding, REFUSED, failed[at]) for at in failed]
        left = [(it,) for at, it in enumerate(proposals) if at not in failed]
        stood = standing(left, lambda made: self._failures(before, made))
        refused += [Outcome(it.finding, ROLLED_BACK, reason) for it, reason in stood.fallen]
        return stood.made, refused

    def _failures(self, before: FileResult, made: Sequence[Proposal]) -> list[Failure]:
        """What speaks against the edits. Of rules across objects only the scan of all can tell."""
        data, lost = self._composed(made)
        if lost:
            return [Failure(next(iter(lost.values())))]
        after = judge_file(self._read(data), self._plan)
        rules = self._plan.rules
        here = [it.finding for it in made if rules[it.finding.rule].form != "facts"]
        return failures([before], [after], here, rules)

    def _composed(self, proposals: Iterable[Proposal]) -> tuple[bytes, dict[int, str]]:
        """The file with the edits, and by their number why some could not be made."""
        text = FileText(self._data, self._limits, is_yaml=self._is_yaml)
        failed: dict[int, str] = {}
        listed = list(proposals)
        lines = dict.fromkeys(edit for it in listed for edit in it.lines)
        if lines:
            try:
                text.change_lines(list(lines))
            except CannotEditError as error:
                failed |= {at: str(error) for at, it in enumerate(listed) if it.lines}
        for at, it in enumerate(listed):
            if at in failed:
                continue
            kept = text.state()
            try:
                _make(it, text)
            except CannotEditError as error:
                text.restore(kept)
                failed[at] = str(error)
        return text.encoded(), failed


def chosen(
    proposals: Iterable[Proposal], fix: Callable[[Sequence[Proposal]], Mended], choose: Choose
) -> tuple[list[Proposal], list[Outcome]]:
    """The proposals that are wanted, each shown as an edit of what was chosen before."""
    wanted: list[Proposal] = []
    declined: list[Outcome] = []
    shown = fix(()).after
    for it in proposals:
        try:
            after = fix([*wanted, it]).after
        except CannotEditError:
            after = shown
        if after == shown or choose(it, shown, after):
            wanted.append(it)
            shown = after
        else:
            declined.append(Outcome(it.finding, DECLINED, "you said no"))
    return wanted, declined


def _make(it: Proposal, text: FileText) -> None:
    """The edits of fields, and the new objects."""
    for number, change in it.fields:
        text.change(number, change)
    for made in it.objects:
        text.append(made.value)
