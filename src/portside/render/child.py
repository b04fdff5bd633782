"""The renderer as a child of this process, started without loading what starts any program.

Where a program cannot be started so (not on POSIX, or a standard stream is closed), `subprocess`
starts it.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import IO, Protocol

    class Child(Protocol):
        """A started program and its pipes."""

        pid: int
        stdin: IO[bytes]
        stdout: IO[bytes]
        stderr: IO[bytes]

        def poll(self) -> int | None:
            """How it ended; None where it runs."""

        def within(self, seconds: float) -> int | None:
            """How it ended in that time; None where it did not."""

        def kill(self) -> None:
            """Ends it, and waits for that."""

        def disown(self) -> None:
            """It is the child of another process: nobody waits for it here."""


_TICK = 0.005
_STREAMS = 3


def start(command: Sequence[str], environment: Mapping[str, str]) -> Child:
    """The running program. Raises OSError."""
    if os.name == "posix" and hasattr(os, "posix_spawn"):
        pipes = [os.pipe() for _ in range(_STREAMS)]
        try:
            if min(min(it) for it in pipes) >= _STREAMS:
                return _Spawned(_spawned(command, environment, pipes), pipes)
        except OSError:
            for it in pipes:
                os.close(it[0])
                os.close(it[1])
            raise
        for it in pipes:
            os.close(it[0])
            os.close(it[1])
    from portside.render.popen import Opened

    return Opened(command, environment)


def _spawned(
    command: Sequence[str], environment: Mapping[str, str], pipes: Sequence[tuple[int, int]]
) -> int:
    # What `signal` adds to it takes time to load.
    from _signal import SIGPIPE  # type: ignore[import-not-found]

    theirs = (pipes[0][0], pipes[1][1], pipes[2][1])
    return os.posix_spawn(
        command[0],
        list(command),
        dict(environment),
        file_actions=[(os.POSIX_SPAWN_DUP2, it, at) for at, it in enumerate(theirs)],
        # Python ignores it, and so would the program.
        setsigdef=(SIGPIPE,),
    )


class _Spawned:
    """What `posix_spawn` started."""

    def __init__(self, pid: int, pipes: Sequence[tuple[int, int]]) -> None:
        (its_in, our_in), (our_out, its_out), (our_err, its_err) = pipes
        for theirs in (its_in, its_out, its_err):
            os.close(theirs)
        self.pid = pid
        self.stdin: IO[bytes] = open(our_in, "wb", 0)  # noqa: SIM115 - closed by `Exchange`
        self.stdout: IO[bytes] = open(our_out, "rb", 0)  # noqa: SIM115
        self.stderr: IO[bytes] = open(our_err, "rb", 0)  # noqa: SIM115
        self._code: int | None = None

    def poll(self) -> int | None:
        return self._ended(os.WNOHANG)

    def within(self, seconds: float) -> int | None:
        deadline = time.monotonic() + seconds
        while (code := self.poll()) is None and time.monotonic() < deadline:
            time.sleep(_TICK)
        return code

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, 9)
            self._ended(0)

    def disown(self) -> None:
        self._code = 0

    def _ended(self, options: int) -> int | None:
        if self._code is None:
            try:
                pid, status = os.waitpid(self.pid, options)
            except ChildProcessError:
                self._code = 0
            else:
                if pid:
                    self._code = os.waitstatus_to_exitcode(status)
        return self._code
