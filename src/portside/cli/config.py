"""`portside.yaml`: found, read and checked. Without one, everything has a default."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from portside.cli.owners import Owners
from portside.errors import ConfigError
from portside.sources.ignores import Globs
from portside.syntax import DEFAULT, Limits

if TYPE_CHECKING:
    import argparse

    from portside.policy.names import RuleNames
    from portside.policy.section import Section
    from portside.policy.waiver import Waiver

NAME = "portside.yaml"
_LARGEST = 1 << 20
KEYS = (
    *("version", "profile", "fail-on", "kubernetes-version", "include", "exclude"),
    *("limits", "rules", "rule-folders", "crds", "waivers", "comments", "owners"),
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
    crds: tuple[str, ...] = ()
    """Files and folders of CustomResourceDefinitions besides those that are scanned."""
    waivers: tuple[Waiver, ...] = ()
    owners: Owners = Owners()
    comments_up_to: str = ""
    """The highest severity that comments and annotations may excuse; empty: the profile's."""

    @property
    def folder(self) -> str:
        """The folder of the file; empty where there is none."""
        return (os.path.dirname(self.file) or ".") if self.file else ""

    def selection(self, options: argparse.Namespace) -> tuple[Sequence[Globs], Sequence[Globs]]:
        """The globs that files must match, and must not: those of the file are relative to it."""
        return (
            [Globs(self.folder, self.include), Globs("", options.include or ())],
            [Globs(self.folder, self.exclude), Globs("", options.exclude or ())],
        )


def load_config(given: str | None, paths: Sequence[str], own: Sequence[str] = ()) -> Config:
    """The configuration `given`, or the nearest `portside.yaml` at or above the first path.

    `own` are folders of rules that the command line adds to its `rule-folders`. Raises ConfigError,
    which names file, line and key.
    """
    file = given or nearest(paths)
    if not file:
        return Config()
    return read_config(content(file), file, own)


def content(file: str) -> bytes:
    """The bytes of the configuration file. Raises ConfigError."""
    try:
        with open(file, "rb") as opened:
            data = opened.read(_LARGEST + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(f"cannot be opened: {reason}", where=file) from error
    if len(data) > _LARGEST:
        raise ConfigError(f"is larger than {_LARGEST:,} bytes", where=file)
    return data


def read_config(data: bytes, file: str, own: Sequence[str] = ()) -> Config:
    """The configuration that `data`, the content of `file`, holds. Raises ConfigError."""
    from portside.policy.section import open_section

    return _config(open_section(data, file, ConfigError), own)


def nearest(paths: Sequence[str]) -> str:
    """The nearest `portside.yaml` at or above the first path; empty where there is none."""
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


def _config(section: Section, own: Sequence[str]) -> Config:
    from portside.model.severity import NAMES
    from portside.policy.comments import UP_TO

    section.only(KEYS)
    if section.get("version", int, 1) != 1:
        section.reject("expected 1: no other version of this file is known", "version")
    limits = section.section("limits")
    limits.only(Limits._fields)
    folders = _folders(section)
    waivers, rules = _about_rules(section, [*folders, *own])
    return Config(
        file=section.file,
        profile=_profile(section),
        fail_on=section.word("fail-on", NAMES, "medium"),
        kubernetes_version=_version(section),
        include=_globs(section, "include"),
        exclude=_globs(section, "exclude"),
        limits=Limits(*(_limit(limits, name) for name in Limits._fields)),
        rules=rules,
        rule_folders=folders,
        crds=_definitions(section),
        waivers=waivers,
        owners=_owners(section),
        comments_up_to=section.word("comments", UP_TO) if "comments" in section.value else "",
    )


def _profile(section: Section) -> str:
    from portside.errors import UsageError
    from portside.policy.profile import DEFAULT as USUAL
    from portside.policy.profile import parse_profile

    name = section.text("profile", USUAL)
    try:
        parse_profile(name)
    except UsageError as error:
        section.reject(error.problem, "profile", hint=error.hint)
    return name


def _version(section: Section) -> str:
    """The Kubernetes version; in quotes, since YAML reads 1.30 as the number 1.3."""
    version = section.value.get("kubernetes-version")
    if version is None:
        return ""
    if type(version) is not str:
        section.reject('expected a version in quotes, such as "1.34"', "kubernetes-version")
    from portside.errors import UsageError
    from portside.policy.profile import parse_version

    try:
        parse_version(version)
    except UsageError as error:
        section.reject(error.problem, "kubernetes-version", hint=error.hint)
    return str(version)


def _globs(section: Section, key: str) -> tuple[str, ...]:
    globs = section.texts(key)
    for index, glob in enumerate(globs):
        if not glob.strip("/! ") or "\n" in glob:
            steps = (key, index) if type(section.value[key]) is list else (key,)
            section.reject(f"{glob!r} matches no file", *steps)
    return globs


def _folders(section: Section) -> tuple[str, ...]:
    """The folders of own rules: relative to the file they are named in."""
    above = os.path.dirname(section.file)
    folders = tuple(os.path.join(above, it) for it in section.texts("rule-folders"))
    for index, folder in enumerate(folders):
        if not os.path.isdir(folder):
            steps = ("rule-folders", index)
            section.reject(f"there is no folder {folder}", *steps)
    return folders


def _owners(section: Section) -> Owners:
    if "owners" not in section.value:
        return Owners()
    it = section.section("owners")
    it.only(("labels", "namespaces", "default"))
    namespaces = it.section("namespaces")
    return Owners(
        labels=it.texts("labels") or Owners().labels,
        namespaces={name: namespaces.required(name) for name in namespaces.value},
        default=it.text("default"),
    )


def _definitions(section: Section) -> tuple[str, ...]:
    """Where CustomResourceDefinitions are: relative to the file they are named in."""
    above = os.path.dirname(section.file)
    paths = tuple(os.path.join(above, it) for it in section.texts("crds"))
    for index, path in enumerate(paths):
        if not os.path.exists(path):
            steps = ("crds", index) if type(section.value["crds"]) is list else ("crds",)
            section.reject(f"there is nothing at {path}", *steps)
    return paths


def _limit(limits: Section, name: str) -> int:
    value: int = limits.get(name, int, getattr(DEFAULT, name))
    if value < 1:
        limits.reject("expected a number above 0", name)
    return value


def _about_rules(
    section: Section, folders: Sequence[str]
) -> tuple[tuple[Waiver, ...], Mapping[str, Mapping[str, Any]]]:
    """The waivers, and the settings by rule: what can only be read with the rules at hand."""
    if not section.value.get("waivers") and not section.value.get("rules"):
        section.get("waivers", list)
        section.get("rules", dict)
        return (), {}
    from portside.policy.settings import rule_settings
    from portside.policy.waiver import read_waivers

    names = rule_names(folders)
    settings = rule_settings(section.section("rules"), names)
    return tuple(read_waivers(section, names)), settings


def rule_names(folders: Sequence[str]) -> RuleNames:
    """The names of all rules: those built in, and those in `folders`. Raises PolicyError."""
    from portside.policy.names import RuleNames

    if not folders:
        return RuleNames()
    from portside.policy.own import own_rules

    return RuleNames({rule.id: rule.text for rule in own_rules(folders)})
