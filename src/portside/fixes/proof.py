"""Whether edits did what they should: the findings gone, none new, nothing less known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from portside.model.finding import FileResult, Finding
from portside.policy.compiled import CompiledRule

Rules = Mapping[str, CompiledRule]


class Failure(NamedTuple):
    """Why the proof failed, and the finding that is new or still there."""

    reason: str
    finding: Finding | None = None
    is_left: bool = False


def failures(
    before: Iterable[FileResult],
    after: Iterable[FileResult],
    mended: Sequence[Finding],
    rules: Rules,
) -> list[Failure]:
    """What speaks against the edits that should have ended the findings `mended`.

    A new finding is none where its rule says that one of the mended covered it.
    """
    old, new = list(before), list(after)
    found = list(_left(old, new, mended))
    found += _new(old, new, mended, rules)
    doubts = _doubts(old), _doubts(new)
    found += [Failure(f"{rule} could no longer be decided") for rule in doubts[1] - doubts[0]]
    lost = sum(len(it.unread) for it in new) - sum(len(it.unread) for it in old)
    if lost > 0:
        found.append(Failure("something could no longer be read"))
    return found


def _left(
    old: Sequence[FileResult], new: Sequence[FileResult], mended: Sequence[Finding]
) -> Iterable[Failure]:
    """Rules that still find as much in an object, though some of it should be gone."""
    was, now = _by_object(old), _by_object(new)
    should = Counter(_object(it) for it in mended)
    for it in mended:
        key = _object(it)
        if now[key] > was[key] - should[key]:
            yield Failure("the finding would still be there", it, is_left=True)


def _new(
    old: Sequence[FileResult],
    new: Sequence[FileResult],
    mended: Sequence[Finding],
    rules: Rules,
) -> Iterable[Failure]:
    known = Counter((it.rule, it.identity) for result in old for it in result.findings)
    gone = {(it.rule, it.file, it.object_key) for it in mended}
    for result in new:
        for it in result.findings:
            key = it.rule, it.identity
            if known[key]:
                known[key] -= 1
                continue
            rule = rules.get(it.rule)
            causes = rule.covered_by if rule is not None else ()
            if not any((cause, it.file, it.object_key) in gone for cause in causes):
                yield Failure(f"{it.rule} would be found instead: {it.message}", it)


def _by_object(results: Sequence[FileResult]) -> Counter[tuple[str, str, str]]:
    return Counter(_object(it) for result in results for it in result.findings)


def _object(it: Finding) -> tuple[str, str, str]:
    return it.rule, it.file, it.object_key


def _doubts(results: Sequence[FileResult]) -> Counter[str]:
    return Counter(it.rule for result in results for it in result.undecided)
