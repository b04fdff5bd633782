"""The bytes of files as commits have them: one `git cat-file`, asked for each in turn."""

from __future__ import annotations

import subprocess
from typing import IO, TYPE_CHECKING

from portside.sources.git import environment

if TYPE_CHECKING:
    from types import TracebackType

    from portside.sources.git import Repository

_SKIPPED = 1 << 26
"""A file that is larger than wanted by more than this is left in the pipe, and git ended."""


class Blobs:
    """Blobs of a repository by their names. Ends git when it is left as a context."""

    __slots__ = ("_process", "_repository")

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Blobs:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def content(self, name: str, most: int) -> bytes:
        """The first `most` bytes of the blob called `name`. Raises OSError where it is not here."""
        asking, answering = self._pipes()
        try:
            asking.write(f"{name}\n".encode("ascii"))
            asking.flush()
            head = answering.readline().split()
        except BrokenPipeError:
            head = []
        if len(head) != 3 or head[1] != b"blob":
            if len(head) != 2:  # it says no more than `NAME missing`: else it has died
                self.end()
            raise OSError("this clone does not hold its content")
        size = int(head[2])
        data = answering.read(min(size, most))
        if size - len(data) > _SKIPPED or len(data) < min(size, most):
            self.end()
        else:
            answering.read(size - len(data) + 1)
        if len(data) < min(size, most):
            raise OSError("git ended before its content did")
        return data

    def end(self) -> None:
        """End git; the next question starts it again."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - git alone, and no shell
                self._repository.command("cat-file", "--batch"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(),
            )
        asking, answering = self._process.stdin, self._process.stdout
        assert asking is not None  # noqa: S101 - both are pipes
        assert answering is not None  # noqa: S101
        return asking, answering
