"""Comments and annotations since a revision, and whether an approver agreed to each."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from portside.cli.excuses import Reach
from portside.cli.waivers_base import Asked, Told, approved_by_another
from portside.model.severity import NAMES
from portside.sources.ignores import ignores_of
from portside.sources.read import parsed, read_file
from portside.sources.walk import Found, find

if TYPE_CHECKING:
    import argparse

    from portside.model.finding import Comment
    from portside.policy.names import RuleNames

_MARK = b"portside"


def new_comments(options: argparse.Namespace, asked: Asked) -> tuple[list[Told], int]:
    """The comments since the fork that lack an approver, and how many are new since then."""
    config, repository = asked.config, asked.repository
    changed = repository.changed(asked.fork)
    least = NAMES.index(asked.approve_comments)
    told: list[Told] = []
    fresh = 0
    for item in find(options.paths, ignores_of(*config.selection(options)), config.folder):
        path = repository.below(item.path) if isinstance(item, Found) else None
        if not isinstance(item, Found) or path not in changed:
            continue
        known = _at_fork(changed[path], item, asked)
        for comment in read_file(item, config.limits).comments:
            reach = Reach(comment, asked.names)
            if not reach.valid or any(covers(it, comment, asked.names) for it in known):
                continue
            fresh += 1
            told += _about(reach, least, path, asked)
    return told, fresh


def _at_fork(path: str, item: Found, asked: Asked) -> tuple[Comment, ...]:
    """The comments of the file as of the fork."""
    data = asked.repository.content(asked.fork, path)
    if data is None or _MARK not in data.replace(b"\0", b""):
        return ()
    # By its name of today, so that what its objects are called in identities is the same.
    return parsed(data, item, asked.config.limits).comments


def covers(wide: Comment, narrow: Comment, names: RuleNames) -> bool:
    """Whether all that `narrow` excuses, `wide` excuses as long."""
    if not _ids(narrow, names) <= _ids(wide, names):
        return False
    if wide.until and not (narrow.until and narrow.until <= wide.until):
        return False
    if wide.scope == "file":
        return True
    if wide.object_key != narrow.object_key or narrow.scope == "file":
        return False
    if wide.scope == "object":
        return True
    inside = narrow.path[: len(wide.path)] == wide.path
    if wide.scope == "subtree":
        return inside and narrow.scope != "object"
    return narrow.scope == "field" and narrow.path == wide.path


def _ids(it: Comment, names: RuleNames) -> set[str]:
    return {rule for name in it.rules for rule in (names.named(name) or (name,))}


def _about(reach: Reach, least: int, path: str, asked: Asked) -> Iterator[Told]:
    it = reach.comment
    rules = sorted({rule for ids in reach.rules.values() for rule in ids})
    needed = [(rule, who) for rule, who in asked.needed(rules) if asked.severity(rule) >= least]
    if not needed:
        return
    commit = asked.repository.added_by(path, it.line, asked.fork)
    for rule, allowed in needed:
        if commit is None:
            why = "it is not committed, so nobody is known to have agreed"
        elif approved_by_another(commit, allowed):
            continue
        else:
            why = (
                f"its commit {commit.name[:12]} by {commit.author} has no Approved-by: or "
                f"Reviewed-by: of {_others(allowed.allowed)} ({allowed.where})"
            )
        said = f"the {it.kind} that excuses {', '.join(it.rules)} is new: {rule} needs approval; "
        yield Told(
            f"{said}{why}", ", ".join(it.rules), os.path.normpath(it.file), it.line, it.column
        )
        return


def _others(allowed: Sequence[str]) -> str:
    return ", ".join(allowed)
