"""When a document is judged: a moment after its last change, and one of it at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

_SHORTEST, _LONGEST = 0.005, 0.3
_QUICK = 0.1
"""Seconds: what takes less is done between two keystrokes of a fast typist."""


def delay_after(took: float) -> float:
    """How long to wait for the next keystroke, where judging the last text took so long."""
    return _SHORTEST if took < _QUICK else min(took, _LONGEST)


class Schedule:
    """Runs `work` for documents by their URI; while it runs for one, later calls for it are one."""

    __slots__ = ("_again", "_running", "_timers", "_work")

    def __init__(self, work: Callable[[str], Awaitable[None]]) -> None:
        self._work = work
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()

    def soon(self, uri: str, delay: float = 0.0) -> None:
        """Have `uri` worked on after `delay` seconds without another call for it."""
        self.drop(uri)
        loop = asyncio.get_running_loop()
        self._timers[uri] = loop.call_later(delay, self._begin, uri)

    def drop(self, uri: str) -> None:
        """Let what was to come for `uri` not come."""
        self._again.discard(uri)
        timer = self._timers.pop(uri, None)
        if timer is not None:
            timer.cancel()

    async def settled(self, uri: str) -> None:
        """Wait until nothing is to be done for `uri`; what was to be done later is done now."""
        while uri in self._timers or uri in self._running:
            if uri in self._timers:
                self.drop(uri)
                self._begin(uri)
            await asyncio.shield(self._running[uri])

    def _begin(self, uri: str) -> None:
        self._timers.pop(uri, None)
        if uri in self._running:
            self._again.add(uri)
        else:
            self._running[uri] = asyncio.get_running_loop().create_task(self._run(uri))

    async def _run(self, uri: str) -> None:
        try:
            await self._work(uri)
        finally:
            del self._running[uri]
            if uri in self._again:
                self._again.discard(uri)
                self._begin(uri)
