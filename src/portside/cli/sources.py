"""The files that a command names, read one by one: what `render` and `eval` look at."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from portside.cli.config import Config, load_config
from portside.report.context import shown
from portside.sources.ignores import ignores_of
from portside.sources.read import objects
from portside.sources.walk import find

if TYPE_CHECKING:
    from portside.model.finding import Unread
    from portside.model.reading import Root
    from portside.model.resource import Resource

CLEAN, INCOMPLETE = 0, 3


class Sources:
    """The objects that the options name; what was read and what could not be are counted."""

    __slots__ = ("_allow_unread", "_config", "_options", "files", "objects", "unread")

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._config: Config = load_config(options.config, options.paths)
        self._allow_unread: bool = options.allow_unread
        self.files = self.objects = self.unread = 0

    @property
    def config(self) -> Config:
        return self._config

    def resources(self) -> Iterator[Resource]:
        """Each object in the order of the files; what cannot be read is said on standard error."""
        ignores = ignores_of(*self._config.selection(self._options))
        found = find(self._options.paths or ["."], ignores, self._config.folder)
        for file in objects(found, self._config.limits):
            self.files += 1
            self.objects += len(file.resources)
            for it in file.unread:
                self.say(_by_itself(it, file.root) if file.root is not None else it)
            yield from file.resources

    def say(self, unread: Unread) -> None:
        self.unread += 1
        numbers = [str(number) for number in (unread.line, unread.column) if number]
        sys.stdout.flush()
        sys.stderr.write(f"{':'.join([shown(unread.file), *numbers])}: {shown(unread.reason)}\n")

    def exit_code(self) -> int:
        """3 where something went unread; says so, and where there was nothing to read."""
        if not self.objects:
            files = f"{self.files} file{'' if self.files == 1 else 's'}"
            sys.stderr.write(f"no Kubernetes object in {files}\n")
        if not self.unread or self._allow_unread:
            return CLEAN
        sys.stderr.write(f"{self.unread} not read: the answer is incomplete (exit {INCOMPLETE})\n")
        return INCOMPLETE


def _by_itself(unread: Unread, root: Root) -> Unread:
    """Why what has to be rendered is unread in a folder, where there is a renderer."""
    from portside.render.process import renderer

    if renderer() is None:
        return unread
    what = "a Helm chart" if root.kind == "helm" else "a kustomization"
    reason = f"{what}, which is rendered by itself: portside render {root.name}"
    return unread._replace(reason=reason)


def add_allow_unread(made: argparse._ActionsContainer) -> None:
    made.add_argument("--allow-unread", action="store_true", help="accept what could not be read")
