"""Profiles: which rules a scan asks, and for which version of Kubernetes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.errors import UsageError, did_you_mean
from portside.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from portside.model.rule_text import RuleText
    from portside.policy.compiled import CompiledRule
    from portside.policy.own_profile import OwnProfile
    from portside.policy.section import Section

NEWEST = 37
OLDEST_POD_SECURITY = 0
ORDER = ("recommended", "strict", "auditor")
LEVELS = ("baseline", "restricted")
NAMES = (*ORDER, "pss:baseline", "pss:restricted")
DEFAULT = "recommended"


class Profile(NamedTuple):
    """A choice of rules. `minor` is the Kubernetes version it fixes, if it fixes one."""

    name: str
    level: str = ""
    """The Pod Security level, for the profiles `pss:…`."""
    minor: int | None = None
    framework: bool = False
    """Whether it is that of a framework: the rules about its items."""
    changes: tuple[OwnProfile, ...] = ()
    """The user's own profiles that it is the root of, from the nearest to it on."""

    @property
    def fixes_params(self) -> bool:
        """Whether rules keep their default parameters: Pod Security has no others."""
        return bool(self.level)

    def select(
        self, rules: Mapping[str, CompiledRule], own: Mapping[str, RuleText] | None = None
    ) -> dict[str, CompiledRule]:
        """The rules of this profile; `own` are the words of rules that are not built in."""
        chosen = self._select(rules, own)
        for it in self.changes:
            chosen = it.changed(chosen, rules)
        return chosen

    def _select(
        self, rules: Mapping[str, CompiledRule], own: Mapping[str, RuleText] | None
    ) -> dict[str, CompiledRule]:
        if self.framework:
            from portside.policy import builtin
            from portside.policy.framework import rules_of

            wanted = rules_of(self.name, [*builtin.texts().values(), *(own or {}).values()])
            return {name: rule for name, rule in rules.items() if name in wanted}
        return {name: rule for name, rule in rules.items() if self._holds(rule)}

    def _holds(self, rule: CompiledRule) -> bool:
        if self.level:
            wanted = LEVELS[: LEVELS.index(self.level) + 1]
            return rule.pod_security in wanted
        return ORDER.index(rule.profile) <= ORDER.index(self.name)


def parse_profile(text: str, own: Mapping[str, OwnProfile] | None = None) -> Profile:
    """The profile called `text`: `strict`, `pss:restricted@1.31`, or one of the user's `own`.

    Raises UsageError.
    """
    if own and text in own:
        from portside.policy.own_profile import resolved

        return resolved(text, own)
    name, _, version = text.partition("@")
    if name not in NAMES or (version and not name.startswith("pss:")):
        return _framework(text, own or ())
    minor = parse_version(version) if version and version != "latest" else None
    return Profile(name, name.partition(":")[2], minor)


def _framework(text: str, own: Iterable[str]) -> Profile:
    """The profile of the framework called `text`; `own` are others' names. Raises UsageError."""
    from portside.policy.framework import framework_names

    names = [it for it in framework_names() if it not in NAMES]
    if text in names:
        return Profile(text, framework=True)
    meant = did_you_mean(text.partition("@")[0], [*NAMES, *names, *own])
    hint = f"{meant}profiles: {', '.join([*NAMES, 'pss:LEVEL@1.31', *names, *own])}"
    raise UsageError(f"no profile is called {text}", hint=hint)


def parse_version(text: str) -> int:
    """The N of a Kubernetes version `1.N`, `v1.N` or `1.N.P`. Raises UsageError."""
    parts = text.removeprefix("v").split(".")
    if len(parts) not in (2, 3) or parts[0] != "1" or not all(it.isdecimal() for it in parts):
        raise UsageError(
            f"{text} is not a Kubernetes version", hint=f"expected 1.0 to 1.{NEWEST}, as in 1.34"
        )
    minor = int(parts[1])
    if minor > NEWEST:
        raise UsageError(
            f"Kubernetes {text} is newer than what is known here",
            hint=f"the newest known version is 1.{NEWEST}",
        )
    return minor


def version_in(section: Section) -> str:
    """The Kubernetes version of a section; in quotes, since YAML reads 1.30 as the number 1.3."""
    version = section.value.get("kubernetes-version")
    if version is None:
        return ""
    if type(version) is not str:
        section.reject('expected a version in quotes, such as "1.34"', "kubernetes-version")
    try:
        parse_version(version)
    except UsageError as error:
        section.reject(error.problem, "kubernetes-version", hint=error.hint)
    return str(version)
