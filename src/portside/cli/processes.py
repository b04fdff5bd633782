"""Stage A in several processes: each takes the next few files until none is left (D13).

The numbers of the files lie in a pipe that all processes read. What a forked one finds it sends as
plain tuples while it works on, and this process unpacks that between its own files. Nothing waits
but for the last few files of another, and one that dies costs no more than that its files are
judged again here.
"""

from __future__ import annotations

import marshal
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portside.cli.progress import Progress
    from portside.cli.stage_a import Item, StageA
    from portside.model.finding import FileResult

_FEWEST = 4
"""Files that a process takes at a time: few, so that all end at about the same time."""
_MOST_SLICES = 1000
"""Their numbers must fit into a pipe before anybody reads it: into the one page that is sure."""
_NUMBER = 4
"""Bytes of a number."""
_READ = 1 << 16
"""Bytes read at a time: what a pipe holds."""


class Parallel:
    """Forked processes, and this one, that judge `items` together."""

    __slots__ = ("children", "items", "numbers", "results", "size", "stage")

    def __init__(self, items: Sequence[Item], stage: StageA) -> None:
        self.items = items
        self.stage = stage
        self.size = max(_FEWEST, -(-len(items) // _MOST_SLICES))
        self.numbers = -1
        """The pipe that holds where the slices begin that nobody took yet."""
        self.children: list[_Child] = []
        self.results: list[FileResult | None] = [None] * len(items)

    def run(self, processes: int, progress: Progress) -> list[FileResult]:
        """The results of all items, in their order."""
        try:
            self.numbers = _filled(range(0, len(self.items), self.size))
            for _ in range(1, processes):
                self.children.append(self._start())
            self._work(progress)
            while self.children:
                self._keep(self.children[0].rest(), progress)
                self.children.pop(0).end()
        except BaseException:
            # Whatever ends the scan ends its processes: an interrupt, or a reader that has gone.
            from signal import SIG_IGN, SIGINT, signal

            # A second Ctrl-C may not leave one of them behind.
            signal(SIGINT, SIG_IGN)
            for child in self.children:
                child.kill()
            raise
        os.close(self.numbers)
        return [self._settled(at, it) for at, it in enumerate(self.results)]

    def _work(self, progress: Progress) -> None:
        for slice_ in self._taken():
            for at in slice_:
                self.results[at] = self._settled(at, None)
                progress.step()
            for child in self.children:
                self._keep(child.sent(), progress)

    def _settled(self, at: int, result: FileResult | None) -> FileResult:
        """The result of the item at `at`, which is judged here where nobody else did."""
        if result is not None:
            return result
        item = self.items[at]
        return self.stage.settled(item, self.stage.answer(item))

    def _keep(self, frames: Iterator[tuple[int, list[Any]]], progress: Progress) -> None:
        for begin, answers in frames:
            for at, (key, packed) in enumerate(answers, begin):
                self.results[at] = self.stage.received(self.items[at], key, packed)
                progress.step()

    def _taken(self) -> Iterator[range]:
        """The positions of the items that this process is to judge, a slice after the other."""
        while number := os.read(self.numbers, _NUMBER):
            begin = int.from_bytes(number, "little")
            yield range(begin, min(begin + self.size, len(self.items)))

    def _start(self) -> _Child:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid:
            os.close(writing)
            return _Child(pid, reading)
        try:
            # Who reads must be the first process alone: when it is gone, so are the others.
            for pipe in (reading, *(it.pipe for it in self.children)):
                os.close(pipe)
            self._send(writing)
        finally:
            os._exit(0)

    def _send(self, pipe: int) -> None:
        """Judge, and send at once as much as the pipe takes: a full one may halt nobody."""
        os.set_blocking(pipe, False)
        left = b""
        for slice_ in self._taken():
            answers = [self.stage.sendable(self.items[at]) for at in slice_]
            data = marshal.dumps((slice_.start, answers))
            left = _unsent(pipe, left + len(data).to_bytes(_NUMBER, "little") + data)
        os.set_blocking(pipe, True)
        while left:
            left = _unsent(pipe, left)


class _Child:
    """A forked process, seen from here, and what it sent that is no whole frame yet."""

    __slots__ = ("data", "pid", "pipe")

    def __init__(self, pid: int, pipe: int) -> None:
        self.pid = pid
        self.pipe = pipe
        self.data = bytearray()
        os.set_blocking(pipe, False)

    def sent(self) -> Iterator[tuple[int, list[Any]]]:
        """What has come by now: the position of a first item, and the answers from there on."""
        try:
            while more := os.read(self.pipe, _READ):
                self.data += more
                yield from self._frames()
        except BlockingIOError:
            return

    def rest(self) -> Iterator[tuple[int, list[Any]]]:
        """All that is still to come."""
        os.set_blocking(self.pipe, True)
        return self.sent()

    def _frames(self) -> Iterator[tuple[int, list[Any]]]:
        begin = 0
        while begin + _NUMBER <= len(self.data):
            end = begin + _NUMBER + int.from_bytes(self.data[begin : begin + _NUMBER], "little")
            if end > len(self.data):
                break
            frame = self.data[begin + _NUMBER : end]
            begin = end
            yield marshal.loads(frame)  # noqa: S302 - written by our own process
        del self.data[:begin]

    def end(self) -> None:
        os.close(self.pipe)
        os.waitpid(self.pid, 0)

    def kill(self) -> None:
        from signal import SIGKILL

        os.kill(self.pid, SIGKILL)
        os.waitpid(self.pid, 0)


def _filled(numbers: range) -> int:
    """The reading end of a pipe that holds these numbers and will get no more."""
    reading, writing = os.pipe()
    os.write(writing, b"".join(it.to_bytes(_NUMBER, "little") for it in numbers))
    os.close(writing)
    return reading


def _unsent(pipe: int, data: bytes) -> bytes:
    """What the pipe did not take of `data`."""
    try:
        return data[os.write(pipe, data) :]
    except BlockingIOError:
        return data
