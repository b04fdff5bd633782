"""A line to a process and a line back, in bounded time and size."""

from __future__ import annotations

import os
import time
from typing import IO, TYPE_CHECKING

try:
    from select import POLLIN, POLLOUT, poll
except ImportError:
    poll = None  # type: ignore[assignment,misc]

if TYPE_CHECKING:
    import queue

    from portside.render.child import Child

_PIECE = 1 << 16
_LONGEST_SAID = 1 << 14


class OverLimitError(Exception):
    """The process took too long or said too much; the text says which."""


class Exchange:
    """The pipes of a process that answers each line with a line.

    On POSIX the three pipes are watched together: threads would make a later fork unsafe. Where
    pipes cannot be watched, a thread reads each.
    """

    def __init__(self, process: Child) -> None:
        self._in, self._out, self._err = process.stdin, process.stdout, process.stderr
        self._said = b""
        self._unsent = memoryview(b"")
        self._pieces = [b""]
        """What came of an answer by now."""
        self._ended = False
        self._silent = False
        """Whether nothing more comes on its standard error."""
        self._threads = None if poll is not None else _Threads(self._out, self._err)
        if self._threads is None:
            for pipe in (self._in, self._out, self._err):
                os.set_blocking(pipe.fileno(), False)

    def send(self, line: bytes) -> None:
        """Send the line; what the pipe does not take now is sent while the answer is awaited."""
        if self._threads:
            self._threads.send(self._in, line)
            return
        self._unsent = memoryview(line)
        self._push()

    def ready(self) -> bool:
        """Whether the answer is there, or the process has ended."""
        if self._threads:
            return self._threads.ready()
        while not self._whole() and not self._ended and self._pump(0):
            pass
        return self._whole() or self._ended

    def answer(self, seconds: float, most: int) -> bytes:
        """The answer to the line; empty where the process ended. Raises OverLimitError."""
        if self._threads:
            return self._threads.answer(seconds)
        deadline = time.monotonic() + seconds
        while not self._whole():
            if self._ended:
                return b""
            left = deadline - time.monotonic()
            if left <= 0:
                raise OverLimitError("rendering takes longer than it may")
            self._pump(left)
            if sum(map(len, self._pieces)) > most:
                raise OverLimitError("what was rendered is larger than it may be")
        whole, rest = b"".join(self._pieces).split(b"\n", 1)
        self._pieces = [rest]
        return whole

    def said(self) -> str:
        """The end of what the process wrote to its standard error."""
        if self._threads:
            return self._threads.said()
        while self._hear():
            pass
        return self._said.decode("utf-8", "replace")

    def close(self) -> None:
        """Closes the pipes."""
        for pipe in (self._in, self._out, self._err):
            try:
                pipe.close()
            except OSError:
                continue

    def _whole(self) -> bool:
        return b"\n" in self._pieces[-1]

    def _pump(self, seconds: float) -> bool:
        """Send, and take what comes, within that time; False where nothing could be done."""
        watched = poll()
        watched.register(self._out, POLLIN)
        if not self._silent:
            watched.register(self._err, POLLIN)
        if self._unsent:
            watched.register(self._in, POLLOUT)
        ready = {descriptor for descriptor, _ in watched.poll(seconds * 1000)}
        if self._in.fileno() in ready:
            self._push()
        if self._err.fileno() in ready:
            self._silent = not self._hear()
        if self._out.fileno() in ready:
            piece = self._out.read(_PIECE) or b""
            self._ended = not piece
            if piece:
                self._pieces.append(piece)
        return bool(ready)

    def _push(self) -> None:
        try:
            while self._unsent:
                sent = os.write(self._in.fileno(), self._unsent[:_PIECE])
                self._unsent = self._unsent[sent:]
        except BlockingIOError:
            return
        except OSError:
            # It ended: what it said to the end is still read.
            self._unsent = memoryview(b"")

    def _hear(self) -> bool:
        piece = self._err.read(_PIECE)
        if piece:
            # A crash of Go begins with its reason, and goes on with its stacks.
            self._said = (self._said + piece)[:_LONGEST_SAID]
        return bool(piece)


class _Threads:
    """Threads that read where a selector cannot watch pipes."""

    def __init__(self, out: IO[bytes], err: IO[bytes]) -> None:
        import queue
        import threading

        self._lines: queue.Queue[bytes] = queue.Queue()
        self._said = b""
        threading.Thread(target=self._read, args=(out,), daemon=True).start()
        threading.Thread(target=self._hear, args=(err,), daemon=True).start()

    def send(self, into: IO[bytes], line: bytes) -> None:
        try:
            into.write(line)
        except OSError:
            # It ended: that is told where its answer would be.
            return

    def ready(self) -> bool:
        return not self._lines.empty()

    def answer(self, seconds: float) -> bytes:
        from queue import Empty

        try:
            return self._lines.get(timeout=seconds).rstrip(b"\n")
        except Empty:
            raise OverLimitError("rendering takes longer than it may") from None

    def said(self) -> str:
        return self._said.decode("utf-8", "replace")

    def _read(self, out: IO[bytes]) -> None:
        pieces: list[bytes] = []
        while piece := out.read(_PIECE):
            pieces.append(piece)
            if b"\n" in piece:
                self._lines.put(b"".join(pieces))
                pieces = []
        self._lines.put(b"")

    def _hear(self, err: IO[bytes]) -> None:
        while piece := err.read(_PIECE):
            self._said = (self._said + piece)[:_LONGEST_SAID]
