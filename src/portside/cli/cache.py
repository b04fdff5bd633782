"""What stage A said of files in an earlier run, kept for the next (D13).

A run's results lie in one file, named by everything that decides them but the files themselves:
the product, the rules, their parameters, the target version, the paths. In it a file's results are
found by a digest of its name and bytes. It holds plain tuples written by marshal, and no code that
anything here would run; it is believed only where nobody else can have written it and its own
digest is right, and whatever is wrong with it costs no more than its use.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys
from collections.abc import Iterable
from typing import Any

from portside.cli.cache_folder import cache_folder
from portside.engine.wire import pack, unpack
from portside.model.finding import FileResult

try:
    from _blake2 import blake2b  # hashlib loads OpenSSL as well
except ImportError:
    from hashlib import blake2b

_MAGIC = b"portside stage A 5\n"
_MOST_FILES = 32
_MOST_BYTES = 256 << 20
_LARGEST = 64 << 20


class Cache:
    """The results kept for one way of scanning: `get` and `put` while it runs, `save` at its end.

    `fingerprint` is everything besides the files that decides the results.
    """

    __slots__ = ("_changed", "_fresh", "_kept", "_path")

    def __init__(self, fingerprint: Iterable[object]) -> None:
        name = digest(repr((sys.version_info[:2], tuple(fingerprint))).encode()).hex()
        folder = _folder()
        self._path = os.path.join(folder, f"{name}.stage-a") if folder else ""
        self._kept: dict[bytes, Any] = _load(self._path) if folder else {}
        self._fresh: dict[bytes, Any] = {}
        self._changed = False

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: bytes) -> bool:
        return key in self._kept

    def key(self, name: str, identity: str, data: bytes) -> bytes:
        """What the results of the file called `name`, with these bytes, are found by."""
        return digest(data, f"{name}\0{identity}".encode("utf-8", "surrogateescape"))

    def get(self, key: bytes) -> FileResult | None:
        """The results kept under `key`, which stay kept; None where there are none."""
        packed = self._kept.get(key)
        if packed is None:
            return None
        try:
            result = unpack(packed)
        except (TypeError, ValueError):
            return None
        self._fresh[key] = packed
        return result

    def put(self, key: bytes, result: FileResult) -> None:
        self.keep(key, pack(result))

    def keep(self, key: bytes, packed: Any) -> None:
        """Put a result that is packed already."""
        self._fresh[key] = packed
        self._changed = True

    def save(self) -> None:
        """Keep what this run used and made; where that cannot be written, nothing is kept."""
        if not self._path or not self._changed:
            return
        payload = marshal.dumps(self._fresh)
        if len(payload) > _LARGEST:
            return
        fresh = f"{self._path}.{os.getpid()}"
        try:
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(_MAGIC + digest(payload) + payload)
            os.replace(fresh, self._path)
            _trim(os.path.dirname(self._path))
        except OSError:
            if os.path.exists(fresh):
                os.unlink(fresh)


def digest(data: bytes, salt: bytes = b"") -> bytes:
    digest = blake2b(data, digest_size=16)
    if salt:
        digest.update(b"\0" + salt)
    return digest.digest()


def _folder() -> str:
    """The folder of caches, made where it is missing; empty where there is none to be trusted."""
    root = cache_folder()
    if not root:
        return ""
    try:
        os.makedirs(root, 0o700, exist_ok=True)
        return root if _ours(os.stat(root)) else ""
    except OSError:
        return ""


def _ours(status: os.stat_result) -> bool:
    """Whether nobody but this user, or root, can have written it."""
    if not hasattr(os, "geteuid"):
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _load(path: str) -> dict[bytes, Any]:
    try:
        with open(path, "rb") as file:
            if not _ours(os.fstat(file.fileno())):
                return {}
            data = file.read(_LARGEST + 1024)
    except OSError:
        return {}
    begin = len(_MAGIC) + 16
    payload = memoryview(data)[begin:]
    if not data.startswith(_MAGIC) or digest(payload) != data[len(_MAGIC) : begin]:  # type: ignore[arg-type]
        return {}
    found = marshal.loads(payload)  # noqa: S302 - our own file, by its owner, mode and digest
    return found if type(found) is dict else {}


def _trim(folder: str) -> None:
    """Remove the caches used longest ago, beyond the number and size that are kept."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if ".stage-a" in entry.name:
                status = entry.stat(follow_symlinks=False)
                found.append((status.st_mtime, status.st_size, entry.path))
    size = 0
    for number, (_, length, path) in enumerate(sorted(found, reverse=True)):
        size += length
        if number >= _MOST_FILES or size > _MOST_BYTES:
            os.unlink(path)
