"""Packed trees (tar, gzip): unpacked, or only looked through, with bounds."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from typing import IO

from portside.records import NamedTuple
from portside.vendor.faults import FetchError
from portside.vendor.folder import LARGEST, MOST_FILES, Filled, trouble_of_name

_PIECE = 1 << 16
_LARGEST_HEADER = 1 << 20
_HELMS_LARGEST = 100 << 20
"""Bytes that Helm takes of one chart when it is unpacked (pkg/chart/loader/archive)."""


class _Bounded:
    """Unpacked bytes, of which no more come than are allowed: neither in all nor at once."""

    __slots__ = ("_file", "_most", "_where")

    def __init__(self, file: gzip.GzipFile, most: int, where: str) -> None:
        self._file = file
        self._most = most
        self._where = where

    def read(self, size: int = -1) -> bytes:
        if size < 0 or size > _LARGEST_HEADER:
            raise FetchError("its content has a header larger than any is", where=self._where)
        self._check(self._file.tell() + size)
        return self._file.read(size)

    def seek(self, to: int, whence: int = 0) -> int:
        here = self._file.tell()
        if whence or to < here:
            raise FetchError("its content is no tar that can be read on", where=self._where)
        self._check(to)
        return self._file.seek(to)

    def tell(self) -> int:
        return self._file.tell()

    def _check(self, to: int) -> None:
        # A tar ends in blocks of nothing, which nobody counts.
        if to > self._most + _LARGEST_HEADER:
            said = f"its content unpacks to more than {self._most >> 20} MiB"
            raise FetchError(said, where=self._where)


class _Member(NamedTuple):
    info: tarfile.TarInfo
    tar: tarfile.TarFile

    def pieces(self) -> Iterator[bytes]:
        file = self.tar.extractfile(self.info)
        if file is not None:
            while piece := file.read(_PIECE):
                yield piece


def unpack(file: IO[bytes], into: Filled) -> None:
    """Write what is packed into the folder. Raises FetchError."""
    for member in _members(file, into.where, LARGEST):
        name = _name(member.info.name)
        if not name or member.info.isdir():
            continue
        if member.info.issym():
            into.link(name, member.info.linkname)
        else:
            into.file(name, member.pieces())
    into.finish()


def look_through(file: IO[bytes], where: str) -> dict[str, int]:
    """The names in a packed chart with their sizes. Raises FetchError for what is none to keep."""
    found: dict[str, int] = {}
    for member in _members(file, where, _HELMS_LARGEST):
        name = _name(member.info.name)
        if member.info.isdir():
            continue
        if member.info.issym():
            raise FetchError(f"its content holds the link {name[:80]!a}", where=where)
        found[name] = sum(map(len, member.pieces()))
    return found


def _members(file: IO[bytes], where: str, most: int) -> Iterator[_Member]:
    """What is packed: folders, files and symbolic links; all else is refused."""
    try:
        with gzip.GzipFile(fileobj=file, mode="rb") as opened:
            bounded = _Bounded(opened, most, where)
            with tarfile.TarFile(fileobj=bounded, mode="r") as tar:  # type: ignore[arg-type]
                for count, info in enumerate(tar):
                    _check(info, count, where)
                    yield _Member(info, tar)
    except (tarfile.TarError, OSError, EOFError, zlib.error, UnicodeError, ValueError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FetchError(f"is no tar.gz that can be read: {said}", where=where) from error


def _check(info: tarfile.TarInfo, count: int, where: str) -> None:
    name = _name(info.name)
    problem = trouble_of_name(name) if name else ""
    if not problem and not (info.isfile() or info.isdir() or info.issym()):
        problem = "which is neither file nor folder"
    if not problem and info.issparse():
        problem = "which is sparse"
    if problem:
        raise FetchError(f"its content holds {info.name[:80]!a}, {problem}", where=where)
    if count >= MOST_FILES:
        raise FetchError(f"its content holds more than {MOST_FILES:,} files", where=where)


def _name(name: str) -> str:
    """The name without the `./` that tar writes before names, and the slash behind a folder's."""
    while name.startswith("./"):
        name = name[2:]
    return "" if name == "." else name.rstrip("/")
