"""`portside.yaml`: found, read and checked. Without one, everything has a default."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from portside.errors import ConfigError
from portside.syntax import DEFAULT, Limits

if TYPE_CHECKING:
    import argparse

    from portside.policy.section import Section
    from portside.policy.waiver import Waiver

NAME = "portside.yaml"
KEYS = (
    *("version", "profile", "fail-on", "kubernetes-version", "include", "exclude"),
    *("limits", "rules", "rule-folders", "waivers", "comments"),
)


class Config(NamedTuple):
    """What `portside.yaml` says, defaults filled in."""

    file: str = ""
    profile: str = "recommended"
    fail_on: str = "medium"
    kubernetes_version: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    limits: Limits = DEFAULT
    rules: Mapping[str, Mapping[str, Any]] = {}
    rule_folders: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    comments_up_to: str = "critical"
    """The highest severity that comments and annotations may excuse."""

    def selection(self, options: argparse.Namespace) -> tuple[Sequence[str], Sequence[str]]:
        """The globs that files must match, and must not."""
        return (
            [*self.include, *(options.include or [])],
            [*self.exclude, *(options.exclude or [])],
        )


def load_config(given: str | None, paths: Sequence[str]) -> Config:
    """The configuration `given`, or the nearest `portside.yaml` at or above the first path.

    Raises ConfigError, which names file, line and key.
    """
    file = given or _nearest(paths)
    if not file:
        return Config()
    from portside.policy.section import open_section

    try:
        with open(file, "rb") as opened:
            data = opened.read(1 << 20)
    except OSError as error:
        raise ConfigError(f"cannot be opened: {error.strerror}", where=file) from error
    return _config(open_section(data, file, ConfigError))


def _nearest(paths: Sequence[str]) -> str:
    first = next((path for path in paths if path != "-"), ".")
    folder = os.path.abspath(first if os.path.isdir(first) else os.path.dirname(first) or ".")
    while True:
        file = os.path.join(folder, NAME)
        if os.path.isfile(file):
            return os.path.relpath(file)
        above = os.path.dirname(folder)
        if above == folder or os.path.exists(os.path.join(folder, ".git")):
            return ""
        folder = above


def _config(section: Section) -> Config:
    from portside.model.severity import NAMES
    from portside.policy.waiver import read_waivers

    section.only(KEYS)
    if section.get("version", int, 1) != 1:
        section.fail("expected 1: no other version of this file is known", "version")
    limits = section.section("limits")
    limits.only(Limits._fields)
    folder = os.path.dirname(section.file)
    version = section.value.get("kubernetes-version")
    if version is not None and type(version) is not str:
        section.fail('expected a version in quotes, such as "1.34"', "kubernetes-version")
    return Config(
        file=section.file,
        profile=section.text("profile", "recommended"),
        fail_on=section.word("fail-on", NAMES, "medium"),
        kubernetes_version=version or "",
        include=section.texts("include"),
        exclude=section.texts("exclude"),
        limits=Limits(*(_limit(limits, name) for name in Limits._fields)),
        rules=_rules(section.section("rules")),
        rule_folders=tuple(os.path.join(folder, it) for it in section.texts("rule-folders")),
        waivers=tuple(read_waivers(section)),
        comments_up_to=section.word("comments", NAMES, "critical"),
    )


def _limit(limits: Section, name: str) -> int:
    value: int = limits.get(name, int, getattr(DEFAULT, name))
    if value < 1:
        limits.fail("expected a number above 0", name)
    return value


def _rules(section: Section) -> dict[str, dict[str, Any]]:
    """The settings by rule. Raises ConfigError for rules and parameters that do not exist."""
    from portside.policy.settings import rule_settings

    return rule_settings(section)
