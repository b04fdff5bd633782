"""`extends:`, the files that a configuration builds on, nearest first.

A file comes before what it extends, and of several that it extends the last comes first. A file
that is reached twice counts where it is nearest.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from portside.errors import ConfigError
from portside.policy.section import Section, open_section
from portside.records import NamedTuple

if TYPE_CHECKING:
    from portside.vendor.vendored import Vendored

NAME = "portside.yaml"
MOST_FILES, DEEPEST = 50, 10
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|[^/]*@[^/]*:|git@|github\.com/")
_FETCH = "portside vendor fetches it once, and pins it in portside.lock"
Read = Callable[[str], bytes]


class Chain(NamedTuple):
    """A configuration with all that it builds on."""

    sections: tuple[Section, ...]
    """Nearest first."""
    packs: tuple[tuple[str, ...], ...]
    """For each of them the folders of rules that it extends."""


class Files(NamedTuple):
    """Where what is extended is looked for. `strict` is whether what is missing is an error."""

    content: Read
    is_file: Callable[[str], bool] = os.path.isfile
    strict: bool = True


def chain(section: Section, files: Files) -> Chain:
    """`section` with all that it extends.

    Raises ConfigError, which names file, line and key.
    """
    made = _Chain(files)
    made.add(section, ())
    packs = tuple(tuple(it) for it in made.packs)
    return Chain(tuple(made.sections), packs)


class _Chain:
    __slots__ = ("_files", "_known", "_vendored", "packs", "sections")

    def __init__(self, files: Files) -> None:
        self.sections: list[Section] = []
        self.packs: list[list[str]] = []
        self._files = files
        self._known: set[str] = set()
        self._vendored: Vendored | None = None

    def add(self, section: Section, around: tuple[str, ...]) -> None:
        """Put `section` and what it extends at the end. `around` are the files that lead to it."""
        here = os.path.realpath(section.file)
        self._known.add(here)
        self.sections.append(section)
        packs: list[str] = []
        self.packs.append(packs)
        given = list(enumerate(section.texts("extends")))
        for index, text in reversed(given):
            try:
                file = self._target(section, text, index)
                if file.endswith(os.sep):
                    packs.insert(0, file.rstrip(os.sep) or os.sep)
                else:
                    self._extend(section, file, index, (*around, here))
            except ConfigError:
                if self._files.strict:
                    raise

    def _extend(self, section: Section, file: str, index: int, around: tuple[str, ...]) -> None:
        real = os.path.realpath(file)
        if real in around:
            names = [os.path.relpath(it) for it in (*around[around.index(real) :], real)]
            _refuse(section, index, f"leads back to itself: {' → '.join(names)}")
        if real in self._known:
            return
        if len(self._known) >= MOST_FILES or len(around) > DEEPEST:
            limits = f"{MOST_FILES} files, {DEEPEST} one behind another"
            _refuse(section, index, f"builds on too much: no more than {limits}")
        read = _now if self._inside(file) else self._files.content
        self.add(open_section(read(file), file, ConfigError), around)

    def _target(self, section: Section, text: str, index: int) -> str:
        """The file that is meant; a folder of rules has a slash at its end."""
        if not text.strip():
            _refuse(section, index, "may not be empty")
        path, is_file = _beside(section, text), self._files.is_file
        around = self._inside(section.file)
        if _ELSEWHERE.match(text[:200]) and not os.path.exists(path):
            path, is_file = self._kept(section, text, index), os.path.isfile
        elif around:
            is_file = os.path.isfile
            if not os.path.realpath(path).startswith(around + os.sep):
                _refuse(section, index, f"{text} leads out of what was vendored")
        for file in (path, os.path.join(path, NAME)):
            if is_file(file):
                return file
        if not os.path.isdir(path):
            hint = f"a path is relative to {section.file}"
            _refuse(section, index, f"there is no file or folder {path}", hint)
        return os.path.join(path, "")

    def _kept(self, section: Section, text: str, index: int) -> str:
        """What was vendored of an address. Raises DigestError where it is not what was pinned."""
        vendored = self._open()
        found = vendored(text) if vendored is not None else None
        if found is not None:
            return found
        if vendored is not None and vendored.is_pinned(text):
            from portside.vendor.faults import LockError

            hint = "portside vendor fetches it again, as it was pinned"
            where = f"{section.file}:{section.line('extends')}"
            raise LockError(
                f"{text} is pinned, and its content is not here", where=where, hint=hint
            )
        _refuse(section, index, f"{text} is not vendored", _FETCH)

    def _open(self) -> Vendored | None:
        """The pins beside the first file, as that was when it was read."""
        if self._vendored is None:
            from portside.cli.cache_folder import cache_folder
            from portside.sources.lock import nearest
            from portside.vendor.lock import parse_lock
            from portside.vendor.vendored import Vendored

            file = nearest(os.path.dirname(self.sections[0].file), self._files.is_file)
            if file:
                lock = parse_lock(self._files.content(file), file)
                self._vendored = Vendored(lock, cache_folder())
        return self._vendored

    def _inside(self, file: str) -> str:
        """The folder of vendored content that the file is in; empty where it is in none."""
        return self._vendored.holds(file) if self._vendored is not None else ""


def _now(file: str) -> bytes:
    from portside.cli.config import content

    return content(file)


def _beside(section: Section, text: str) -> str:
    return os.path.normpath(os.path.join(os.path.dirname(section.file), text))


def _refuse(section: Section, index: int, problem: str, hint: str = "") -> NoReturn:
    steps = ("extends", index) if type(section.value["extends"]) is list else ("extends",)
    section.reject(problem, *steps, hint=hint)
