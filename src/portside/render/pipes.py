"""A line to a process and a line back, in bounded time and size."""

from __future__ import annotations

import os
import queue
import selectors
import threading
import time
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

_PIECE = 1 << 16
_LONGEST_SAID = 1 << 14


class OverLimitError(Exception):
    """The process took too long or said too much; the text says which."""


class Exchange:
    """The pipes of a process that answers each line with a line.

    On POSIX one selector watches the three pipes: threads would make a later fork unsafe. Where
    pipes cannot be watched, a thread reads each.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        pipes = (process.stdin, process.stdout, process.stderr)
        self._in, self._out, self._err = (pipe for pipe in pipes if pipe is not None)
        self._said = b""
        self._rest = b""
        self._threads = None if os.name == "posix" else _Threads(self._out, self._err)
        if self._threads is None:
            for pipe in (self._in, self._out, self._err):
                os.set_blocking(pipe.fileno(), False)

    def ask(self, line: bytes, seconds: float, most: int) -> bytes:
        """The answer to the line; empty where the process ended. Raises OverLimitError."""
        if self._threads:
            return self._threads.ask(self._in, line, seconds)
        deadline = time.monotonic() + seconds
        with selectors.DefaultSelector() as watched:
            watched.register(self._in, selectors.EVENT_WRITE)
            watched.register(self._out, selectors.EVENT_READ)
            watched.register(self._err, selectors.EVENT_READ)
            return self._watch(watched, memoryview(line), deadline, most)

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

    def _watch(
        self, watched: selectors.BaseSelector, line: memoryview, deadline: float, most: int
    ) -> bytes:
        pieces = [self._rest]
        while b"\n" not in pieces[-1]:
            left = deadline - time.monotonic()
            if left <= 0:
                raise OverLimitError("rendering takes longer than it may")
            ready = {key.fileobj for key, _ in watched.select(left)}
            if self._in in ready:
                line = self._send(watched, line)
            if self._err in ready:
                self._hear(watched)
            if self._out in ready:
                pieces.append(self._out.read(_PIECE) or b"")
                if not pieces[-1]:
                    return b""
                most -= len(pieces[-1])
            if most < 0:
                raise OverLimitError("what was rendered is larger than it may be")
        whole, self._rest = b"".join(pieces).split(b"\n", 1)
        return whole

    def _send(self, watched: selectors.BaseSelector, line: memoryview) -> memoryview:
        try:
            line = line[os.write(self._in.fileno(), line[:_PIECE]) :]
        except BlockingIOError:
            return line
        except OSError:
            # It ended: what it said to the end is still read.
            watched.unregister(self._in)
            return line
        if not line:
            watched.unregister(self._in)
        return line

    def _hear(self, watched: selectors.BaseSelector | None = None) -> bool:
        piece = self._err.read(_PIECE)
        if piece:
            # A crash of Go begins with its reason, and goes on with its stacks.
            self._said = (self._said + piece)[:_LONGEST_SAID]
        elif watched:
            watched.unregister(self._err)
        return bool(piece)


class _Threads:
    """Threads that read where a selector cannot watch pipes."""

    def __init__(self, out: IO[bytes], err: IO[bytes]) -> None:
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._said = b""
        threading.Thread(target=self._read, args=(out,), daemon=True).start()
        threading.Thread(target=self._hear, args=(err,), daemon=True).start()

    def ask(self, into: IO[bytes], line: bytes, seconds: float) -> bytes:
        try:
            into.write(line)
            return self._lines.get(timeout=seconds).rstrip(b"\n")
        except OSError:
            return b""
        except queue.Empty:
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
