"""Suppressions of other tools, for `imports` and `portside migrate`: found, and put to rules."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from portside.cli.excuses import Reach
from portside.model.severity import NAMES
from portside.sources.read import content, parsed
from portside.sources.suppressions.inline import inline, may_suppress
from portside.sources.suppressions.model import Suppression
from portside.sources.suppressions.settings import found_in, read_settings
from portside.sources.suppressions.translate import Translated, Translator
from portside.sources.walk import STDIN, Found

if TYPE_CHECKING:
    from portside.cli.config import Config
    from portside.model.finding import Finding
    from portside.policy.names import RuleNames
    from portside.syntax import Limits

NO_RULE = "no rule here says the same"


class Imported(Reach):
    """A suppression of another tool as an excuse."""

    __slots__ = ("_below", "_real", "suppression", "unknown")

    def __init__(self, suppression: Suppression, translator: Translator, names: RuleNames) -> None:
        found: Translated = {}
        self.unknown: list[str] = []
        """The checks that no rule stands for."""
        for check in suppression.checks:
            rules = translator.rules(suppression.tool, check)
            found |= rules
            if not rules:
                self.unknown.append(check)
        comment = suppression.place
        reason = f"{suppression.tool}: {comment.reason or 'no reason was given'}"
        super().__init__(comment._replace(rules=(), reason=reason), names)
        self.comment = self.comment._replace(rules=tuple(found))
        self.rules = dict(found)
        self.suppression = suppression
        self._real = os.path.realpath(suppression.folder)
        self._below: dict[str, str] = {}

    def reaches(self, finding: Finding) -> bool:
        """Whether it is about `finding`."""
        wide = self.suppression.wide
        if wide is None:
            return super().reaches(finding)
        file = self._below.get(finding.file)
        if file is None:
            path = os.path.relpath(os.path.realpath(finding.file), self._real)
            file = self._below[finding.file] = path.replace(os.sep, "/")
        return not file.startswith("../") and wide.reaches(finding, file)


def imported(config: Config, files: Iterable[str], names: RuleNames) -> list[Imported]:
    """The suppressions that `imports` of the configuration asks for, in `files` and in settings.

    Raises ConfigError for settings of another tool that are not well formed.
    """
    wanted = dict(config.imports or ())
    translator = Translator(names)
    found = [*settings(config.imports or (), config.folder or ".")]
    for file in files:
        found += (it for it in in_file(file, config.limits) if it.tool in wanted)
    made = [Imported(it, translator, names) for it in found]
    if config.approve_comments:
        # Nobody can approve what was written for another tool.
        for it in made:
            it.cap = NAMES.index(config.approve_comments) - 1
    return made


def settings(tools: Iterable[tuple[str, str]], folder: str) -> Iterator[Suppression]:
    """What stands in the settings of `tools`, each with a file of its own or an empty text."""
    given: dict[str, list[str]] = {}
    for tool, path in tools:
        given.setdefault(tool, []).append(path)
    listed = [(tool, path) for tool, paths in given.items() for path in paths if path]
    listed += (it for it in found_in(folder) if "" in given.get(it[0], ()))
    for tool, path in dict.fromkeys(listed):
        yield from read_settings(tool, path, folder)


def in_file(file: str, limits: Limits) -> Iterator[Suppression]:
    """What stands in the file itself; nothing where it cannot be read again."""
    item = Found(file, file, given=False)
    if file == STDIN or not os.path.isfile(file):
        return
    try:
        data = content(item, limits)
    except OSError:
        return
    if len(data) <= limits.size and may_suppress(data):
        yield from inline(data, parsed(data, item, limits), limits)
