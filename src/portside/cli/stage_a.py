"""Stage A of a scan over many files: from the cache, here, or in as many processes as cores."""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from portside.cli.progress import Progress
from portside.engine.stage import judge_file
from portside.engine.wire import pack, unpack
from portside.sources.read import content, parsed, unreadable
from portside.sources.walk import STDIN, Found

if TYPE_CHECKING:
    from portside.cli.cache import Cache
    from portside.engine.plan import Plan
    from portside.model.finding import FileResult
    from portside.model.reading import ReadFile
    from portside.syntax import Limits

    Item = Found | ReadFile

_WORTH_A_PROCESS = 100
"""Files that one more process must have to do, to be worth its start."""
_WORTH_A_CACHE = 40
"""Files for which reading the cache costs less than judging them."""
_SLICE = 8
"""Files that a process takes at a time: neighbours are alike in size, so that work is even."""


class StageA:
    """How files are judged: the plan, the limits, and the cache, if any."""

    __slots__ = ("cache", "limits", "plan")

    def __init__(self, plan: Plan, limits: Limits, cache: Cache | None = None) -> None:
        self.plan = plan
        self.limits = limits
        self.cache = cache

    def answer(self, item: Item) -> tuple[bytes, FileResult | None]:
        """What the plan says of one file, and its key; None in place of what the cache holds."""
        if not isinstance(item, Found):
            return b"", judge_file(item, self.plan)
        try:
            data = content(item, self.limits)
        except OSError as error:
            return b"", judge_file(unreadable(item, error), self.plan)
        key = b""
        if self.cache is not None and item.path != STDIN:
            key = self.cache.key(item.name, item.identity, data)
            if key in self.cache:
                return key, None
        return key, judge_file(parsed(data, item, self.limits), self.plan)

    def settled(self, item: Item, answer: tuple[bytes, FileResult | None]) -> FileResult:
        """The result behind an answer, which the cache keeps from here on."""
        key, result = answer
        if result is None and self.cache is not None:
            result = self.cache.get(key)
            if result is None:
                return self.settled(item, StageA(self.plan, self.limits).answer(item))
        elif key and result is not None and self.cache is not None:
            self.cache.put(key, result)
        assert result is not None  # noqa: S101 - only a cache leaves it out
        return result


def judge_all(
    files: Iterable[Item], plan: Plan, limits: Limits, fingerprint: Sequence[object] | None = None
) -> list[FileResult]:
    """Every file judged, in the order of `files`.

    `fingerprint` is all that decides the results besides the files; without one nothing is cached.
    """
    items = list(files)
    number = sum(1 for item in items if isinstance(item, Found))
    cache = None
    if fingerprint is not None and number >= _WORTH_A_CACHE:
        from portside.cli.cache import Cache

        cache = Cache([*fingerprint, limits])
    stage = StageA(plan, limits, cache)
    kept = len(cache) if cache is not None else 0
    processes = _processes(number - kept)
    progress = Progress(len(items))
    try:
        results = _judged(items, stage, processes, progress)
    finally:
        progress.end()
    if cache is not None:
        cache.save()
    return results


def _judged(
    items: Sequence[Item], stage: StageA, processes: int, progress: Progress
) -> list[FileResult]:
    if processes > 1:
        # What all processes need is loaded before they part.
        stage.plan.of("", "Pod", bears_pods=True)
        return _Parallel(items, stage, processes).run(progress)
    results = []
    for item in items:
        results.append(stage.settled(item, stage.answer(item)))
        progress.step()
    return results


def _processes(files: int) -> int:
    if not sys.platform.startswith("linux"):
        return 1
    return min(len(os.sched_getaffinity(0)), max(1, files // _WORTH_A_PROCESS), 8)


class _Parallel:
    """Forked processes that judge a share each and send it back as plain tuples."""

    __slots__ = ("children", "items", "processes", "stage")

    def __init__(self, items: Sequence[Item], stage: StageA, processes: int) -> None:
        self.items = items
        self.stage = stage
        self.processes = processes
        self.children: list[tuple[int, int]] = []

    def run(self, progress: Progress) -> list[FileResult]:
        try:
            for number in range(1, self.processes):
                self.children.append(self._start(number))
            return self._gathered(progress)
        except BaseException:
            # Whatever ends the scan ends its processes: an interrupt, or a reader that has gone.
            from signal import SIG_IGN, SIGINT, SIGKILL, signal

            # A second Ctrl-C may not leave one of them behind.
            signal(SIGINT, SIG_IGN)
            for pid, _ in self.children:
                os.kill(pid, SIGKILL)
                os.waitpid(pid, 0)
            raise

    def _gathered(self, progress: Progress) -> list[FileResult]:
        stage = self.stage
        results: list[Any] = [None] * len(self.items)
        for at in self._share(0):
            results[at] = stage.settled(self.items[at], stage.answer(self.items[at]))
            for _ in range(self.processes):  # the others are about as far
                progress.step()
        for number in range(1, self.processes):
            pid, pipe = self.children[0]
            received = _received(pipe)
            os.waitpid(pid, 0)
            del self.children[0]
            for at in self._share(number):
                item = self.items[at]
                # A process that died took its answers with it: its files are judged here again.
                answer = next(received, None) or stage.answer(item)
                results[at] = stage.settled(item, answer)
        return results

    def _share(self, number: int) -> list[int]:
        """The positions of the items that process `number` takes."""
        return [at for at in range(len(self.items)) if at // _SLICE % self.processes == number]

    def _start(self, number: int) -> tuple[int, int]:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid:
            os.close(writing)
            return pid, reading
        try:
            os.close(reading)
            made = []
            for at in self._share(number):
                key, result = self.stage.answer(self.items[at])
                made.append(marshal.dumps((key, None if result is None else pack(result))))
            # Sent once all is done: a full pipe would halt this process until it is read.
            with os.fdopen(writing, "wb") as pipe:
                pipe.writelines(made)
        finally:
            os._exit(0)


def _received(pipe: int) -> Iterator[tuple[bytes, FileResult | None]]:
    """What a process sent: all of it is read before the first is given."""
    with os.fdopen(pipe, "rb") as stream:
        data = BytesIO(stream.read())
    return _loaded(data)


def _loaded(data: BytesIO) -> Iterator[tuple[bytes, FileResult | None]]:
    while True:
        try:
            key, packed = marshal.load(data)  # noqa: S302 - written by our own process
        except (EOFError, ValueError, TypeError):
            return
        yield key, None if packed is None else unpack(packed)
