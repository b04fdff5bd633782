"""One configuration from a file and all that it extends: lists add, maps merge, nearest wins."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from portside.cli.config import Alone, Config, rule_names
from portside.cli.extends import Chain, Files, Read, chain
from portside.cli.governed import with_defaults
from portside.cli.owners import Owners
from portside.policy.own_profile import OwnProfile, check_bases, read_profiles
from portside.syntax import DEFAULT, Limits

if TYPE_CHECKING:
    from portside.policy.names import RuleNames
    from portside.policy.section import Section

Configs = Sequence[Config]
ReadOne = Callable[["Section", "Alone | Shared"], Config]


def merged(section: Section, content: Read, own: Sequence[str], read_one: ReadOne) -> Config:
    """The configuration of `section` with all that it extends.

    `content` gives the bytes of a file, `own` are folders of rules besides, `read_one` reads a
    single file. Raises ConfigError.
    """
    files = Shared(chain(section, Files(content)), own)
    configs = [read_one(it, files) for it in files.chain.sections]
    return with_defaults(_merged(configs))


class Shared:
    """What the reading of one file needs of all files together."""

    __slots__ = ("_names", "_own", "_profiles", "chain", "folders")

    def __init__(self, chained: Chain, own: Sequence[str]) -> None:
        self.chain = chained
        self._own = own
        self._names: RuleNames | None = None
        self._profiles: Mapping[str, OwnProfile] | None = None
        self.folders = tuple(_once(_folders(chained)))

    def names(self) -> RuleNames:
        """The names of all rules, read when first asked for."""
        if self._names is None:
            self._names = rule_names([*self.folders, *self._own])
        return self._names

    def profiles(self) -> Mapping[str, OwnProfile]:
        """The user's own profiles; the nearest of a name."""
        if self._profiles is None:
            found: dict[str, OwnProfile] = {}
            for section in reversed(self.chain.sections):
                section.get("profiles", dict)
                if section.value.get("profiles"):
                    found |= read_profiles(section, self.names())
            check_bases(found)
            self._profiles = found
        return self._profiles

    def place(self, section: Section) -> int:
        """How many files are nearer than `section`."""
        return next(at for at, it in enumerate(self.chain.sections) if it is section)


def _folders(chained: Chain) -> Iterator[str]:
    for section, packs in zip(chained.sections, chained.packs, strict=True):
        yield from Alone(section, ()).folders
        yield from packs


def _once(folders: Iterator[str]) -> Iterator[str]:
    known: set[str] = set()
    for folder in folders:
        real = os.path.realpath(folder)
        if real not in known:
            known.add(real)
            yield folder


def _merged(configs: Configs) -> Config:
    near = configs[0]
    return near._replace(
        profile=_said(configs, "profile").profile,
        fail_on=_said(configs, "fail-on").fail_on,
        kubernetes_version=_said(configs, "kubernetes-version").kubernetes_version,
        include=_added(it.include for it in configs),
        exclude=_added(it.exclude for it in configs),
        limits=_limits(configs),
        rules=_rules(configs),
        crds=_added(it.crds for it in configs),
        waivers=(
            *near.waivers,
            *(replace(it, shared=True) for far in configs[1:] for it in far.waivers),
        ),
        owners=_owners(configs),
        comments_up_to=_said(configs, "comments").comments_up_to,
        approvers=_approvers(configs),
        approve_comments=_said(configs, "approve-comments").approve_comments,
        imports=_imports(configs),
        environments=_environments(configs),
        kustomize_roots=_said(configs, "kustomize").kustomize_roots,
        generated=_by_key(it.generated for it in configs),
        checkouts=_by_key(it.checkouts for it in configs),
        locks=_added(it.locks for it in configs),
        sections=tuple(it.sections[0] for it in configs),
    )


def _said(configs: Configs, key: str) -> Config:
    """The nearest that says something of `key`; the nearest of all where none does."""
    told = (it for it in configs if it.sections[0].value.get(key) is not None)
    return next(told, configs[0])


def _added(lists: Iterator[tuple[Any, ...]]) -> tuple[Any, ...]:
    """All items, those of the nearest first, each once."""
    found: list[Any] = []
    for it in lists:
        found += (item for item in it if item not in found)
    return tuple(found)


def _limits(configs: Configs) -> Limits:
    values = {
        name: next(
            (
                getattr(it.limits, name)
                for it in configs
                if (it.sections[0].value.get("limits") or {}).get(name) is not None
            ),
            getattr(DEFAULT, name),
        )
        for name in Limits._fields
    }
    return Limits(**values)


def _rules(configs: Configs) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for config in reversed(configs):
        found = merged_settings(found, config.rules)
    return found


def merged_settings(
    far: Mapping[str, Mapping[str, Any]], near: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The settings by rule where those that are `near` come first, parameter by parameter."""
    found = {rule: dict(it) for rule, it in far.items()}
    for rule, it in near.items():
        known = found.setdefault(rule, {})
        params = {**known.get("params", {}), **it.get("params", {})}
        known.update(it)
        if params:
            known["params"] = params
    return found


def _owners(configs: Configs) -> Owners:
    usual = Owners()
    told = [it.owners for it in configs]
    namespaces: dict[str, str] = {}
    for it in reversed(told):
        namespaces |= it.namespaces
    labels = _added(it.labels for it in told if it.labels != usual.labels)
    default = next((it.default for it in told if it.default), "")
    return Owners(labels=labels or usual.labels, namespaces=namespaces, default=default)


def _approvers(configs: Configs) -> tuple[Any, ...]:
    found: dict[str, Any] = {}
    for config in configs:
        for it in config.approvers:
            found.setdefault(it.key, it)
    return tuple(found.values())


def _environments(configs: Configs) -> tuple[Any, ...]:
    """All, where what the nearest says of a name counts."""
    found: dict[str, list[Any]] = {}
    for config in reversed(configs):
        found |= {it.name: [] for it in config.environments}
        for it in config.environments:
            found[it.name].append(it)
    return tuple(it for those in found.values() for it in those)


def _by_key(maps: Iterator[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for it in reversed(list(maps)):
        found |= it
    return found


def _imports(configs: Configs) -> tuple[tuple[str, str], ...] | None:
    told = [it.imports for it in configs if it.imports is not None]
    return _added(iter(told)) if told else None
