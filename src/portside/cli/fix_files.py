"""Which files `--fix` may write to, and how: whole or not at all, with their mode."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress

from portside.errors import UsageError
from portside.sources.git import Repository
from portside.sources.walk import STDIN, Found

_AT_ONCE = 200
"""Files that git is asked about at a time."""


class Writable:
    """What is known of the surroundings of the files: repositories, and what git says of them."""

    __slots__ = ("_allow_dirty", "_roots", "_states", "outside_git")

    def __init__(self, paths: Sequence[str], *, allow_dirty: bool) -> None:
        self._allow_dirty = allow_dirty
        self._roots: dict[str, Repository | None] = {}
        self._states: dict[str, str] = {}
        self.outside_git = False
        """Whether some file is in no git repository."""
        for path in paths:
            if path != STDIN:
                folder = path if os.path.isdir(path) else os.path.dirname(path) or "."
                real = os.path.realpath(folder)
                self._roots[real] = _repository(folder)

    def ask(self, files: Iterable[Found]) -> None:
        """Learn what git says of the files."""
        if self._allow_dirty:
            return
        by_root: dict[str, list[str]] = {}
        for it in files:
            real = os.path.realpath(it.path)
            repository = self._root(real)[1]
            if repository is not None:
                by_root.setdefault(repository.root, []).append(real)
        for root, listed in by_root.items():
            for begin in range(0, len(listed), _AT_ONCE):
                self._states |= _states(Repository(root), listed[begin : begin + _AT_ONCE])

    def why_not(self, found: Found) -> str:
        """Why the file may not be edited; empty where it may."""
        if found.path == STDIN:
            return "standard input cannot be edited"
        if os.path.islink(found.path):
            return "it is a symbolic link: edit what it leads to"
        real = os.path.realpath(found.path)
        root, repository = self._root(real)
        if not root:
            return "it is outside the repository that is scanned"
        if repository is None:
            self.outside_git = True
            return ""
        state = self._states.get(real, "")
        return f"{state}: commit it first, or --allow-dirty" if state else ""

    def _root(self, real: str) -> tuple[str, Repository | None]:
        """The folder that edits stay in, of a file: the repository's, else what is scanned."""
        for folder, repository in self._roots.items():
            root = repository.root if repository is not None else folder
            if real.startswith(root.rstrip(os.sep) + os.sep):
                return root, repository
        return "", None


def _repository(folder: str) -> Repository | None:
    try:
        return Repository(folder)
    except UsageError:
        return None


def _states(repository: Repository, files: Sequence[str]) -> dict[str, str]:
    """What git says of those of the files that it could not bring back."""
    names = [f":(top,literal){os.path.relpath(it, repository.root)}" for it in files]
    try:
        out = repository.ask(
            *("status", "--porcelain=v1", "-z", "--untracked-files=all", "--ignored=matching"),
            *("--no-renames", "--", *names),
        )
    except UsageError as error:
        return dict.fromkeys(files, str(error.problem))
    said = {}
    for entry in out.decode("utf-8", "surrogateescape").split("\0"):
        code, name = entry[:2], entry[3:]
        if name:
            file = os.path.join(repository.root, name)
            unknown = code in ("??", "!!")
            said[file] = "git does not have it" if unknown else "it has changes not committed"
            if name.endswith("/"):
                said |= {it: "git does not have it" for it in files if it.startswith(file)}
    return said


def replace(path: str, before: bytes, after: bytes) -> str:
    """Let the file hold `after`; why that could not be, else empty.

    A file that changed since it was read is left as it is.
    """
    fresh = f"{path}.{os.getpid()}.tmp"
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            if file.read() != before:
                return "it has changed since it was read"
        _write(fresh, after, status)
        os.replace(fresh, path)
    except OSError as error:
        return f"cannot be written: {error.strerror or error}"
    finally:
        if os.path.lexists(fresh):
            os.unlink(fresh)
    return ""


def _write(path: str, data: bytes, status: os.stat_result) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if hasattr(os, "chown") and (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
        with suppress(OSError):
            os.chown(path, status.st_uid, status.st_gid)
    os.chmod(path, stat.S_IMODE(status.st_mode))
