"""The edits that excuse a finding, for an editor to apply: a comment in the text, or a waiver.

Neither makes up a reason, nor who answers for it: the comment is not valid, and `portside.yaml` not
well formed, until somebody wrote them, and both say so where they stand.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from portside.cli.config import NAME, content
from portside.cli.excuse_findings import RULES as ABOUT_EXCUSES
from portside.cli.excuses import today
from portside.cli.waiver_file import added, first
from portside.cli.waivers_new import as_item, waivers_for
from portside.policy.names import POLICY
from portside.records import NamedTuple

if TYPE_CHECKING:
    from portside.lsp.buffer import Buffer
    from portside.lsp.project import Project
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Finding

DAYS = 90
"""How far ahead an excuse ends unless somebody writes another day."""
PLACEHOLDER = "…"
_TRIAL = "reason"
"""Stands for the reason while we look whether a comment would excuse what it should."""
_OPEN = '    reason: ""\n    approver: ""'

Judge = Callable[[str], "Evaluation | None"]
"""What would be said of another text of the same file."""


class Change(NamedTuple):
    """Text to stand in place of a part of another, and where somebody has to go on writing."""

    begin: int
    end: int
    """The part that it replaces."""
    text: str
    open: tuple[int, int]
    """What is to be written over, counted from the beginning of `text`."""


def last_day(project: Project, path: str) -> str:
    """The day on which a new excuse ends."""
    now = project.options(path).now or today()
    return (date.fromisoformat(now) + timedelta(days=DAYS)).isoformat()


def can_be_excused(finding: Finding) -> bool:
    return finding.rule not in ABOUT_EXCUSES


def above_the_cap(finding: Finding, project: Project) -> bool:
    """Whether comments may not excuse a finding as severe as this one."""
    return finding.severity > project.config.cap(project.profile)


def comment(finding: Finding, buffer: Buffer, until: str, name: str, judge: Judge) -> Change:
    """The comment that excuses `finding`: behind its line, or above it where that does not do.

    Each is tried: the text with it is judged, and nothing but the excuse may be another. Raises
    LookupError where neither excuses it, as in JSON, which has no comments.
    """
    before = judge(buffer.text)
    for lead, ends, index in _places(finding, buffer):
        directive = f"# portside:ignore {name} until={until} "
        trial = f"{lead}{directive}{_TRIAL}{ends}"
        after = judge(buffer.text[:index] + trial + buffer.text[index:])
        if before is not None and after is not None and _excuses(finding, before, after):
            begin = len(lead) + len(directive)
            text = f"{lead}{directive}{PLACEHOLDER}{ends}"
            return Change(index, index, text, (begin, begin + len(PLACEHOLDER)))
    raise LookupError


def name_in_excuses(finding: Finding, project: Project) -> str:
    """What excuses call the rule of `finding`."""
    foreign = project.chosen.plan.foreign
    if foreign is not None and any(it.name == finding.rule for it in foreign.policies):
        return f"{POLICY}{finding.rule}"
    return finding.rule


def waiver(finding: Finding, text: str | None, file: str, until: str, name: str) -> Change:
    """The waiver of `finding` in `file`, whose text is `text`, or None where there is none yet.

    Raises ConfigError where the file is written in a way that cannot be added to.
    """
    said = {"reason": "", "owner": "", "approver": "", "until": until, "ticket": ""}
    item = next(waivers_for([finding._replace(rule=name)], said))
    items = f"{as_item(item)}\n{_OPEN}"
    if text is None:
        fresh = first(items)
        at = fresh.index('""') + 1
        return Change(0, 0, fresh, (at, at))
    fresh = added(text.encode("utf-8", "replace"), file, items, 1)
    begin = _common(text, fresh)
    behind = _common(text[begin:][::-1], fresh[begin:][::-1])
    new = fresh[begin : len(fresh) - behind]
    at = new.rindex('reason: ""') + len('reason: "')
    return Change(begin, len(text) - behind, new, (at, at))


def waiver_file(project: Project, path: str, folders: Iterable[str]) -> str:
    """The `portside.yaml` for a waiver of what is found in `path`: the one in force, or a new one.

    A new one stands in the root of the workspace, if the file is in one of `folders`.
    """
    if project.config.file:
        return os.path.abspath(project.config.file)
    around = [it for it in folders if path.startswith(it.rstrip(os.sep) + os.sep)]
    return os.path.join(max(around, key=len, default=os.path.dirname(path)), NAME)


def text_of(file: str) -> str | None:
    """The text of a configuration on the disk; None where there is none. Raises ConfigError."""
    if not os.path.exists(file):
        return None
    return content(file).decode("utf-8", "replace")


def _common(one: str, other: str) -> int:
    """How many characters the two begin with that are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _places(finding: Finding, buffer: Buffer) -> Iterator[tuple[str, str, int]]:
    """Where the comment may stand: what is before and behind it, and the index of it all."""
    row = finding.line - 1
    start = buffer.start(row)
    line = buffer.line(row)
    yield "  ", "", start + len(line.rstrip())
    ends = "\r\n" if "\r\n" in buffer.text else "\n"
    yield line[: len(line) - len(line.lstrip())], ends, start


def _excuses(finding: Finding, before: Evaluation, after: Evaluation) -> bool:
    """Whether the comment between the two excuses `finding`, and changes no finding otherwise."""
    found = [(it.rule, it.identity) for it, _ in before.findings() if can_be_excused(it)]
    again = [(it.rule, it.identity) for it, _ in after.findings() if can_be_excused(it)]
    if found != again or before.complete != after.complete:
        return False
    return any(
        excuse is not None and (it.rule, it.identity) == (finding.rule, finding.identity)
        for it, excuse in after.findings()
    )
