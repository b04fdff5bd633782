"""Findings about excuses: those that are over, excuse nothing, or cannot hold (rules/excuse)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from portside.model.finding import Finding, ResourceRef
from portside.model.resource import escaped
from portside.model.severity import NAMES
from portside.policy.day import FORM, is_day
from portside.secrets.veil import veiled

if TYPE_CHECKING:
    from portside.cli.excuses import Reach, Waivers
    from portside.engine.plan import Plan
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Comment
    from portside.policy.waiver import Waiver

EXPIRED, UNUSED, INVALID = RULES = ("expired-waiver", "unused-waiver", "invalid-waiver")


def about_waivers(waivers: Waivers, evaluation: Evaluation, plan: Plan) -> Iterator[Finding]:
    """A finding for each waiver that is over, and for each that this scan shows to be unused."""
    doubts = _Doubts(evaluation)
    for at, waiver in enumerate(waivers.listed):
        used = waivers.used[at]
        unused = not used and _could_tell(waiver, waivers, plan) and not doubts.of(waiver, waivers)
        if not waiver.holds(waivers.now) and (used or unused):
            yield from expired(waiver, used, plan)
        elif unused:
            said = f"the waiver of {_named(waiver.rule)} for {waiver.about} excuses nothing"
            yield from _of_waiver(UNUSED, said, waiver, plan)


def expired(waiver: Waiver, used: int, plan: Plan) -> Iterator[Finding]:
    """The finding about `waiver`, which is over and was about `used` findings."""
    said = f"the waiver of {_named(waiver.rule)} for {waiver.about} ended on {waiver.expires}: "
    yield from _of_waiver(EXPIRED, said + _consequence(used), waiver, plan)


def about_comments(
    comments: Iterable[Reach], evaluation: Evaluation, plan: Plan, *, now: str, cap: int
) -> Iterator[Finding]:
    """A finding for each comment or annotation that is malformed, over, or of no use."""
    doubts = _Doubts(evaluation)
    for reach in comments:
        it = reach.comment
        faults = list(_faults(reach, cap, evaluation.profile))
        for said in faults:
            yield from _of_comment(INVALID, said, it, plan)
        if faults:
            continue
        if reach.ended(now) and (reach.used or it.kind != "imported"):
            said = f"excuses {_named(it.rules)} until {it.until}, which is over: "
            said += _consequence(len(reach.used))
            yield from _of_comment(EXPIRED, said, it, plan)
        elif it.kind != "imported" and not doubts.in_file(it.file):
            idle = [name for name in it.rules if _is_idle(reach, name, plan)]
            if idle and not any(doubts.about(reach.rules.get(name, ()), it.file) for name in idle):
                said = f"excuses nothing: there is no finding of {_named(idle)} {_around(it)}"
                yield from _of_comment(UNUSED, said, it, plan)


def _faults(reach: Reach, cap: int, profile: str) -> Iterator[str]:
    it = reach.comment
    if it.fault:
        yield it.fault
        return
    if it.until and not is_day(it.until):
        yield f"ends on {veiled(it.until)}, which is not a date: expected {FORM}"
    for name, ids in reach.rules.items():
        if not ids:
            yield f"names {veiled(name)}, which is no rule: {reach.hints[name]}"
    cap = min(cap, reach.cap)
    for name, severity in reach.too_severe.items():
        allowed = f"no more than {NAMES[cap]}" if cap >= 0 else "nothing"
        yield (
            f"may excuse {allowed} here (profile {profile}), and {name} is "
            f"{NAMES[severity]}: it needs a waiver in portside.yaml"
        )


def _is_idle(reach: Reach, name: str, plan: Plan) -> bool:
    """Whether the rules called `name` were all asked, and none of them needs the comment."""
    if name in reach.used:
        return False
    if name in reach.policies:
        return any(reach.policies[name].matches(rule) for rule in plan.rules)
    return all(rule in plan.rules for rule in reach.rules[name])


def _could_tell(waiver: Waiver, waivers: Waivers, plan: Plan) -> bool:
    """Whether all that it may excuse was looked at, by all the rules that it names."""
    if waiver.shared:
        return False
    if not waivers.covered.holds(waiver) or not all(rule in plan.rules for rule in waiver.rules):
        return False
    return all(any(glob.matches(rule) for rule in plan.rules) for glob in waiver.policies)


class _Doubts:
    """What a scan could not read or decide: an excuse may be about that."""

    __slots__ = ("_undecided", "_unread")

    def __init__(self, evaluation: Evaluation) -> None:
        self._unread = {it.file for it in evaluation.unread()}
        self._undecided = {(it.rule, it.file) for it in evaluation.undecided()}

    def in_file(self, file: str) -> bool:
        return file in self._unread

    def about(self, rules: Iterable[str], file: str) -> bool:
        return any((rule, file) in self._undecided for rule in rules)

    def of(self, waiver: Waiver, waivers: Waivers) -> bool:
        files = [*self._unread]
        files += [file for rule, file in self._undecided if rule in waiver.rules]
        if not waiver.files:
            return bool(files)
        below = (waivers.covered.below_home(file) for file in files)
        return any(glob.matches(file) for file in below for glob in waiver.files)


def _named(rules: Iterable[str]) -> str:
    return ", ".join(rules)


def _kind(comment: Comment) -> str:
    """`comment`, `annotation`, or `suppression of checkov`."""
    if comment.kind != "imported":
        return comment.kind
    return f"suppression of {comment.reason.partition(':')[0]}"


def _around(comment: Comment) -> str:
    return {"field": "on this line", "subtree": "below it"}.get(
        comment.scope, f"in this {comment.scope}"
    )


def _consequence(used: int) -> str:
    if not used:
        return "nothing needs it any more"
    return "what it excused counts again"


def _of_waiver(rule: str, said: str, waiver: Waiver, plan: Plan) -> Iterator[Finding]:
    if rule not in plan.rules:
        return
    expired = rule == EXPIRED
    path = ("waivers", waiver.index, *(("expires",) if expired else ()))
    line, column = waiver.end if expired else (waiver.line, waiver.column)
    yield Finding(
        rule=rule,
        severity=plan.severity(rule),
        message=said,
        resource=ResourceRef("portside.dev/v1", "Waiver", "", _named(waiver.rule)),
        path=path,
        subject=path,
        file=waiver.file,
        line=line,
        column=column,
        width=len(waiver.expires) if expired else 0,
        identity=f"{rule}|portside.yaml|{escaped(waiver.identity)}|",
    )


def _of_comment(rule: str, said: str, comment: Comment, plan: Plan) -> Iterator[Finding]:
    if rule not in plan.rules:
        return
    about = f"{comment.scope} {_named(comment.rules)} {'.'.join(map(str, comment.path))}"
    yield Finding(
        rule=rule,
        severity=plan.severity(rule),
        message=f"the {_kind(comment)} {said}",
        resource=comment.resource or ResourceRef("", "File", "", comment.file),
        path=comment.path,
        subject=comment.path,
        file=comment.file,
        line=comment.line,
        column=comment.column,
        width=comment.width,
        identity=f"{rule}|{comment.object_key}|{escaped(about)}",
    )
