"""What a change loosens: what is asked, what fails, what is excused, and which files are read.

Both sides are judged by the configuration of the new one, so a change could hide what it does by
asking for less. Whatever it asks for less is a finding of its own, in every report.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from portside.cli.comments_base import covers
from portside.cli.config import NAME, Config, read_config, rule_names
from portside.cli.plan import choose
from portside.cli.waivers_base import difference
from portside.diff.model import LOOSENED
from portside.errors import ConfigError, ExpectedError
from portside.model.finding import Finding, ResourceRef
from portside.model.severity import NAMES
from portside.records import NamedTuple
from portside.report.words import many

if TYPE_CHECKING:
    import argparse

    from portside.cli.diff_sides import Hidden, Touched
    from portside.cli.plan import Chosen
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Comment
    from portside.sources.revision import Revision

_LARGEST = 1 << 20
_NAMED = 5
_Said = tuple[str, str, int]
"""A sentence, the file it is about, and the line."""


class Now(NamedTuple):
    """What is in force on the new side."""

    options: argparse.Namespace
    config: Config
    chosen: Chosen

    def line(self, key: str) -> tuple[str, int]:
        """Where the configuration says something of `key`, or would."""
        for section in self.config.sections:
            if key in section.value:
                return section.file, section.line(key)
        return self.config.file or NAME, 1


def loosened(
    now: Now,
    revision: Revision,
    touched: Touched,
    evaluations: tuple[Evaluation, Evaluation],
    hidden: Sequence[Hidden],
) -> list[Finding]:
    """A finding for all that the change asks for less; `evaluations` are those of both sides."""
    said = [
        *_configuration(now, revision, touched),
        *_comments(now, evaluations, touched),
        *((f"is not read any more: {it.reason}", it.file, 1) for it in hidden),
    ]
    return [_finding(*it) for it in dict.fromkeys(said)]


def _finding(said: str, file: str, line: int) -> Finding:
    subject = ResourceRef("", "Configuration", "", os.path.basename(file))
    identity = f"{LOOSENED}|{file}|{said.replace('|', '%7C')}|"
    return Finding(LOOSENED, 0, said, subject, (), (), file, line, 1, 0, identity)


def _configuration(now: Now, revision: Revision, touched: Touched) -> Iterator[_Said]:
    config = now.config
    file = config.file or _nearest(now.options.paths or ["."], revision)
    if not file or not _is_touched(file, now, revision, touched):
        return
    yield from _rule_files(now, revision, touched)
    try:
        before = _as_it_was(file, now, revision, touched)
        asked = choose(
            now.options.profile or before.profile,
            now.options.kubernetes_version or before.kubernetes_version,
            settings=before.rules,
            folders=[*before.rule_folders, *(now.options.rules or [])],
            profiles=before.profiles,
        )
    except ExpectedError as error:
        yield f"cannot be read as it was, so what it loosens is not known: {error}", file, 1
        return
    yield from _rules(asked, now)
    yield from _settings(before, now)
    yield from _waivers(before, now)


def _nearest(paths: Sequence[str], revision: Revision) -> str:
    """The `portside.yaml` that the old side had at or above the first path."""
    folder = revision.repository.below(paths[0])
    while folder is not None:
        path = f"{folder}/{NAME}" if folder not in ("", ".") else NAME
        if path in revision.entries:
            return os.path.relpath(os.path.join(revision.repository.root, path))
        if folder in ("", "."):
            return ""
        folder = folder.rpartition("/")[0]
    return ""


def _is_touched(file: str, now: Now, revision: Revision, touched: Touched) -> bool:
    """Whether the configuration, what it extends or its rules are not what they were."""
    names = [file, *(it.file for it in now.config.sections)]
    paths = {revision.repository.below(it) for it in names}
    if not paths.isdisjoint(touched.paths):
        return True
    return any(_below(it, revision, touched) for it in now.config.rule_folders)


def _below(folder: str, revision: Revision, touched: Touched) -> list[str]:
    path = revision.repository.below(folder)
    return [it for it in sorted(touched.paths) if path and it.startswith(f"{path}/")]


def _rule_files(now: Now, revision: Revision, touched: Touched) -> Iterator[_Said]:
    for folder in now.config.rule_folders:
        for path in _below(folder, revision, touched):
            if path in revision.entries:
                file = os.path.relpath(os.path.join(revision.repository.root, path))
                yield (
                    "holds rules that are not what they were; both sides are judged by them",
                    (file),
                    1,
                )


def config_before(now: Now, revision: Revision, touched: Touched) -> Config:
    """The configuration of the old side. Raises ExpectedError."""
    file = now.config.file or _nearest(now.options.paths or ["."], revision)
    if not file or not _is_touched(file, now, revision, touched):
        return now.config
    return _as_it_was(file, now, revision, touched)


def _as_it_was(file: str, now: Now, revision: Revision, touched: Touched) -> Config:
    """The configuration of the old side; what has a default there has it here."""
    path = revision.repository.below(file)
    if path is None:
        return now.config
    was = next((then for then, new in touched.renamed.items() if new == path), path)
    if was not in revision.entries:
        return Config()

    def as_of(name: str) -> bytes:
        inside = revision.repository.below(name)
        if inside is not None and inside in revision.entries:
            return _content(revision, inside, name)
        with open(name, "rb") as opened:
            return opened.read(_LARGEST)

    return read_config(_content(revision, was, file), file, now.options.rules or [], as_of)


def _content(revision: Revision, path: str, name: str) -> bytes:
    try:
        return revision.content(path, _LARGEST)
    except OSError as error:
        raise ConfigError(str(error), where=name) from error


def _rules(before: Chosen, now: Now) -> Iterator[_Said]:
    """Rules that are asked no more, or count for less, or have other parameters."""
    old, new = before.plan, now.chosen.plan
    then, today = old.rules, new.rules
    gone = sorted(then.keys() - today.keys())
    key = "profile" if before.profile != now.chosen.profile else "rules"
    if gone:
        yield f"{_listed(gone)} no longer asked", *now.line(key)
    both = sorted(then.keys() & today.keys())
    lower = [it for it in both if new.severity(it) < old.severity(it)]
    if lower:
        yield f"{_listed(lower)} less severe than before", *now.line("rules")
    given = [_params(it) for it in (before, now.chosen)]
    other = [it for it in both if given[0].get(it) != given[1].get(it)]
    if other:
        yield f"{_listed(other)} asked with other parameters", *now.line("rules")
    if old.minor != new.minor:
        said = f"Kubernetes 1.{new.minor} is asked about, not 1.{old.minor}"
        yield said, *now.line("kubernetes-version")


def _params(chosen: Chosen) -> dict[str, Any]:
    """The parameters that are set, by rule."""
    settings: Any = chosen.fingerprint[-1]
    return {rule: it["params"] for rule, it in settings if it.get("params")}


def _listed(rules: Sequence[str]) -> str:
    more = len(rules) - _NAMED
    named = ", ".join(rules[:_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"{named} {'is' if len(rules) == 1 else 'are'}"


def _settings(before: Config, now: Now) -> Iterator[_Said]:
    config = now.config
    if NAMES.index(config.fail_on) > NAMES.index(before.fail_on):
        yield f"fails at {config.fail_on}, not at {before.fail_on}", *now.line("fail-on")
    for key, less in (
        ("exclude", sorted(set(config.exclude) - set(before.exclude))),
        ("include", _fewer(before.include, config.include)),
        ("imports", [it for it, _ in set(config.imports or ()) - set(before.imports or ())]),
    ):
        if less:
            yield f"{key} has what it had not: {', '.join(less)}", *now.line(key)
    profiles = (now.options.profile or it.profile for it in (before, config))
    caps = [it.cap(name) for it, name in zip((before, config), profiles, strict=True)]
    if caps[1] > caps[0]:
        yield f"comments may excuse up to {NAMES[caps[1]]}", *now.line("comments")
    gone = [f"{it.name} of {it.chart or it.overlay}" for it in before.environments]
    there = {f"{it.name} of {it.chart or it.overlay}" for it in config.environments}
    left_out = [it for it in gone if it not in there and os.path.exists(it.rpartition(" of ")[2])]
    if left_out and config.environments:
        yield f"environments has no more {', '.join(left_out)}", *now.line("environments")
    roots = _fewer(before.kustomize_roots, config.kustomize_roots)
    if roots:
        yield f"kustomize.roots has what it had not: {', '.join(roots)}", *now.line("kustomize")
    if _governing(before) - _governing(config):
        yield "locks or approvers are not what they were", *now.line("approvers")


def _fewer(before: Iterable[str], after: Iterable[str]) -> list[str]:
    then, now = set(before), set(after)
    return sorted(now) if now and now != then and not (then and then < now) else []


def _governing(config: Config) -> set[str]:
    locks = {f"{key}={value}" for it in config.locks for key, value in _locked(it)}
    return locks | {f"{it.key}: {sorted(it.allowed)}" for it in config.approvers}


def _locked(it: object) -> Iterator[tuple[str, object]]:
    for key in ("profile", "fail_on", "comments", "approvers", "waiver_days"):
        yield key, getattr(it, key)
    yield from (("rule", rule) for rule in getattr(it, "rules", ()))


def _waivers(before: Config, now: Now) -> Iterator[_Said]:
    for it in now.config.waivers:
        how = difference(it, before.waivers)
        if how:
            end = f", until {it.expires}" if it.expires else ""
            said = f"the waiver of {', '.join(it.rule)} for {it.about} was {how}{end}"
            yield f"{said}: {it.reason}", it.file, it.line


def _comments(
    now: Now, evaluations: tuple[Evaluation, Evaluation], touched: Touched
) -> Iterator[_Said]:
    """Comments and annotations that excuse something, and were not there."""
    used = _used(evaluations[1])
    fresh = [it for it in _all(evaluations[1]) if used.get(f"{it.file}:{it.line}")]
    if not fresh:
        return
    names = rule_names([*now.config.rule_folders, *(now.options.rules or [])])
    known = [_logical(it) for it in _all(evaluations[0])]
    for it in fresh:
        if not any(
            _same_file(was, it, touched) and covers(was, _logical(it), names) for was in known
        ):
            number = many(used[f"{it.file}:{it.line}"], "finding")
            yield (
                f"the {it.kind} that excuses {', '.join(it.rules)} is new: {number}",
                (it.file),
                it.line,
            )


def _used(evaluation: Evaluation) -> dict[str, int]:
    found: dict[str, int] = {}
    for excuse in evaluation.excuses.values():
        if excuse.kind != "waiver":
            found[excuse.where] = found.get(excuse.where, 0) + 1
    return found


def _all(evaluation: Evaluation) -> Iterator[Comment]:
    return (it for result in evaluation.files for it in result.comments)


def _logical(it: Comment) -> Comment:
    """The comment of an object that may have moved to another file."""
    return it._replace(object_key=it.object_key.partition("|")[2])


def _same_file(was: Comment, it: Comment, touched: Touched) -> bool:
    """What excuses a whole file excuses no other."""
    return was.scope != "file" or was.file == it.file or _is_new_name(was.file, it.file, touched)


def _is_new_name(was: str, now: str, touched: Touched) -> bool:
    return any(
        then.endswith(was) and today.endswith(now) for then, today in touched.renamed.items()
    )
