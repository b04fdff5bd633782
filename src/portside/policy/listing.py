"""Whether what the built-in rules are generated from was touched since, told without reading it.

Every start from a checkout asks, so that this imports next to nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

SOURCES = tuple(
    f"policy/{name}.py"
    for name in (
        *("generate", "generate_fixes", "generated", "fix"),
        *("load", "rule", "compiled", "says", "path"),
    )
)
"""What compiles the rules, besides all of `cel`."""
_TREES = ("cel", "rules")
_ENDS = (".py", ".yaml")
_PASSED_OVER = frozenset(("generated", "__pycache__"))
_MADE = "rules/generated/catalogue.py"
_KEPT = "rules/generated/listing"
_COARSEST = 2_000_000_000
"""Nanoseconds within which two changes of a file may have the same time, on any file system."""


class Listing:
    """Name, size, times and inode of each file, as they were before any of them was read."""

    __slots__ = ("is_settled", "text")

    def __init__(self, package: str, now: int) -> None:
        found = sorted(_entries(package))
        self.text = "\n".join([line for line, _ in found]).encode("utf-8", "surrogateescape")
        self.is_settled = max(changed for _, changed in found) < now - _COARSEST
        """Whether a change after `now` must leave another time than the last one before it."""


def untouched(package: str) -> bool:
    """Whether the files in the folder `package` are still those of the listing that was kept."""
    try:
        with open(os.path.join(package, _KEPT), "rb") as file:
            return file.read() == Listing(package, 0).text
    except OSError:
        return False


def listed(package: str) -> Listing | None:
    """The files as they are now; None where nothing was generated yet, or nothing can be kept."""
    try:
        return Listing(package, _now(package))
    except OSError:
        return None


def keep(listing: Listing, package: str) -> None:
    """Remember that the generated modules are made from the files of `listing`.

    Not where one of them was changed just before it was listed: another change, before it was read
    or after, may leave its size and its times as they are. So the next start reads them once more.
    """
    if listing.is_settled:
        fresh = _fresh(package)
        with suppress(OSError):
            with open(fresh, "wb") as file:
                file.write(listing.text)
            os.replace(fresh, os.path.join(package, _KEPT))


def forget(package: str) -> None:
    """Remove the listing that was kept."""
    with suppress(OSError):
        os.unlink(os.path.join(package, _KEPT))


def _fresh(package: str) -> str:
    return os.path.join(package, f"{_KEPT}.{os.getpid()}.tmp")


def _now(package: str) -> int:
    """The time by the clock of the file system, which need not be ours, in nanoseconds."""
    fresh = _fresh(package)
    with open(fresh, "wb") as file:
        now = os.fstat(file.fileno()).st_mtime_ns
    os.unlink(fresh)
    return now


def _entries(package: str) -> Iterator[tuple[str, int]]:
    """A line for each file, and when it was changed."""
    for name in (*SOURCES, _MADE):
        yield _entry(name, os.stat(os.path.join(package, name)))
    folders = list(_TREES)
    while folders:
        folder = folders.pop()
        with os.scandir(os.path.join(package, folder)) as entries:
            for entry in entries:
                name = f"{folder}/{entry.name}"
                if entry.name.endswith(_ENDS):
                    yield _entry(name, entry.stat())
                elif entry.name not in _PASSED_OVER and entry.is_dir():
                    folders.append(name)


def _entry(name: str, status: os.stat_result) -> tuple[str, int]:
    modified, changed = status.st_mtime_ns, status.st_ctime_ns
    return f"{name} {status.st_size} {modified} {changed} {status.st_ino}", max(modified, changed)
