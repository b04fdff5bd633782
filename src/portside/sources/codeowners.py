"""CODEOWNERS: who owns a file of a repository, as GitHub and GitLab read it.

The last pattern that matches decides. GitLab's sections (`[Name]`, `^[Name]`, `[Name][2]`) may give
owners to the patterns below them; a pattern without owners says that nobody owns the file.
"""

from __future__ import annotations

import os

from portside.records import NamedTuple
from portside.sources.patterns import Patterns

_LARGEST = 3 << 20
"""Bytes: GitHub reads no larger one."""


class Line(NamedTuple):
    """A pattern and its owners, as they are written."""

    pattern: Patterns
    owners: tuple[str, ...]


class CodeOwners:
    """The lines of one CODEOWNERS file; `root` is the folder of its repository."""

    __slots__ = ("_known", "file", "lines", "root")

    def __init__(self, lines: tuple[Line, ...], root: str, file: str) -> None:
        self.lines = lines
        self.root = root
        self.file = file
        self._known: dict[str, tuple[str, ...]] = {}

    def owners(self, file: str) -> tuple[str, ...]:
        """The owners of the file at `file`, a path from here; none where nobody owns it."""
        found = self._known.get(file)
        if found is None:
            found = self._known[file] = self._asked(file)
        return found

    def _asked(self, file: str) -> tuple[str, ...]:
        below = os.path.relpath(os.path.realpath(file), self.root).replace(os.sep, "/")
        if below.startswith("../"):
            return ()
        for line in reversed(self.lines):
            if line.pattern.cover(below, False):
                return line.owners
        return ()


def code_owners(file: str, root: str) -> CodeOwners | None:
    """The owners that the CODEOWNERS at `file` names; None where it cannot be read.

    `root` is the folder of its repository.
    """
    try:
        with open(file, "rb") as opened:
            text = opened.read(_LARGEST).decode("utf-8", "replace")
    except OSError:
        return None
    return CodeOwners(tuple(parsed(text)), root, file)


def parsed(text: str) -> list[Line]:
    """The lines of a CODEOWNERS file."""
    found = []
    usual: tuple[str, ...] = ()
    for line in text.splitlines():
        words = _words(line)
        if not words:
            continue
        if words[0].startswith(("[", "^[")):
            usual = tuple(it for it in words if it.startswith("@") or "@" in it[1:])
            continue
        found.append(Line(Patterns([words[0]]), tuple(words[1:]) or usual))
    return found


def _words(line: str) -> list[str]:
    """The words before a comment; a blank that a backslash leads is part of its word."""
    words: list[str] = []
    word = ""
    escaped = False
    for letter in line:
        if letter == "#" and not word and not escaped:
            break
        if letter.isspace() and not escaped:
            words.append(word)
            word = ""
        else:
            word += letter
        escaped = letter == "\\" and not escaped
    return [it for it in (*words, word) if it]
