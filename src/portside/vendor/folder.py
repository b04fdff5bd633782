"""A folder that is filled from outside: nothing gets out of it, and it stays small."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from posixpath import dirname, join, normpath

from portside.vendor.faults import FetchError

MOST_FILES = 50_000
LARGEST_FILE = 64 << 20
LARGEST = 256 << 20
_LONGEST_PATH = 1_024
_DEEPEST = 64
_PIECE = 1 << 16


class Filled:
    """A new folder at `path`, which must exist and be empty. Raises FetchError, with `where`."""

    __slots__ = ("_files", "_links", "_size", "left_out", "path", "where")

    def __init__(self, path: str, where: str) -> None:
        self.path = path
        self.where = where
        self.left_out: list[str] = []
        """What was not kept: links out of the folder, and submodules."""
        self._files = 0
        self._size = 0
        self._links: list[tuple[str, str]] = []

    def file(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a new file; `name` is its path with `/`."""
        place = self._new(name)
        size = 0
        try:
            with open(place, "xb") as file:
                for piece in pieces:
                    size += len(piece)
                    self._size += len(piece)
                    if size > LARGEST_FILE or self._size > LARGEST:
                        self._refuse(
                            f"unpacks to more than {LARGEST >> 20} MiB, or has a file of "
                            f"more than {LARGEST_FILE >> 20} MiB"
                        )
                    file.write(piece)
        except FileExistsError:
            self._refuse(f"holds {_shown(name)} twice")

    def link(self, name: str, target: str) -> None:
        """A symbolic link, made at the end if it stays in the folder, else left out."""
        place = self._new(name, make=False)
        inside = not target.startswith("/") and "\0" not in target and len(target) <= _LONGEST_PATH
        to = normpath(join(dirname(name), target))
        if inside and to.partition("/")[0] != "..":
            self._links.append((place, target))
        else:
            self.left_out.append(name)

    def finish(self) -> None:
        """Make the links, of which none leads out through another."""
        made = []
        for place, target in self._links:
            try:
                os.makedirs(os.path.dirname(place), exist_ok=True)
                os.symlink(target, place)
            except FileExistsError:
                self._refuse(f"holds {_shown(os.path.relpath(place, self.path))} twice")
            made.append(place)
        root = os.path.realpath(self.path)
        for place in made:
            real = os.path.realpath(place)
            if not (real == root or real.startswith(root + os.sep)) or not os.path.exists(real):
                os.unlink(place)
                self.left_out.append(os.path.relpath(place, self.path).replace(os.sep, "/"))

    def _new(self, name: str, *, make: bool = True) -> str:
        problem = trouble_of_name(name)
        if problem:
            self._refuse(f"holds {_shown(name)}, {problem}")
        self._files += 1
        if self._files > MOST_FILES:
            self._refuse(f"holds more than {MOST_FILES:,} files")
        place = os.path.join(self.path, *name.split("/"))
        if make:
            try:
                os.makedirs(os.path.dirname(place), exist_ok=True)
            except (FileExistsError, NotADirectoryError):
                self._refuse(f"holds {_shown(name)} below what is a file")
        return place

    def _refuse(self, problem: str) -> None:
        raise FetchError(f"its content {problem}", where=self.where)


def leads_out(path: str) -> bool:
    """Whether a path leads out of the folder that it is relative to, or is that folder."""
    return path.startswith("/") or normpath(path).partition("/")[0] in ("..", ".", "")


def trouble_of_name(name: str) -> str:
    """Why nothing is written under this name; empty where it may be."""
    steps = name.split("/")
    if not name or name.startswith("/") or ".." in steps or "" in steps or "." in steps:
        return "which leads out of it"
    if "\\" in name or "\0" in name or steps[0][1:] == ":":
        return "which is no name of a file everywhere"
    if any(it.lower() == ".git" for it in steps):
        return "which belongs to git alone"
    if len(name.encode("utf-8", "surrogateescape")) > _LONGEST_PATH or len(steps) > _DEEPEST:
        return "whose path is too long"
    return ""


def digest_of_folder(path: str) -> str:
    """The digest of all files and links below `path`: of their names and content, sorted.

    Lines of `SHA256  NAME` for files and `link:TARGET  NAME` for links, whose sha256 it is.
    """
    made = hashlib.sha256()
    for name in sorted(_below(path), key=os.fsencode):
        place = os.path.join(path, name)
        if os.path.islink(place):
            said = b"link:" + os.fsencode(os.readlink(place))
        else:
            said = digest_of_file(place).removeprefix("sha256:").encode()
        made.update(said + b"  " + os.fsencode(name.replace(os.sep, "/")) + b"\n")
    return f"sha256:{made.hexdigest()}"


def digest_of_file(path: str) -> str:
    made = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(_PIECE):
            made.update(piece)
    return f"sha256:{made.hexdigest()}"


def _below(path: str) -> Iterator[str]:
    for folder, folders, files in os.walk(path):
        links = [it for it in folders if os.path.islink(os.path.join(folder, it))]
        for name in (*files, *links):
            yield os.path.relpath(os.path.join(folder, name), path)


def _shown(name: str) -> str:
    return ascii(name[:80])
