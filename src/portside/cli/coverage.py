"""What a scan looked at, so that nobody is told that an exception is unused which was not asked."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from portside.sources.anchor import below_anchor
from portside.sources.walk import STDIN

if TYPE_CHECKING:
    import argparse

    from portside.policy.waiver import Waiver


class Coverage:
    """The files and folders that were scanned. `home` is the folder of `portside.yaml`."""

    __slots__ = ("_anchored", "_below", "_roots", "home", "narrowed")

    def __init__(self, paths: Sequence[str], home: str, *, narrowed: bool) -> None:
        named = [path for path in paths if path != STDIN]
        self.home = os.path.realpath(home) if home else ""
        self.narrowed = narrowed
        self._below: dict[str, str] = {}
        self._roots = [os.path.realpath(path) for path in named]
        self._anchored = [_anchored(path, home) for path in named]

    def holds(self, waiver: Waiver) -> bool:
        """Whether everything that `waiver` may be about was scanned."""
        if self.narrowed or not self.home:
            return False
        if not waiver.files:
            return self._looked_at(self.home)
        fixed = (os.path.join(self.home, *it.fixed().split("/")) for it in waiver.files)
        return all(self._looked_at(path.rstrip(os.sep)) for path in fixed)

    def holds_file(self, identity_file: str) -> bool:
        """Whether the file of this name in identities was scanned, if it is there at all."""
        if self.narrowed:
            return False
        return any(
            identity_file == it or not it or (it.endswith("/") and identity_file.startswith(it))
            for it in self._anchored
        )

    def below_home(self, file: str) -> str:
        """The path of `file` relative to the folder of `portside.yaml`."""
        if file not in self._below:
            path = os.path.relpath(os.path.realpath(file), self.home or None)
            self._below[file] = path.replace(os.sep, "/")
        return self._below[file]

    def _looked_at(self, path: str) -> bool:
        return any(path == it or path.startswith(it.rstrip(os.sep) + os.sep) for it in self._roots)


def coverage(options: argparse.Namespace, home: str) -> Coverage:
    """What a scan with these options looks at."""
    narrowed = bool(options.include or options.exclude)
    return Coverage(options.paths or ["."], home, narrowed=narrowed)


def _anchored(path: str, home: str) -> str:
    if os.path.isdir(path):
        return below_anchor(path, home)
    return below_anchor(os.path.dirname(path) or ".", home) + os.path.basename(path)
