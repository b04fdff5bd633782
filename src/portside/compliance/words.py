"""Sentences that the reports on a framework share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.compliance.judge import STATES
from portside.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from portside.compliance.judge import Assessment, Evidence
    from portside.model.finding import Excuse, Finding
    from portside.policy.framework import Framework


class Told(NamedTuple):
    """What a report needs besides the assessment."""

    version: str
    """Of this product."""
    day: str
    """The day of the report, YYYY-MM-DD."""
    about: str
    """What was scanned."""
    title: Callable[[str], str]
    """The title of a rule."""
    verbose: bool = False


RULE_OF_MET = (
    "An item is met only where at least one object of its kind was judged, every rule that could "
    "be asked has answered, nothing went unread and nothing was found. A rule could be asked where "
    "there was an object of a kind that it is for."
)


def caveats(framework: Framework) -> Iterator[str]:
    """What to know before relying on the mapping."""
    if not framework.confirmed:
        yield "Not confirmed: items and mapping are from memory. Let an auditor confirm them."
    if framework.judgement:
        yield "Which rule is about which item is our judgement, not the framework's own words."


def summary(assessment: Assessment) -> str:
    """`12 met, 1 met with exceptions, 3 not met, 115 not judged`."""
    return ", ".join(f"{assessment.count(state)} {state}" for state in STATES)


def place(finding: Finding) -> str:
    return f"{finding.file}:{finding.line}:{finding.column}"


def excused(excuse: Excuse) -> str:
    """Who excuses it, why and until when."""
    until = f" until {excuse.until}" if excuse.until else ""
    who = f", approved by {excuse.approver}" if excuse.approver else ""
    reason = f": {excuse.reason}" if excuse.reason else ""
    return f"{excuse.kind} at {excuse.where}{until}{who}{reason}"


def judged(evidence: Evidence) -> str:
    """How many objects the rule has judged, in words."""
    if evidence.silent:
        return f"silent: {evidence.silent}"
    if not evidence.judged:
        return "nothing of its kind" if not evidence.undecided else "undecided"
    return f"{evidence.judged} object{'' if evidence.judged == 1 else 's'}"
