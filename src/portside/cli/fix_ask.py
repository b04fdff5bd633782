"""Edits shown as differences, and the question on a terminal whether to make each."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from difflib import unified_diff
from typing import TYPE_CHECKING

from portside.report.context import shown
from portside.syntax.read import decode

if TYPE_CHECKING:
    from portside.fixes.outcome import Proposal, Texts

_NO_NEWLINE = "\\ No newline at end of file"
_HELP = "y: make this edit  n: do not  a: make this and all that follow  q: none that follow\n"


def difference(name: str, before: bytes, after: bytes) -> Iterator[str]:
    """The unified diff of a file, as `git apply` and `patch -p1` read it."""
    old, new = (_lines(data) for data in (before, after))
    begin, end = (f"{side}/{name.lstrip('/')}" for side in ("a", "b"))
    for line in unified_diff(old, new, begin, end):
        yield line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}\n"


def _lines(data: bytes) -> list[str]:
    """The lines of a text with their ends; a carriage return alone ends none."""
    parts = decode(data)[0].split("\n")
    return [*(f"{it}\n" for it in parts[:-1]), *([parts[-1]] if parts[-1] else [])]


class Question:
    """Asks about each edit, until one answer is for all."""

    __slots__ = ("_all", "_none")

    def __init__(self) -> None:
        self._all = self._none = False

    def __call__(self, proposal: Proposal, before: Texts, after: Texts) -> bool:
        """Whether to make the edit that is the difference between the files before and after."""
        if self._all or self._none:
            return self._all
        it = proposal.finding
        unsafe = "" if it.mends == "safe" else " (unsafe: it may break what runs)"
        _say([f"\n{it.file}:{it.line}: {it.rule}: {it.message}{unsafe}\n"])
        for name in sorted(after):
            _say(difference(name, before[name], after[name]))
        return self._answered()

    def _answered(self) -> bool:
        while True:
            _say(["make this edit? [y/n/a/q] "])
            answer = sys.stdin.readline()
            word = answer.strip().lower()
            if not answer or word in ("q", "quit"):
                self._none = True
                return False
            if word in ("a", "all"):
                self._all = True
            if word in ("y", "yes", "a", "all"):
                return True
            if word in ("n", "no"):
                return False
            _say([_HELP])


def _say(parts: Iterable[str]) -> None:
    for part in parts:
        lines = part.split("\n")
        sys.stderr.write("\n".join(shown(line.rstrip("\r")) for line in lines))
    sys.stderr.flush()
