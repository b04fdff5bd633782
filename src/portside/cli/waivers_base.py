"""`portside waivers check --base REV`: what is excused since REV, and whether somebody agreed.

Decided from git alone. That the author of a commit is who he says, or that a trailer is true, git
does not know: what is proven, and what only a forge's review rules prove, says
docs/howto/organisation.md.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from portside.cli.config import NAME, Config, content, rule_names
from portside.cli.extends import Files, chain
from portside.errors import ConfigError, ExpectedError
from portside.model.severity import NAMES
from portside.policy.approval import Approvers, address, for_rule, read_approvers
from portside.policy.section import Section, open_section
from portside.policy.waiver import Waiver, read_waiver
from portside.records import NamedTuple
from portside.sources.git import Commit, Repository

if TYPE_CHECKING:
    import argparse

    from portside.policy.names import RuleNames

RULE = "unapproved-waiver"
_Key = tuple[object, ...]


class Told(NamedTuple):
    """An excuse that nobody agreed to, as far as git knows."""

    message: str
    about: str
    file: str
    line: int
    column: int
    rule: str = RULE


class Asked(NamedTuple):
    """What excuses are held against."""

    config: Config
    repository: Repository
    names: RuleNames
    base: str
    """REV itself."""
    fork: str
    """The last commit that REV and HEAD have in common."""
    approvers: tuple[Approvers, ...]
    approve_comments: str

    def severity(self, rule: str) -> int:
        usual = self.names.words(rule).severity
        found: int = self.config.rules.get(rule, {}).get("severity", usual)
        return found

    def needed(self, rules: Iterable[str]) -> list[tuple[str, Approvers]]:
        """The rules that need an approver, with who may be it."""
        found = ((rule, for_rule(self.approvers, rule, self.severity(rule))) for rule in rules)
        return [(rule, it) for rule, it in found if it is not None]


def unapproved(options: argparse.Namespace, config: Config) -> tuple[list[Told], int]:
    """The excuses since `--base` without the approver they need, and how many are new since then.

    Raises UsageError where git cannot tell: no repository, no such revision, a shallow clone.
    """
    asked = _asked(options, config)
    known = [*_waivers_at(asked, asked.base), *_waivers_at(asked, asked.fork)]
    told: list[Told] = []
    fresh = 0
    pasts: dict[str, _Past] = {}
    for waiver in config.waivers:
        if asked.repository.below(waiver.file) is None:
            continue
        how = difference(waiver, known)
        if how:
            fresh += 1
            if waiver.file not in pasts:
                pasts[waiver.file] = _Past(waiver.file, asked)
            told += _about_waiver(waiver, how, asked, pasts[waiver.file])
    if asked.approve_comments:
        from portside.cli.comments_base import new_comments

        found, more = new_comments(options, asked)
        told += found
        fresh += more
    told.sort(key=lambda it: (it.file, it.line, it.column))
    return told, fresh


def _asked(options: argparse.Namespace, config: Config) -> Asked:
    repository = Repository(config.folder or next(iter(options.paths), "."))
    base = repository.commit(options.base)
    names = rule_names([*config.rule_folders, *(options.rules or [])])
    made = Asked(
        config=config,
        repository=repository,
        names=names,
        base=base,
        fork=repository.fork(base),
        approvers=config.approvers,
        approve_comments=config.approve_comments,
    )
    return _as_of_base(made)


def _as_of_base(asked: Asked) -> Asked:
    """With the approvers as of `base`, if there were any: who asks may not name them anew."""
    sections = list(_sections_at(asked, asked.base))
    approvers: dict[str, Approvers] = {}
    least = ""
    for section in sections:
        try:
            for it in read_approvers(section, asked.names):
                approvers.setdefault(it.key, it)
        except ExpectedError:
            continue
        said = section.value.get("approve-comments")
        least = least or (said if said in NAMES else "")
    if not approvers:
        return asked
    return asked._replace(
        approvers=tuple(approvers.values()), approve_comments=least or asked.approve_comments
    )


def _waivers_at(asked: Asked, commit: str) -> Iterator[Waiver]:
    for section in _sections_at(asked, commit):
        yield from waivers_of(section, asked.names)


def _sections_at(asked: Asked, commit: str) -> Iterator[Section]:
    """The configuration as of `commit`, with what it extended; nothing where there was none."""
    file = asked.config.file
    path = asked.repository.below(file)
    if path is None:
        return
    for name in asked.repository.names(path, asked.fork):
        data = asked.repository.content(commit, name)
        if data is None:
            continue
        called = os.path.relpath(os.path.join(asked.repository.root, name))
        try:
            section = open_section(data, called, ConfigError)
        except ConfigError:
            continue
        yield from _chain_at(section, asked.repository, commit)


def _chain_at(section: Section, repository: Repository, commit: str) -> Iterator[Section]:
    """`section` with what it extends: as of `commit` in the repository, elsewhere as it is."""

    def as_of(file: str) -> bytes:
        path = repository.below(file)
        data = repository.content(commit, path) if path else None
        return content(file) if data is None else data

    def was_file(file: str) -> bool:
        path = repository.below(file)
        if path is None:
            return os.path.isfile(file)
        return repository.content(commit, path) is not None

    try:
        yield from chain(section, Files(as_of, was_file, strict=False)).sections
    except ExpectedError:
        yield section


def waivers_of(section: Section, names: RuleNames) -> Iterator[Waiver]:
    """The waivers of `section` that are well formed: others never excused anything."""
    try:
        items = list(section.sections("waivers"))
    except ExpectedError:
        return
    for it in items:
        try:
            yield read_waiver(it, names)
        except ExpectedError:
            continue


def difference(waiver: Waiver, known: Sequence[Waiver]) -> str:
    """How `waiver` excuses more than all those `known`; empty where one of them excused as much."""
    if any(_covers(it, waiver) and it.expires >= waiver.expires for it in known):
        return ""
    if any(_covers(it, waiver) for it in known):
        return "prolonged"
    return (
        "widened" if any(it.rules & waiver.rules for it in known if _near(it, waiver)) else "added"
    )


def _near(one: Waiver, other: Waiver) -> bool:
    """Whether the two may be one waiver before and after: their words or subjects are the same."""
    return one.reason == other.reason or one.about == other.about


def _covers(wide: Waiver, narrow: Waiver) -> bool:
    """Whether all that `narrow` is about, `wide` is about."""
    policies = {it.pattern for it in narrow.policies} <= {it.pattern for it in wide.policies}
    if not (narrow.rules <= wide.rules and policies):
        return False
    for key, texts in wide.written.items():
        mine = narrow.written.get(key, ())
        if not mine or not set(mine) <= set(texts):
            return False
    if wide.subject.keys() - narrow.subject.keys():
        return False
    files = {it.pattern for it in wide.files}
    return not files or (bool(narrow.files) and {it.pattern for it in narrow.files} <= files)


def _about_waiver(waiver: Waiver, how: str, asked: Asked, past: _Past) -> Iterator[Told]:
    needed = asked.needed(sorted(waiver.rules))
    for glob in waiver.policies:
        needed += [(f"policy:{glob.pattern}", it) for it in _highest(asked)]
    problem = _why_not(waiver, needed, past) if needed else ""
    if problem:
        said = f"the waiver of {', '.join(waiver.rule)} for {waiver.about} was {how}: {problem}"
        yield Told(said, ", ".join(waiver.rule), waiver.file, waiver.line, waiver.column)


def _highest(asked: Asked) -> list[Approvers]:
    """Who may approve waivers of the most severe rules: they decide about foreign policies."""
    listed = [it for it in asked.approvers if it.severity >= 0]
    return [max(listed, key=lambda it: it.severity)] if listed else []


def _why_not(waiver: Waiver, needed: Sequence[tuple[str, Approvers]], past: _Past) -> str:
    """Why nothing shows that those who must agree did; empty where something does."""
    for rule, allowed in needed:
        if not allowed.may(waiver.approver):
            return (
                f"{waiver.approver} may not approve {rule}: {', '.join(allowed.allowed)} may "
                f"({allowed.where})"
            )
    history = _History(waiver, past)
    if not history.last:
        return "it is not committed, so nobody is known to have agreed"
    for rule, allowed in needed:
        if not any(_agreed(waiver, commit, allowed, history) for commit in history.last):
            author = history.last[-1].author
            return (
                f"{author} added it and is its approver: {rule} needs the word of another of "
                f"{', '.join(allowed.allowed)} ({allowed.where})"
            )
    return ""


def _agreed(waiver: Waiver, commit: Commit, allowed: Approvers, history: _History) -> bool:
    """Whether `commit`, which wrote the waiver as it is, shows that somebody else agreed to it."""
    author = address(commit.author)
    if address(waiver.approver) != author:
        return True
    if approved_by_another(commit, allowed):
        return True
    # An approver wrote the last word on what somebody else had asked for.
    return allowed.may(commit.author) and any(
        address(it.author) != author for it in history.touched
    )


def approved_by_another(commit: Commit, allowed: Approvers) -> bool:
    """Whether a trailer of `commit` names an approver who did not make it."""
    author = address(commit.author)
    return any(allowed.may(it) and address(it) != author for it in commit.approved)


class _Past:
    """The commits behind the fork that touched one file, with the waivers of each."""

    __slots__ = ("_asked", "_folder", "_kept", "_names", "commits")

    def __init__(self, file: str, asked: Asked) -> None:
        repository = asked.repository
        self._asked = asked
        self._folder = os.path.dirname(file)
        self._names = repository.names(repository.below(file) or "", asked.fork)
        self._kept: dict[str, list[Waiver]] = {}
        self.commits = repository.since(asked.fork, self._names)

    def waivers(self, commit: str) -> list[Waiver]:
        """The waivers as of `commit`."""
        if commit not in self._kept:
            self._kept[commit] = list(self._read(commit))
        return self._kept[commit]

    def _read(self, commit: str) -> Iterator[Waiver]:
        for name in self._names:
            data = self._asked.repository.content(commit, name)
            if data is None:
                continue
            try:
                section = open_section(data, os.path.join(self._folder, NAME))
            except ExpectedError:
                continue
            yield from waivers_of(section, self._asked.names)


class _History:
    """The commits behind the fork that touched one waiver."""

    __slots__ = ("_past", "last", "touched")

    def __init__(self, waiver: Waiver, past: _Past) -> None:
        self._past = past
        exact, about = _essence(waiver), _about(waiver)
        self.last = [it for it in past.commits if self._wrote(it, exact)]
        """Those that wrote it as it is now."""
        self.touched = [it for it in past.commits if self._changed(it, about)]
        """Those that wrote or changed a waiver of the same rules and subject."""

    def _wrote(self, commit: Commit, wanted: _Key) -> bool:
        if not any(_essence(it) == wanted for it in self._past.waivers(commit.name)):
            return False
        return not any(
            _essence(it) == wanted for parent in commit.parents for it in self._past.waivers(parent)
        )

    def _changed(self, commit: Commit, about: _Key) -> bool:
        here = self._like(commit.name, about)
        return bool(here) and all(self._like(it, about) != here for it in commit.parents)

    def _like(self, commit: str, about: _Key) -> list[_Key]:
        return [_essence(it) for it in self._past.waivers(commit) if _about(it) == about]


def _about(it: Waiver) -> _Key:
    return it.rule, tuple(it.written.items()), tuple(glob.pattern for glob in it.files)


def _essence(it: Waiver) -> _Key:
    return *_about(it), it.expires, address(it.approver)
