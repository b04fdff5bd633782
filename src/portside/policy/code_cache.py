"""A folder of compiled code, trusted only where nobody but its user can have written it.

What it holds is executed, so that a folder or file that another user owns or may write, a symbolic
or hard link, or bytes without their digest are as good as absent. Nothing here ever fails a scan.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b

_MAGIC = b"portside code 1\n"
_DIGEST = 32
_MOST_ENTRIES = 32
_LARGEST = 16 << 20
_STALE = 3600
"""Seconds after which a file that a writer left half written is removed."""


def load(folder: str, key: str) -> bytes | None:
    """What was stored under `key`; None where there is nothing that can be trusted."""
    try:
        with _opened(folder) as directory:
            return None if directory is None else _read(directory, key)
    except OSError:
        return None


def store(folder: str, key: str, payload: bytes) -> None:
    """Keep `payload` under `key`, and the newest few entries beside it; or not, without a word."""
    if len(payload) > _LARGEST:
        return
    with suppress(OSError):
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with _opened(folder) as directory:
            if directory is not None:
                _write(directory, key, payload)
                _tidy(directory)


@contextmanager
def _opened(folder: str) -> Iterator[int | None]:
    """The folder's descriptor, which no renaming can change any more; None where it is not ours."""
    if not folder or not hasattr(os, "geteuid"):
        yield None
        return
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield directory if _is_private(os.fstat(directory), 0o077) else None
    finally:
        os.close(directory)


def _is_private(status: os.stat_result, forbidden: int) -> bool:
    return status.st_uid == os.geteuid() and not stat.S_IMODE(status.st_mode) & forbidden


def _read(directory: int, key: str) -> bytes | None:
    # O_NONBLOCK: a pipe in the place of a file must not keep us waiting.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    with os.fdopen(os.open(key, flags, dir_fd=directory), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
            return None
        if not _is_private(status, 0o022) or status.st_size > _LARGEST + 100:
            return None
        data = file.read(_LARGEST + 100)
    head = _MAGIC + data[len(_MAGIC) : len(_MAGIC) + _DIGEST]
    payload = data[len(head) :]
    return payload if data.startswith(_head(key, payload)) else None


def _head(key: str, payload: bytes) -> bytes:
    return _MAGIC + blake2b(payload, digest_size=_DIGEST, key=key.encode()[:64]).digest()


def _write(directory: int, key: str, payload: bytes) -> None:
    fresh = f".{key}.{os.getpid()}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(fresh, flags, 0o600, dir_fd=directory), "wb") as file:
            file.write(_head(key, payload) + payload)
        os.rename(fresh, key, src_dir_fd=directory, dst_dir_fd=directory)
    except BaseException:
        with suppress(OSError):
            os.unlink(fresh, dir_fd=directory)
        raise


def _tidy(directory: int) -> None:
    """Remove the oldest entries beyond the bound, and what interrupted writers left."""
    entries = []
    for name in os.listdir(directory):
        with suppress(OSError):
            status = os.stat(name, dir_fd=directory, follow_symlinks=False)
            entries.append((status.st_mtime, name))
    newest = max(entries, default=(0.0, ""))[0]
    kept = 0
    for changed, name in sorted(entries, reverse=True):
        temporary = name.endswith(".tmp")
        kept += not temporary
        if kept > _MOST_ENTRIES or (temporary and newest - changed > _STALE):
            with suppress(OSError):
                os.unlink(name, dir_fd=directory)
