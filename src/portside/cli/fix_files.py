"""Which files `--fix` may write to, and how: whole or not at all, with their mode."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING

from portside.errors import UsageError
from portside.sources.git import Repository
from portside.sources.read import content
from portside.sources.walk import STDIN, Found

if TYPE_CHECKING:
    from portside.model.reading import ReadFile
    from portside.syntax import Limits

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


class Files:
    """The files that are edited: by their names, as they were and as they are to be."""

    __slots__ = ("_after", "_before", "_found", "_limits", "_refused", "_writable")

    def __init__(
        self, items: Iterable[Found | ReadFile], writable: Writable, limits: Limits
    ) -> None:
        self._found = {it.name: it for it in items if isinstance(it, Found)}
        self._writable = writable
        self._limits = limits
        self._refused: dict[str, str] = {}
        self._before: dict[str, bytes] = {}
        self._after: dict[str, bytes] = {}

    def open(
        self, names: Iterable[str], paths: Mapping[str, str] = MappingProxyType({})
    ) -> dict[str, str]:
        """Read the files; why some cannot be edited, by their names.

        `paths` lead to those that are not scanned themselves.
        """
        fresh = [it for it in names if it not in self._before and it not in self._refused]
        for it in fresh:
            if it not in self._found and it in paths:
                self._found[it] = Found(paths[it], it, given=False)
        self._writable.ask(self._found[it] for it in fresh if it in self._found)
        for it in fresh:
            reason = self._opened(it)
            if reason:
                self._refused[it] = reason
        return self._refused

    def _opened(self, name: str) -> str:
        found = self._found.get(name)
        if found is None:
            return "it is no file that was read"
        reason = self._writable.why_not(found)
        if reason:
            return reason
        try:
            self._before[name] = content(found, self._limits)
        except OSError as error:
            return f"cannot be read: {error.strerror or error}"
        return ""

    def found(self, name: str) -> Found:
        """The file called so."""
        return self._found[name]

    def data(self, name: str) -> bytes:
        """What the file is to hold, with all edits until now."""
        return self._after.get(name, self._before[name])

    def take(self, edited: Mapping[str, bytes]) -> None:
        """Note what files are to hold."""
        self._after |= edited

    def edited(self) -> dict[str, tuple[bytes, bytes]]:
        """The files that are to change, before and after."""
        return {name: (self._before[name], data) for name, data in self._after.items()}

    def texts(self, more: Mapping[str, bytes]) -> dict[str, bytes]:
        """What files are to hold, those of `more` that, by their real paths."""
        edited = {**self._after, **more}
        return {os.path.realpath(self._found[name].path): edited[name] for name in edited}

    def write(self) -> str:
        """Write what was edited; why that could not be, else empty.

        Where a file has changed since it was read, none is written: they belong together.
        """
        for name, data in self._before.items():
            if name in self._after and _holds_other(self._found[name].path, data):
                return f"{name}: it has changed since it was read"
        for name, data in sorted(self._after.items()):
            reason = replace(self._found[name].path, self._before[name], data)
            if reason:
                return f"{name}: {reason}"
        return ""

    @property
    def outside_git(self) -> bool:
        """Whether some file is in no git repository."""
        return self._writable.outside_git


def _holds_other(path: str, data: bytes) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read() != data
    except OSError:
        return True


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
