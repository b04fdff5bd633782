"""Files found → files read: the one place that opens what is to be scanned."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from portside.model.finding import NOT_KUBERNETES, UNREAD, FileFate, Unread
from portside.model.reading import ReadFile
from portside.sources.files import WITH_OTHERS
from portside.sources.manifest import first_fault, parse
from portside.sources.templates import ARCHIVES
from portside.sources.walk import STDIN, SUFFIXES, Found
from portside.syntax import DEFAULT, Limits

if TYPE_CHECKING:
    from portside.syntax.kept import Kept

_WITHOUT_WAITING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""How to open what was a file: a pipe that has taken its place may never answer."""
_PART = 1 << 20


def read_file(found: Found, limits: Limits = DEFAULT) -> ReadFile:
    """What the file holds; a file that cannot be opened is unread, with the reason."""
    try:
        data = content(found, limits)
    except OSError as error:
        return unreadable(found, error)
    return parsed(data, found, limits)


def parsed(
    data: bytes, found: Found, limits: Limits = DEFAULT, kept: Kept | None = None
) -> ReadFile:
    """What the bytes of the file hold; `kept` knows documents that were read before.

    A file of a folder that holds no object is something else; one that was asked for by name, and
    should be YAML or JSON, has to be readable for that to be known.
    """
    known = found.known
    if known.kind in WITH_OTHERS and known.beside is None:
        known = known._replace(beside=beside(found, limits))
    read = parse(data, found.name, limits, found.identity, known, kept)
    if found.given and read.fate.fate == NOT_KUBERNETES and _claims_objects(found):
        fault = first_fault(data, limits)
        if fault is not None:
            unread = Unread(found.name, fault.message, found.name, fault.line, fault.column)
            return ReadFile(FileFate(found.name, UNREAD, 0, fault.message), unread=(unread,))
    return read


def _claims_objects(found: Found) -> bool:
    return found.path == STDIN or found.name.lower().endswith(SUFFIXES)


def unreadable(found: Found, error: OSError) -> ReadFile:
    """The file that could not be opened: unread, with the reason."""
    reason = f"cannot be read: {error.strerror or error}"
    unread = Unread(found.name, reason, found.name)
    return ReadFile(FileFate(found.name, UNREAD, 0, reason), unread=(unread,))


def content(found: Found, limits: Limits = DEFAULT) -> bytes:
    """The bytes of the file, at most one more than the limit. Raises OSError."""
    if found.data is not None:
        return found.data
    if found.path == STDIN:
        return sys.stdin.buffer.read(limits.size + 1)
    if found.given:
        with open(found.path, "rb") as file:
            return file.read(limits.size + 1)
    # `open` would take three times as long, which a folder of many files feels.
    descriptor = os.open(found.path, _WITHOUT_WAITING)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError("it is no file any more")
        return _bytes(descriptor, status.st_size, limits.size + 1)
    finally:
        os.close(descriptor)


def beside(found: Found, limits: Limits = DEFAULT) -> dict[str, bytes]:
    """What the files hold that belong to `found`; those that cannot be read are left out."""
    held: dict[str, bytes] = {}
    folder = os.path.dirname(found.path)
    for name in found.known.names:
        if name.endswith(ARCHIVES):
            held[name] = b""
            continue
        try:
            held[name] = content(Found(os.path.join(folder, name), name, given=False), limits)
        except OSError:
            continue
    return held


def _bytes(descriptor: int, size: int, most: int) -> bytes:
    """All that can be read, at most `most` bytes, of a file that has `size` by what it says."""
    data = os.read(descriptor, min(size + 1, most))
    if len(data) == size:
        return data
    # It grows or shrinks meanwhile, is no file on a disk, or the system gave a part only.
    parts, left = [data], most - len(data)
    while left and parts[-1]:
        parts.append(os.read(descriptor, min(left, _PART)))
        left -= len(parts[-1])
    return b"".join(parts)


def objects(files: Iterator[Found | ReadFile], limits: Limits = DEFAULT) -> Iterator[ReadFile]:
    """Every file read, in order."""
    for item in files:
        yield item if isinstance(item, ReadFile) else read_file(item, limits)
