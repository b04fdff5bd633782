"""What a configuration or a command line loosens that a shared configuration locks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any, NoReturn

from portside.cli.config import Config, rule_names
from portside.cli.excuses import today
from portside.cli.merge import merged_settings
from portside.errors import ConfigError
from portside.model.severity import NAMES
from portside.policy import builtin
from portside.policy.approval import for_rule
from portside.policy.comments import UP_TO
from portside.policy.day import days_between
from portside.policy.own_profile import OwnProfile, read_profiles
from portside.policy.profile import parse_profile
from portside.records import NamedTuple

if TYPE_CHECKING:
    import argparse

    from portside.policy.locks import Locks
    from portside.policy.names import RuleNames
    from portside.policy.section import Section
    from portside.policy.waiver import Waiver

_SHOWN = 5


class _Here(NamedTuple):
    """What is in force: the configuration, the command line, and the names of the rules."""

    config: Config
    profile: str
    options: argparse.Namespace
    names: RuleNames


def hold(config: Config, options: argparse.Namespace) -> None:
    """Refuse what loosens a locked key. Raises ConfigError, which names both files and lines."""
    given = getattr(options, "rules", None) or []
    names = rule_names([*config.rule_folders, *given])
    profile = getattr(options, "profile", None) or config.profile
    here = _Here(config, profile, options, names)
    for locks in config.locks:
        _profile(locks, here)
        _fail_on(locks, here)
        _comments(locks, here)
        _rules(locks, here)
        _waivers(locks, here)
        _approvers(locks, here)


def _profile(locks: Locks, here: _Here) -> None:
    if not locks.profile:
        return
    wanted = _selected(locks.profile, here, _profiles(here.config.sections[locks.at :], here))
    missing = sorted(wanted - _selected(here.profile, here, here.config.profiles))
    if missing:
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        listed = f"{', '.join(missing[:_SHOWN])}{more}"
        said = f"profile {here.profile} leaves out rules of {locks.profile}: {listed}"
        _refuse(locks, "profile", said, _changed(locks, here) or _said(here, "profile"))


def _profiles(sections: Iterable[Section], here: _Here) -> dict[str, OwnProfile]:
    """The profiles as the first of `sections` sees them: nearer ones may have taken their names."""
    found: dict[str, OwnProfile] = {}
    for section in reversed(list(sections)):
        found |= read_profiles(section, here.names)
    return found


def _changed(locks: Locks, here: _Here) -> tuple[Section, str] | None:
    """Where a nearer file than that of `locks` writes a part of the profile in force."""
    nearer = {it.file for it in here.config.sections[: locks.at]}
    for own in reversed(parse_profile(here.profile, here.config.profiles).changes):
        keys = [it for it in ("remove", "base") if it in own.section.value]
        if own.section.file in nearer and keys:
            return own.section, keys[0]
    return None


def _selected(profile: str, here: _Here, own: Mapping[str, OwnProfile]) -> set[str]:
    """The ids of the rules of `profile`, those of the user's own among them."""
    rules = {**builtin.rules()}
    usual = next(iter(rules.values()))
    texts = {it: here.names.words(it) for it in here.names.ids() if it not in rules}
    for name, words in texts.items():
        rules[name] = usual._replace(
            id=name, severity=words.severity, profile=words.profile, pod_security=""
        )
    return set(parse_profile(profile, own).select(rules, texts))


def _fail_on(locks: Locks, here: _Here) -> None:
    used = getattr(here.options, "fail_on", None) or here.config.fail_on
    if locks.fail_on and NAMES.index(used) > NAMES.index(locks.fail_on):
        said = f"fail-on {used} lets {locks.fail_on} pass"
        _refuse(locks, "fail-on", said, _said(here, "fail-on"))


def _comments(locks: Locks, here: _Here) -> None:
    said = here.config.comments_up_to
    if locks.comments and said and UP_TO.index(said) > UP_TO.index(locks.comments):
        problem = f"comments may excuse no more than {locks.comments}, not {said}"
        _refuse(locks, "comments", problem, _said(here, "comments"))


def _rules(locks: Locks, here: _Here) -> None:
    if not locks.rules:
        return
    profile = parse_profile(here.profile, here.config.profiles)
    sections = here.config.sections
    far = _settings(sections[locks.at :], here.names)
    near = _settings(sections, here.names)
    for own in profile.changes:
        near = merged_settings(near, own.settings)
        lost = sorted(own.remove & locks.rules)
        if lost and own.section.file != locks.section.file:
            said = f"profile {own.name} leaves out {lost[0]}"
            _refuse(locks, "rules", said, (own.section, "remove"))
    for rule in sorted(locks.rules & near.keys()):
        problem = _loosened(rule, far.get(rule, {}), near[rule], here.names)
        if problem:
            _refuse(locks, "rules", problem, _setting(rule, locks, here))


def _settings(sections: Iterable[Section], names: RuleNames) -> dict[str, dict[str, Any]]:
    from portside.policy.settings import rule_settings

    each = [rule_settings(it.section("rules"), names) for it in sections]
    return reduce(merged_settings, reversed(each), {})


def _loosened(rule: str, far: Mapping[str, Any], near: Mapping[str, Any], names: RuleNames) -> str:
    """What `near` loosens of `rule`, compared with `far`; empty where nothing."""
    if near.get("off") and not far.get("off"):
        return f"{rule} is switched off"
    usual = names.words(rule).severity
    if near.get("severity", usual) < far.get("severity", usual):
        return f"{rule} is lowered to {NAMES[near['severity']]}"
    if near.get("params", {}) != far.get("params", {}):
        return f"{rule} is given other parameters"
    return ""


def _setting(rule: str, locks: Locks, here: _Here) -> tuple[Section, str]:
    """Where `rule` is set that locks: in the nearest profile in force, or the nearest file."""
    changes = parse_profile(here.profile, here.config.profiles).changes
    places = [it.section for it in reversed(changes)]
    for section in (*places, *here.config.sections[: locks.at or 1]):
        for key in section.value.get("rules") or ():
            if rule in here.names.named(key):
                return section.section("rules"), key
    return here.config.sections[0], "rules"


def _waivers(locks: Locks, here: _Here) -> None:
    now = getattr(here.options, "now", None) or today()
    for it in here.config.waivers:
        ahead = days_between(now, it.expires)
        if locks.waiver_days and ahead > locks.waiver_days:
            said = (
                f"waivers[{it.index}]: ends on {it.expires}, {ahead} days ahead, which is more "
                f"than {locks.waiver_days}"
            )
            _refuse(locks, "waiver-days", said, f"{it.file}:{it.end[0]}:{it.end[1]}")


def _approvers(locks: Locks, here: _Here) -> None:
    if not locks.approvers:
        return
    for section in here.config.sections[: locks.at]:
        for key in ("approvers", "approve-comments"):
            if section.value.get(key) is not None:
                _refuse(locks, "approvers", f"{key} is set again", (section, key))
    for waiver in here.config.waivers:
        problem = next(_not_allowed(waiver, here), "")
        if problem:
            place = f"{waiver.file}:{waiver.line}:{waiver.column}"
            _refuse(locks, "approvers", f"waivers[{waiver.index}]: {problem}", place)


def _not_allowed(waiver: Waiver, here: _Here) -> Iterator[str]:
    for rule in sorted(waiver.rules):
        severity = here.config.rules.get(rule, {}).get("severity", here.names.words(rule).severity)
        found = for_rule(here.config.approvers, rule, severity)
        if found is not None and not found.may(waiver.approver):
            yield (
                f"{waiver.approver} may not approve a waiver of {rule} ({NAMES[severity]}); "
                f"{', '.join(found.allowed)} may ({found.where})"
            )


def _said(here: _Here, key: str) -> tuple[Section, str] | str:
    """Where the value of `key` in force comes from: an option, or the nearest file with it."""
    if getattr(here.options, key.replace("-", "_"), None):
        return f"--{key}"
    for section in here.config.sections:
        if section.value.get(key) is not None:
            return section, key
    return here.config.file


def _refuse(locks: Locks, key: str, problem: str, place: tuple[Section, str] | str) -> NoReturn:
    hint = f"locked in {locks.where(key)}"
    if isinstance(place, str):
        raise ConfigError(problem, where=place, hint=hint)
    section, name = place
    section.fail(problem, name, hint=hint)
