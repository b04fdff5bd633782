"""The keys of a configuration that few have: locks, approvers, suppressions of other tools."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from portside.cli.config import IMPORTED, Config
from portside.errors import UsageError, did_you_mean
from portside.model.severity import NAMES
from portside.policy.approval import read_approvers
from portside.policy.locks import Locks, read_locks
from portside.policy.profile import parse_profile

if TYPE_CHECKING:
    from portside.cli.config import Alone
    from portside.cli.merge import Shared
    from portside.policy.section import Section


def governed(config: Config, section: Section, files: Alone | Shared) -> Config:
    """`config`, read from `section`, with these keys."""
    said = section.value
    approvers = read_approvers(section, files.names()) if "approvers" in said else ()
    least = section.word("approve-comments", NAMES) if "approve-comments" in said else ""
    imports = tuple(_imports(section)) if said.get("imports") is not None else None
    locks: tuple[Locks, ...] = ()
    if "locked" in said:
        locks = (read_locks(section, files.place(section), files.names()),)
        _check_profile(locks[0], config)
    read = config._replace(
        approvers=approvers, approve_comments=least, imports=imports, locks=locks
    )
    return with_defaults(read)


def _imports(section: Section) -> Iterator[tuple[str, str]]:
    """The tools; a map of one names a file: `{kubescape: exceptions.json}`."""
    value = section.value["imports"]
    if type(value) is str:
        value = [value]
    section.check(value, list, "imports")
    for index, item in enumerate(value):
        if type(item) is dict and len(item) == 1:
            tool, file = next(iter(item.items()))
            section.check(file, str, "imports", index, tool)
            path = os.path.normpath(os.path.join(os.path.dirname(section.file), file))
            if not os.path.isfile(path):
                section.reject(f"there is no file {path}", "imports", index, tool)
        else:
            section.check(item, str, "imports", index)
            tool, path = item, ""
        if tool not in IMPORTED:
            hint = f"{did_you_mean(str(tool), IMPORTED)}known: {', '.join(IMPORTED)}"
            section.reject(
                f"{tool}: no tool whose suppressions are known", "imports", index, hint=hint
            )
        yield tool, path


def _check_profile(locks: Locks, config: Config) -> None:
    if not locks.profile:
        return
    try:
        parse_profile(locks.profile, config.profiles)
    except UsageError as error:
        locks.section.reject(error.problem, "profile", hint=error.hint)


def with_defaults(config: Config) -> Config:
    """`config`, where what is locked stands in for what no file says."""
    said = {key for it in config.sections for key, value in it.value.items() if value is not None}
    for it in reversed(config.locks):
        if it.profile and "profile" not in said:
            config = config._replace(profile=it.profile)
        if it.fail_on and "fail-on" not in said:
            config = config._replace(fail_on=it.fail_on)
    return config
