"""Waivers, comments, annotations and the baseline, applied to what a scan found (D9).

After stage A and after its cache, always: a cached answer never knows what day it is.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from portside.cli.coverage import Coverage, coverage
from portside.cli.excuse_findings import about_comments, about_waivers
from portside.model.finding import Excuse
from portside.model.severity import NAMES
from portside.policy.day import is_day
from portside.policy.glob import Glob
from portside.policy.names import POLICY

if TYPE_CHECKING:
    import argparse

    from portside.cli.config import Config
    from portside.engine.plan import Plan
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Comment, Finding
    from portside.policy.names import RuleNames
    from portside.policy.waiver import Waiver


def excuse(evaluation: Evaluation, config: Config, options: argparse.Namespace, plan: Plan) -> None:
    """Fill in the excuses of `evaluation`, and add findings about excuses that are none.

    Raises UsageError for a bad `--now`, ConfigError for a bad baseline.
    """
    from portside.cli.config import rule_names

    now = options.now or today()
    covered = coverage(options, config.folder)
    known: Counter[tuple[str, str]] = Counter()
    if options.baseline:
        from portside.cli.baseline import read_baseline

        known = read_baseline(options.baseline)
    findings = [finding for finding, _ in evaluation.findings()]
    names = rule_names([*config.rule_folders, *(options.rules or [])])
    comments: list[Reach] = [
        Reach(comment, names) for result in evaluation.files for comment in result.comments
    ]
    if config.imports:
        from portside.cli.imports import imported

        files = dict.fromkeys(finding.file for finding in findings)
        comments += (it for it in imported(config, files, names) if not it.comment.fault)
    waivers = Waivers(config.waivers, covered, now)
    cap = config.cap(evaluation.profile)
    evaluation.excuses = dict(_excused(findings, waivers, Comments(comments, now, cap)))
    told = [
        *about_waivers(waivers, evaluation, plan),
        *about_comments(comments, evaluation, plan, now=now, cap=cap),
    ]
    told.sort(key=lambda it: (it.file, it.line, it.column, it.rule))
    evaluation.later = [*evaluation.later, *told]
    if options.baseline:
        _apply_baseline(evaluation, known)
        _say_stale(known, [*findings, *told], options.baseline, plan, covered)


def today() -> str:
    """The day it is in UTC, so that an exception ends everywhere at the same instant (D9)."""
    from datetime import UTC, datetime

    return datetime.now(UTC).date().isoformat()


class Reach:
    """A comment, the rules it names, and what became of it."""

    __slots__ = ("cap", "comment", "hints", "policies", "rules", "too_severe", "used")

    def __init__(self, comment: Comment, names: RuleNames) -> None:
        self.comment = comment
        self.cap = len(NAMES)
        """The highest severity that it may excuse, where that is less than what others may."""
        self.rules = {
            name: frozenset(names.named(name))
            for name in comment.rules
            if not name.startswith(POLICY)
        }
        self.policies = {
            name: Glob(name[len(POLICY) :]) for name in comment.rules if name.startswith(POLICY)
        }
        self.hints = {name: names.hint(name) for name, ids in self.rules.items() if not ids}
        self.used: set[str] = set()
        """The names, as written, that excuse something or would, were they in time."""
        self.too_severe: dict[str, int] = {}
        """The names whose findings are above what comments may excuse, and how severe those are."""

    @property
    def valid(self) -> bool:
        """Whether it is well formed: then it may still be over, or excuse nothing."""
        it = self.comment
        return not it.fault and (not it.until or is_day(it.until))

    def ended(self, now: str) -> bool:
        return bool(self.comment.until) and self.comment.until < now

    def names(self, rule: str) -> list[str]:
        """The names by which it is about `rule`."""
        by_id = [name for name, ids in self.rules.items() if rule in ids]
        return by_id + [name for name, glob in self.policies.items() if glob.matches(rule)]

    def reaches(self, finding: Finding) -> bool:
        """Whether it stands at `finding`."""
        it = self.comment
        lines = [step.line for step in finding.chain if step.file == it.file]
        if it.file == finding.file:
            lines.append(finding.line)
        if not lines:
            return False
        if it.scope == "file" or any(it.first <= line <= it.last for line in lines):
            return True
        if not it.object_key or it.object_key != finding.object_key:
            return False
        if it.scope == "field":
            return finding.path == it.path
        return it.scope == "object" or finding.path[: len(it.path)] == it.path


class Comments:
    """The comments of a scan, asked finding by finding."""

    __slots__ = ("_about", "_by_file", "_everywhere", "cap", "now")

    def __init__(self, comments: Iterable[Reach], now: str, cap: int) -> None:
        self.now = now
        self.cap = cap
        self._by_file: dict[str, list[Reach]] = {}
        self._everywhere: dict[str, list[tuple[Reach, list[str]]]] = {}
        """Those of other tools' settings, which may be about any file, by rule."""
        for reach in comments:
            if reach.valid and reach.comment.scope == "settings":
                for rule in frozenset().union(*reach.rules.values()):
                    self._everywhere.setdefault(rule, []).append((reach, reach.names(rule)))
            elif reach.valid:
                self._by_file.setdefault(reach.comment.file, []).append(reach)
        self._about: dict[tuple[str, str], list[tuple[Reach, list[str]]]] = {}

    def about(self, finding: Finding) -> Iterator[Excuse]:
        """The excuses that stand at `finding` and hold; notes what each is used for."""
        near = self._near(finding)
        for reach, named in (*near, *self._everywhere.get(finding.rule, ())):
            if not reach.reaches(finding):
                continue
            if finding.severity > min(self.cap, reach.cap):
                reach.too_severe |= dict.fromkeys(named, finding.severity)
                continue
            reach.used.update(named)
            if not reach.ended(self.now):
                it = reach.comment
                yield Excuse(it.kind, it.reason, "", it.until, f"{it.file}:{it.line}")

    def _near(self, finding: Finding) -> list[tuple[Reach, list[str]]]:
        """The comments that name its rule, in the files that it has to do with."""
        files = [finding.file]
        if finding.chain:
            files = list(dict.fromkeys((*files, *(step.file for step in finding.chain))))
        return [
            it for file in files if file in self._by_file for it in self._naming(file, finding.rule)
        ]

    def _naming(self, file: str, rule: str) -> list[tuple[Reach, list[str]]]:
        """The comments of `file` that name `rule`, each with how it does."""
        found = self._about.get((file, rule))
        if found is None:
            asked = ((reach, reach.names(rule)) for reach in self._by_file[file])
            found = self._about[file, rule] = [it for it in asked if it[1]]
        return found


class Waivers:
    """The waivers of `portside.yaml`, asked finding by finding."""

    __slots__ = ("_by_rule", "_policies", "covered", "listed", "now", "used")

    def __init__(self, listed: Sequence[Waiver], covered: Coverage, now: str) -> None:
        self.listed = listed
        self.covered = covered
        self.now = now
        self.used: Counter[int] = Counter()
        """How many findings each is about, by its position in the list."""
        self._by_rule: dict[str, list[int]] = {}
        for at, waiver in enumerate(listed):
            for rule in waiver.rules:
                self._by_rule.setdefault(rule, []).append(at)
        self._policies = [at for at, waiver in enumerate(listed) if waiver.policies]

    def about(self, finding: Finding) -> Iterator[Excuse]:
        """The waivers that are about `finding` and hold; notes what each is used for."""
        asked = {*self._by_rule.get(finding.rule, ()), *self._policies}
        if not asked:
            return
        file = self.covered.below_home(finding.file)
        for at in sorted(asked):
            it = self.listed[at]
            if it.matches(finding, file):
                self.used[at] += 1
                if it.holds(self.now):
                    where = f"{it.file}:{it.line}"
                    yield Excuse(
                        *("waiver", it.reason, it.owner, it.expires, where),
                        approver=it.approver,
                        ticket=it.ticket,
                    )


def _excused(
    findings: Sequence[Finding], waivers: Waivers, comments: Comments
) -> Iterator[tuple[int, Excuse]]:
    """Each finding that is excused, by its index: by a waiver before a comment."""
    for index, finding in enumerate(findings):
        found = [*waivers.about(finding), *comments.about(finding)]
        if found:
            yield index, found[0]


def _apply_baseline(evaluation: Evaluation, known: Counter[tuple[str, str]]) -> None:
    """Excuse what the baseline knows: as many of one identity as it counts, no more."""
    left = Counter(known)
    excuses = dict(evaluation.excuses)
    for index, (finding, found) in enumerate(evaluation.findings()):
        key = (finding.rule, finding.identity)
        if found is None and left[key] > 0:
            left[key] -= 1
            excuses[index] = Excuse("baseline", "it was there before", "", "", "")
    evaluation.excuses = excuses


def _say_stale(
    known: Counter[tuple[str, str]],
    findings: Iterable[Finding],
    path: str,
    plan: Plan,
    covered: Coverage,
) -> None:
    """Tell how much of the baseline this scan, which looked there, no longer finds."""
    seen = Counter((finding.rule, finding.identity) for finding in findings)
    stale = sum(
        max(0, count - seen[rule, identity])
        for (rule, identity), count in known.items()
        if rule in plan.rules and covered.holds_file(_file_of(rule, identity))
    )
    if stale:
        total = sum(known.values())
        sys.stderr.write(
            f"portside: {path}: {stale} of its {total} findings no longer occur; "
            "--write-baseline writes it without them\n"
        )


def _file_of(rule: str, identity: str) -> str:
    return identity[len(rule) + 1 :].partition("|")[0]
