"""Which configuration a file has, and the plan that follows from it; kept until a file changes.

`portside.yaml` is found as for `portside scan FILE`: the nearest at or above the file. Folders of a
workspace play no part in it, so that any number of them may be open.
"""

from __future__ import annotations

import argparse
import copy
import os
from collections.abc import Iterator, Sequence

from portside.cli.cache_folder import cache_folder
from portside.cli.config import Config, load_config, nearest
from portside.cli.plan import Chosen, choose
from portside.errors import ExpectedError
from portside.model.rule_text import RuleText
from portside.policy import builtin
from portside.records import NamedTuple
from portside.sources.patterns import Patterns

Stamp = tuple[tuple[str, int, int], ...]
"""What tells a state of the files behind a plan from another: path, time of change and size."""


class Project:
    """A configuration that was read, the plan it makes, and the words of the plan's rules."""

    __slots__ = ("_exclude", "_home", "_include", "_options", "_texts", "chosen", "config")

    def __init__(self, config: Config, chosen: Chosen, options: argparse.Namespace) -> None:
        self.config = config
        self.chosen = chosen
        self._options = options
        self._texts = {**builtin.texts(), **(chosen.texts or {})}
        self._home = os.path.realpath(config.folder) if config.file else ""
        self._include = Patterns(config.include) if config.include else None
        self._exclude = Patterns(config.exclude) if config.exclude else None

    def options(self, path: str) -> argparse.Namespace:
        """The options of `portside scan PATH`."""
        options = copy.copy(self._options)
        options.paths = [path]
        return options

    @property
    def profile(self) -> str:
        name: str = self._options.profile or self.config.profile
        return name

    def words(self, rule: str) -> RuleText | None:
        """The words of `rule`, if it has any."""
        return self._texts.get(rule)

    def leaves_out(self, path: str) -> bool:
        """Whether `include` and `exclude` of `portside.yaml` keep `path` out of a scan."""
        if not self._home:
            return False
        below = os.path.relpath(os.path.realpath(path), self._home).replace(os.sep, "/")
        if below.startswith("../"):
            return False
        if self._exclude is not None and self._exclude.cover(below, False):
            return True
        return self._include is not None and not self._include.cover(below, False)


class _Kept(NamedTuple):
    stamp: Stamp
    files: tuple[str, ...]
    """The `portside.yaml` and what it extends."""
    folders: tuple[str, ...]
    """The folders of own rules."""
    outcome: Project | ExpectedError


class Projects:
    """The projects of all open files, by their `portside.yaml`. `options` are those of a scan."""

    __slots__ = ("_kept", "_options")

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._kept: dict[str, _Kept] = {}

    def of(self, path: str) -> Project:
        """The project of the file `path`. Raises ExpectedError where its configuration is unsound.

        A file that changed since is noticed by its time and size, so that no client has to tell.
        """
        file = self._options.config or nearest([path])
        key = os.path.abspath(file) if file else ""
        kept = self._kept.get(key)
        if kept is None or kept.stamp != _stamp(kept.files, kept.folders):
            kept = self._kept[key] = self._loaded(file, path)
        if isinstance(kept.outcome, ExpectedError):
            raise kept.outcome
        return kept.outcome

    @property
    def own_folders(self) -> Sequence[str]:
        """The folders of own rules that the command line names."""
        return tuple(self._options.rules or ())

    def forget(self) -> None:
        """Read every configuration anew: a file behind one of them changed."""
        self._kept.clear()

    def folders(self) -> Iterator[str]:
        """The folders of own rules that are in use."""
        # A copy: where texts are judged, another may be added at this very moment.
        for kept in list(self._kept.values()):
            yield from kept.folders

    def _loaded(self, file: str, path: str) -> _Kept:
        options = self._options
        folders: tuple[str, ...] = tuple(self.own_folders)
        files: tuple[str, ...] = (file,) if file else ()
        stamp = _stamp(files, folders)
        try:
            config = load_config(file or None, [path], folders)
            folders = (*config.rule_folders, *folders)
            files = tuple(it.file for it in config.sections)
            stamp = _stamp(files, folders)
            if config.locks:
                from portside.cli.locks import hold

                hold(config, options)
            return _Kept(
                stamp, files, folders, Project(config, self._chosen(config, folders), options)
            )
        except ExpectedError as error:
            # What is at fault may be a file behind that one.
            files = (*files, problem_place(error)[0])
            return _Kept(_stamp(files, folders), files, folders, error)

    def _chosen(self, config: Config, folders: Sequence[str]) -> Chosen:
        options = self._options
        return choose(
            options.profile or config.profile,
            options.kubernetes_version or config.kubernetes_version,
            settings=config.rules,
            folders=folders,
            policies=(options.policy or [], options.params or []),
            profiles=config.profiles,
            cache=cache_folder(),
        )


def problem_place(error: ExpectedError) -> tuple[str, int, int]:
    """The file an error of the configuration is about, with line and column; 0 where not known.

    The file is empty where the error is about none: a folder, or an option.
    """
    file, line, column = error.where, 0, 0
    parts = error.where.rsplit(":", 2)
    if len(parts) == 3 and parts[1].isdecimal() and parts[2].isdecimal():
        file, line, column = parts[0], int(parts[1]), int(parts[2])
    return (os.path.abspath(file) if os.path.isfile(file) else ""), line, column


def _stamp(files: Sequence[str], folders: Sequence[str]) -> Stamp:
    paths = list(files)
    for folder in folders:
        for place, below, names in os.walk(folder):
            below[:] = sorted(it for it in below if not it.startswith("."))
            paths += (os.path.join(place, it) for it in sorted(names))
    return tuple(_state(path) for path in paths)


def _state(path: str) -> tuple[str, int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return path, 0, 0
    return path, found.st_mtime_ns, found.st_size
