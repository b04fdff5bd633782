"""From options and configuration to a plan: which rules, what parameters, which version."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from portside.engine.plan import Plan
from portside.policy import builtin
from portside.policy.profile import NEWEST, Profile, parse_profile, parse_version
from portside.records import NamedTuple

if TYPE_CHECKING:
    from portside.model.rule_text import RuleText
    from portside.policy.compiled import CompiledCheck, CompiledRule, Holds
    from portside.policy.fix import Fix
    from portside.policy.own import Modules
    from portside.policy.own_profile import OwnProfile


class Chosen(NamedTuple):
    """A plan, and what reports say of it."""

    plan: Plan
    profile: Profile
    texts: Mapping[str, RuleText] | None
    """The words of the rules that are not built in."""
    fingerprint: list[object]
    """What the plan was made of."""
    own: Modules | None = None
    """The generated modules of the rules that are not built in."""


def choose(  # noqa: PLR0913 - a plan depends on as much
    profile_name: str,
    version: str,
    *,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    folders: Iterable[str] = (),
    policies: tuple[Sequence[str], Sequence[str]] = ((), ()),
    profiles: Mapping[str, OwnProfile] | None = None,
    cache: str = "",
) -> Chosen:
    """The plan for a profile, a Kubernetes version (empty: the newest known) and the settings.

    `settings` are by rule: `off`, `severity`, `params`; `folders` hold rules of the user's own,
    compiled into `cache` unless that is empty; `policies` are the files of
    ValidatingAdmissionPolicies to run besides, and those of their parameter objects; `profiles` are
    the user's own. Raises UsageError and PolicyError.
    """
    profile = parse_profile(profile_name, profiles)
    settings = settings or {}
    if profile.changes:
        from portside.cli.merge import merged_settings

        for it in profile.changes:
            settings = merged_settings(settings, it.settings)
    rules, texts, own = builtin.rules(), None, ""
    modules: Modules | None = None
    checks: Checks | None = None
    listed = list(folders)
    if listed:
        from portside.policy.own import with_own_rules

        rules, checks, texts, own, modules = with_own_rules(listed, cache=cache)
    chosen = profile.select(rules, texts)
    minor = profile.minor if profile.minor is not None else _minor(version)
    if not profile.fixes_params:
        chosen = {name: it for name, it in chosen.items() if not settings.get(name, {}).get("off")}
    if checks is None:
        checks = builtin.checks_of({it.profile for it in chosen.values()})
    plan = Plan(
        chosen,
        checks,
        minor,
        params={} if profile.fixes_params else _set(settings, "params"),
        severities=_set(settings, "severity"),
        level=profile.level,
    )
    plan.fix_conditions = _conditions(modules)
    fingerprint = [builtin.stamp(), own, sorted(chosen), minor, sorted(settings.items())]
    made = Chosen(plan, profile, texts, fingerprint, modules)
    if any(policies):
        from portside.cli.policies import with_policies

        return with_policies(made, *policies)
    return made


def _conditions(own: Modules | None) -> Callable[[], Mapping[str, Holds]]:
    """Gives the conditions of fixes of all rules, read when first asked for."""
    known: list[Mapping[str, Holds]] = []

    def conditions() -> Mapping[str, Holds]:
        if not known:
            of_own = own.scope("fix_conditions")["CONDITIONS"] if own is not None else {}
            known.append({**builtin.fix_conditions(), **of_own})
        return known[0]

    return conditions


def fixes(chosen: Chosen) -> Mapping[str, Fix]:
    """How findings of all rules are mended, by rule."""
    of_own = chosen.own.scope("fixes")["FIXES"] if chosen.own is not None else {}
    return {**builtin.fixes(), **of_own}


def _minor(version: str) -> int:
    return parse_version(version) if version else NEWEST


def _set(settings: Mapping[str, Mapping[str, Any]], key: str) -> dict[str, Any]:
    return {name: it[key] for name, it in settings.items() if key in it}


Rules = dict[str, "CompiledRule"]
Checks = Callable[[str, str, bool], Iterable["CompiledCheck"]]
