"""Who may approve waivers: `approvers` of a configuration, by rule or by severity."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from portside.model.severity import NAMES
from portside.policy.choice import FORMS, rules_called
from portside.records import NamedTuple

if TYPE_CHECKING:
    from portside.policy.names import RuleNames
    from portside.policy.section import Section

_MAIL = re.compile(r"<([^<>]*)>\s*\Z")


class Approvers(NamedTuple):
    """Who may approve waivers of some rules, or of all of a severity."""

    key: str
    """As written: a severity, or what names rules."""
    severity: int
    """The least severity; -1 where it is about `rules`."""
    rules: frozenset[str]
    allowed: tuple[str, ...]
    file: str
    line: int

    def may(self, person: str) -> bool:
        """Whether `person`, a name or an address, is one of them."""
        wanted = address(person)
        return bool(wanted) and any(address(it) == wanted for it in self.allowed)

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}"


def address(person: str) -> str:
    """What tells a person from others: the address in `Name <address>`, or all of the text."""
    found = _MAIL.search(person[-400:])
    return (found[1] if found else person).strip().casefold()


def read_approvers(section: Section, names: RuleNames) -> tuple[Approvers, ...]:
    """The `approvers` of `section`, in order. Raises the section's error."""
    it = section.section("approvers")
    return tuple(_approvers(it, key, names) for key in it.value)


def _approvers(section: Section, key: str, names: RuleNames) -> Approvers:
    allowed = section.texts(key)
    if not allowed or not all(text.strip() for text in allowed):
        section.reject("needs somebody: an address as git knows it, or several", key)
    severity = NAMES.index(key) if key in NAMES else -1
    rules = frozenset() if severity >= 0 else rules_called(key, names)
    if severity < 0 and not rules:
        near = names.hint(key)
        hint = near if near.startswith("did you mean") else f"expected {FORMS}"
        section.fail("neither a severity nor a rule", key, hint=hint)
    return Approvers(key, severity, rules, allowed, section.file, section.line(key))


def for_rule(listed: Iterable[Approvers], rule: str, severity: int) -> Approvers | None:
    """Who may approve waivers of `rule`, which is of `severity`; None where anybody may.

    What names the rule comes first, in the order of `listed`; else the nearest severity that is
    not above its own.
    """
    found = None
    for it in listed:
        if rule in it.rules:
            return it
        fits = 0 <= it.severity <= severity
        if fits and (found is None or it.severity > found.severity):
            found = it
    return found
