"""`locked:`, what a configuration does not let those loosen that extend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.model.severity import NAMES
from portside.policy.choice import chosen_rules
from portside.policy.comments import UP_TO
from portside.records import NamedTuple

if TYPE_CHECKING:
    from portside.policy.names import RuleNames
    from portside.policy.section import Section

KEYS = ("profile", "fail-on", "comments", "rules", "approvers", "waiver-days")


class Locks(NamedTuple):
    """The `locked` of one file. `section` is that map, `at` the file's place among all."""

    section: Section
    at: int
    """How many files are nearer to the repository: those and the command line are bound."""
    profile: str = ""
    """The profile that must be asked at least."""
    fail_on: str = ""
    """The highest severity that `fail-on` may name."""
    comments: str = ""
    """The highest severity that comments may excuse."""
    rules: frozenset[str] = frozenset()
    """Rules that may not be switched off, lowered or given other parameters."""
    approvers: bool = False
    """Whether only the approvers named here may approve waivers."""
    waiver_days: int = 0
    """How many days ahead a waiver may end; 0 for any."""

    def where(self, key: str) -> str:
        return f"{self.section.file}:{self.section.line(key)}"


def read_locks(section: Section, at: int, names: RuleNames) -> Locks:
    """The map `locked` of `section`. Raises the section's error.

    Its profile may be one of the user's own, which is known only when all files are read.
    """
    it = section.section("locked")
    it.only(KEYS)
    days = it.get("waiver-days", int, 0)
    if "waiver-days" in it.value and days < 1:
        it.reject("expected a number of days above 0", "waiver-days")
    return Locks(
        section=it,
        at=at,
        profile=it.text("profile"),
        fail_on=it.word("fail-on", NAMES) if "fail-on" in it.value else "",
        comments=it.word("comments", UP_TO) if "comments" in it.value else "",
        rules=chosen_rules(it, "rules", names),
        approvers=it.get("approvers", bool, False),
        waiver_days=days,
    )
