"""Whether edits did what they should: the findings gone, none new, nothing less known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from portside.fixes.outcome import Proposal
from portside.model.finding import FileResult, Finding
from portside.policy.compiled import CompiledRule
from portside.records import NamedTuple

Rules = Mapping[str, CompiledRule]
Bundle = Sequence[Proposal]
"""Edits that are made together or not at all."""


class Failure(NamedTuple):
    """Why the proof failed, and the finding that is new or still there, or its object."""

    reason: str
    finding: Finding | None = None
    object_key: str = ""


class Stood(NamedTuple):
    """The edits that stood the proof, and those that did not, with the reason."""

    made: list[Proposal]
    fallen: list[tuple[Proposal, str]]


def standing(edits: Iterable[Bundle], why: Callable[[list[Proposal]], list[Failure]]) -> Stood:
    """The edits that stand the proof together: all at once, else as many as do.

    `why` says what speaks against some of them. Those that it speaks about are tried last, and
    the others by halves.
    """
    stood = Stood([], [])
    open_ = [list(edits)]
    while open_:
        part = open_.pop()
        tried = [it for bundle in part for it in bundle]
        if not tried:
            continue
        found = why([*stood.made, *tried])
        if not found:
            stood.made.extend(tried)
        elif len(part) == 1:
            stood.fallen.extend((it, found[0].reason) for it in tried)
        else:
            open_ += reversed(_parted(part, found))
    return stood


def _parted(part: list[Bundle], found: Sequence[Failure]) -> tuple[list[Bundle], list[Bundle]]:
    """The edits in two parts, of which the first is likelier to stand the proof."""
    keys = {it.object_key or (it.finding.object_key if it.finding else "") for it in found}
    # An edit of what one overlay makes is one of what the others make, under the same name.
    spoken = {it.partition("|")[2] for it in keys}
    about = [any(_name(it.finding) in spoken for it in bundle) for bundle in part]
    if all(about) or not any(about):
        middle = len(part) // 2
        return part[:middle], part[middle:]
    return (
        [it for it, one in zip(part, about, strict=True) if not one],
        [it for it, one in zip(part, about, strict=True) if one],
    )


def _name(it: Finding) -> str:
    """The object without what holds it."""
    return it.object_key.partition("|")[2]


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
            yield Failure("the finding would still be there", it)


def _new(
    old: Sequence[FileResult],
    new: Sequence[FileResult],
    mended: Sequence[Finding],
    rules: Rules,
) -> Iterable[Failure]:
    known = Counter((it.rule, it.identity) for result in old for it in result.findings)
    gone = {_object(it) for it in mended}
    for result in new:
        for it in result.findings:
            key = it.rule, it.identity
            if known[key]:
                known[key] -= 1
                continue
            rule = rules.get(it.rule)
            causes = rule.covered_by if rule is not None else ()
            if not any(_object(it._replace(rule=cause)) in gone for cause in causes):
                yield Failure(f"{it.rule} would be found instead: {it.message}", it)


def _by_object(results: Sequence[FileResult]) -> Counter[tuple[str, str, str]]:
    return Counter(_object(it) for result in results for it in result.findings)


def _object(it: Finding) -> tuple[str, str, str]:
    # What is rendered has the place of what made it, which an edit may change.
    return it.rule, "" if it.confidence else it.file, it.object_key


def _doubts(results: Sequence[FileResult]) -> Counter[str]:
    return Counter(it.rule for result in results for it in result.undecided)
