"""`extends:`, the files that a configuration builds on, nearest first.

A file comes before what it extends, and of several that it extends the last comes first. A file
that is reached twice counts where it is nearest.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import NamedTuple, NoReturn

from portside.errors import ConfigError
from portside.policy.section import Section, open_section

NAME = "portside.yaml"
MOST_FILES, DEEPEST = 50, 10
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|[^/]*@[^/]*:|git@|github\.com/")
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
    __slots__ = ("_files", "_known", "packs", "sections")

    def __init__(self, files: Files) -> None:
        self.sections: list[Section] = []
        self.packs: list[list[str]] = []
        self._files = files
        self._known: set[str] = set()

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
                file = _target(section, text, index, self._files.is_file)
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
        self.add(open_section(self._files.content(file), file, ConfigError), around)


def _target(section: Section, text: str, index: int, is_file: Callable[[str], bool]) -> str:
    """The file that is meant; a folder of rules has a slash at its end."""
    if not text.strip():
        _refuse(section, index, "may not be empty")
    if _ELSEWHERE.match(text[:200]) and not os.path.exists(_beside(section, text)):
        hint = "sources in Git and OCI are to come: check it out beside, and write its path"
        _refuse(section, index, f"{text}: only paths can be extended yet", hint)
    path = _beside(section, text)
    for file in (path, os.path.join(path, NAME)):
        if is_file(file):
            return file
    if not os.path.isdir(path):
        hint = f"a path is relative to {section.file}"
        _refuse(section, index, f"there is no file or folder {path}", hint)
    return os.path.join(path, "")


def _beside(section: Section, text: str) -> str:
    return os.path.normpath(os.path.join(os.path.dirname(section.file), text))


def _refuse(section: Section, index: int, problem: str, hint: str = "") -> NoReturn:
    steps = ("extends", index) if type(section.value["extends"]) is list else ("extends",)
    section.reject(problem, *steps, hint=hint)
