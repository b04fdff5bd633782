"""`portside.yaml`: found, read and checked. Without one, everything has a default."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from portside.cli.owners import Owners
from portside.errors import ConfigError
from portside.records import NamedTuple
from portside.sources.ignores import Globs
from portside.syntax import DEFAULT, Limits

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from portside.cli.merge import Shared
    from portside.policy.approval import Approvers
    from portside.policy.locks import Locks
    from portside.policy.names import RuleNames
    from portside.policy.own_profile import OwnProfile
    from portside.policy.section import Section
    from portside.policy.waiver import Waiver
    from portside.render.configured import Configured

NAME = "portside.yaml"
_LARGEST = 1 << 20
KEYS = (
    *("version", "profile", "fail-on", "kubernetes-version", "include", "exclude"),
    *("limits", "rules", "rule-folders", "crds", "waivers", "comments", "owners"),
    *("extends", "profiles", "locked", "approvers", "approve-comments", "imports"),
    *("environments", "kustomize", "gitops"),
)
IMPORTED = ("checkov", "trivy", "kube-linter", "kubescape", "polaris", "hadolint", "zizmor")
"""The tools whose suppressions can be honoured."""


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
    profiles: Mapping[str, OwnProfile] = {}
    """The user's own profiles."""
    approvers: tuple[Approvers, ...] = ()
    approve_comments: str = ""
    """The least severity whose comments need an approver; empty where none do."""
    imports: tuple[tuple[str, str], ...] | None = None
    """Other tools whose suppressions hold, each with a file of its own or an empty text; None where
    nothing is said."""
    environments: tuple[Configured, ...] = ()
    """What charts and overlays are installed with, in place of what would be discovered."""
    kustomize_roots: tuple[str, ...] = ()
    """Which kustomizations are built: folders and globs over folders; empty where it is worked
    out."""
    generated: Mapping[str, Sequence[Mapping[str, Any]]] = {}
    """What generators of ApplicationSets yield that ask clusters and code hosts, by the set."""
    checkouts: Mapping[str, str] = {}
    """Folders that hold sources outside the repository, by address or name."""
    locks: tuple[Locks, ...] = ()
    """What may not be loosened, of the nearest file first."""
    sections: tuple[Section, ...] = ()
    """The files that all this was read from, nearest first."""

    @property
    def folder(self) -> str:
        """The folder of the file; empty where there is none."""
        return (os.path.dirname(self.file) or ".") if self.file else ""

    def cap(self, profile: str) -> int:
        """The highest severity that comments may excuse under `profile`; -1 for nothing."""
        from portside.policy.comments import UP_TO, highest

        root = profile
        if profile in self.profiles:
            from portside.policy.profile import parse_profile

            root = parse_profile(profile, self.profiles).name
        found = highest(root.partition("@")[0], self.comments_up_to)
        return min([found, *(UP_TO.index(it.comments) - 1 for it in self.locks if it.comments)])

    def selection(self, options: argparse.Namespace) -> tuple[Sequence[Globs], Sequence[Globs]]:
        """The globs that files must match, and must not: those of the file are relative to it."""
        from portside.cli.outside import left_out

        vendored = left_out(options.paths or ["."])
        return (
            [Globs(self.folder, self.include), Globs("", options.include or ())],
            [Globs(self.folder, self.exclude), Globs("", options.exclude or ()), *vendored],
        )


def run(argv: Sequence[str]) -> int:
    """Run `portside config`: this module is the command's, too, by its name."""
    from portside.cli.config_show import command

    return command(argv)


def parts() -> Mapping[str, argparse.ArgumentParser]:
    """The parser of each command below `config`."""
    from portside.cli.config_show import arguments

    return {"show": arguments()}


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


def configured(options: argparse.Namespace) -> Config:
    """The configuration that `options` and paths lead to, which loosens nothing that is locked.

    Raises ConfigError.
    """
    config = load_config(options.config, options.paths, options.rules or [])
    if config.locks:
        from portside.cli.locks import hold

        hold(config, options)
    return config


def read_config(
    data: bytes,
    file: str,
    own: Sequence[str] = (),
    read: Callable[[str], bytes] | None = None,
) -> Config:
    """The configuration that `data`, the content of `file`, holds. Raises ConfigError.

    `read` gives the bytes of what it extends: those on the disk, unless told otherwise.
    """
    from portside.policy.section import open_section

    section = open_section(data, file, ConfigError)
    if "extends" not in section.value:
        return _config(section, Alone(section, own))
    from portside.cli.merge import merged

    return merged(section, read or content, own, _config)


class Alone:
    """What the reading of one file needs of all files together, where there is but one."""

    __slots__ = ("_names", "_own", "_section", "folders")

    def __init__(self, section: Section, own: Sequence[str]) -> None:
        self._section = section
        self._own = own
        self._names: RuleNames | None = None
        self.folders: tuple[str, ...] = _folders(section)

    def names(self) -> RuleNames:
        """The names of all rules, read when first asked for."""
        if self._names is None:
            self._names = rule_names([*self.folders, *self._own])
        return self._names

    def profiles(self) -> Mapping[str, OwnProfile]:
        """The user's own profiles."""
        return _profiles(self._section, self.names)

    def place(self, section: Section) -> int:
        """How many files are nearer than `section`."""
        return 0


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


def _config(section: Section, files: Alone | Shared) -> Config:
    """What `section` says; `files` is what is known of all files together."""
    from portside.model.severity import NAMES
    from portside.policy.comments import UP_TO

    section.only(KEYS)
    if section.get("version", int, 1) != 1:
        section.reject("expected 1: no other version of this file is known", "version")
    limits = section.section("limits")
    limits.only(Limits._fields)
    waivers, rules = _about_rules(section, files.names)
    profiles = files.profiles()
    comments = section.word("comments", UP_TO) if "comments" in section.value else ""
    found = Config(
        file=section.file,
        profile=_profile(section, profiles),
        fail_on=section.word("fail-on", NAMES, "medium"),
        kubernetes_version=_version(section),
        include=_globs(section, "include"),
        exclude=_globs(section, "exclude"),
        limits=Limits(*(_limit(limits, name) for name in Limits._fields)),
        rules=rules,
        rule_folders=files.folders,
        crds=_definitions(section),
        waivers=waivers,
        owners=_owners(section),
        comments_up_to=comments,
        profiles=profiles,
        sections=(section,),
    )
    if not section.value.keys().isdisjoint(("environments", "kustomize", "gitops")):
        from portside.cli.installed import installed

        found = installed(found, section)
    if section.value.keys().isdisjoint(("locked", "approvers", "approve-comments", "imports")):
        return found
    from portside.cli.governed import governed

    return governed(found, section, files)


def _profiles(section: Section, names: Callable[[], RuleNames]) -> Mapping[str, OwnProfile]:
    if not section.value.get("profiles"):
        section.get("profiles", dict)
        return {}
    from portside.policy.own_profile import check_bases, read_profiles

    profiles = read_profiles(section, names())
    check_bases(profiles)
    return profiles


def _profile(section: Section, profiles: Mapping[str, OwnProfile]) -> str:
    from portside.errors import UsageError
    from portside.policy.profile import DEFAULT as USUAL
    from portside.policy.profile import parse_profile

    name = section.text("profile", USUAL)
    try:
        parse_profile(name, profiles)
    except UsageError as error:
        section.reject(error.problem, "profile", hint=error.hint)
    return name


def _version(section: Section) -> str:
    if section.value.get("kubernetes-version") is None:
        return ""
    from portside.policy.profile import version_in

    return version_in(section)


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
    from portside.secrets.veil import without_formats

    it = section.section("owners")
    it.only(("labels", "namespaces", "default"))
    namespaces = it.section("namespaces")
    return Owners(
        labels=it.texts("labels") or Owners().labels,
        namespaces={key: without_formats(namespaces.required(key)) for key in namespaces.value},
        default=without_formats(it.text("default")),
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
    section: Section, names: Callable[[], RuleNames]
) -> tuple[tuple[Waiver, ...], Mapping[str, Mapping[str, Any]]]:
    """The waivers, and the settings by rule: what can only be read with the rules at hand."""
    if not section.value.get("waivers") and not section.value.get("rules"):
        section.get("waivers", list)
        section.get("rules", dict)
        return (), {}
    from portside.policy.settings import rule_settings

    known = names()
    settings = rule_settings(section.section("rules"), known)
    if not section.value.get("waivers"):
        section.get("waivers", list)
        return (), settings
    from portside.policy.waiver import read_waivers

    return tuple(read_waivers(section, known)), settings


def rule_names(folders: Sequence[str]) -> RuleNames:
    """The names of all rules: those built in, and those in `folders`. Raises PolicyError."""
    from portside.policy.names import RuleNames

    if not folders:
        return RuleNames()
    from portside.policy.own import own_rules

    return RuleNames({rule.id: rule.text for rule in own_rules(folders)})
