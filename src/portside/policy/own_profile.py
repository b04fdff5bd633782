"""The user's own profiles: another profile, with rules added, left out and set otherwise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from portside.errors import UsageError
from portside.policy.choice import chosen_rules
from portside.policy.profile import DEFAULT, Profile, parse_profile
from portside.policy.settings import rule_settings
from portside.records import NamedTuple

if TYPE_CHECKING:
    from portside.policy.compiled import CompiledRule
    from portside.policy.names import RuleNames
    from portside.policy.section import Section

KEYS = ("base", "add", "remove", "rules")
MOST = 100
"""Profiles that one configuration may have."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class OwnProfile(NamedTuple):
    """A profile as a configuration writes it. What is added and left out are ids of rules."""

    name: str
    base: str
    add: frozenset[str]
    remove: frozenset[str]
    settings: Mapping[str, Mapping[str, Any]]
    """Of rules, in force where the profile is: any of `off`, `severity` and `params`."""
    section: Section

    def changed(
        self, selected: Mapping[str, CompiledRule], rules: Mapping[str, CompiledRule]
    ) -> dict[str, CompiledRule]:
        """`selected`, the rules of its base, with its own among `rules` and without the others."""
        return {
            name: rule
            for name, rule in rules.items()
            if name not in self.remove and (name in selected or name in self.add)
        }


def read_profiles(section: Section, names: RuleNames) -> dict[str, OwnProfile]:
    """The profiles in the map `profiles` of `section`, by name. Raises the section's error.

    Their bases may stand in other files: `check_bases` looks whether all of them exist.
    """
    written = section.section("profiles")
    if len(written.value) > MOST:
        written.fail(f"more than {MOST} profiles")
    return {name: _profile(written, name, names) for name in written.value}


def _profile(written: Section, name: str, names: RuleNames) -> OwnProfile:
    if not _NAME.fullmatch(name):
        said = "no name of a profile: lower case letters, digits, -, _ and dots are"
        written.fail(said, name)
    if _is_built_in(name):
        written.fail("a profile that is built in has this name: choose another", name)
    it = written.section(name)
    it.only(KEYS)
    return OwnProfile(
        name=name,
        base=it.text("base", DEFAULT),
        add=chosen_rules(it, "add", names),
        remove=chosen_rules(it, "remove", names),
        settings=rule_settings(it.section("rules"), names),
        section=it,
    )


def _is_built_in(name: str) -> bool:
    try:
        parse_profile(name)
    except UsageError:
        return False
    return True


def check_bases(profiles: Mapping[str, OwnProfile]) -> None:
    """Refuse a profile whose base does not exist, or leads back to itself."""
    for own in profiles.values():
        try:
            parse_profile(own.name, profiles)
        except UsageError as error:
            own.section.reject(error.problem, "base", hint=error.hint)


def resolved(name: str, profiles: Mapping[str, OwnProfile]) -> Profile:
    """The profile called `name`, which is one of `profiles`. Raises UsageError."""
    changes: list[OwnProfile] = []
    while name in profiles:
        own = profiles[name]
        if own in changes:
            names = [*(it.name for it in changes), name]
            raise UsageError(f"profile {changes[0].name} is based on itself: {' → '.join(names)}")
        changes.append(own)
        name = own.base
    return parse_profile(name)._replace(changes=tuple(reversed(changes)))
