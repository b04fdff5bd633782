"""A line on a terminal that says how far a long scan is; nothing on a pipe or in a short one."""

from __future__ import annotations

import sys
import time

_PATIENCE = 1.0
"""Seconds before the first line: what is done by then needs none."""
_EVERY = 0.1
_FIRST_LOOK = 32
_WIDTH = 30


class Progress:
    """Counts steps of `total`. One costs a subtraction; the clock is looked at now and then."""

    __slots__ = ("_done", "_left", "_next", "_shown", "_stride", "_terminal", "total")

    def __init__(self, total: int) -> None:
        self.total = total
        self._terminal = total > 0 and sys.stderr is not None and sys.stderr.isatty()
        self._stride = _FIRST_LOOK if self._terminal else sys.maxsize
        self._left = self._stride
        self._done = 0
        self._next = time.monotonic() + _PATIENCE if self._terminal else 0.0
        self._shown = False

    def step(self) -> None:
        """One more is done."""
        self._left -= 1
        if not self._left:
            self._look()

    def end(self) -> None:
        """Take the line away; what is written next begins a line of its own."""
        if self._shown:
            self._shown = False
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _look(self) -> None:
        self._done += self._stride
        self._left = self._stride
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _EVERY
        self._shown = True
        sys.stderr.write(f"\r{self._line()}\x1b[K")
        sys.stderr.flush()

    def _line(self) -> str:
        done = min(self._done, self.total)
        filled = _WIDTH * done // self.total
        bar = "#" * filled + "." * (_WIDTH - filled)
        return f"[{bar}] {done:,} of {self.total:,} files"
