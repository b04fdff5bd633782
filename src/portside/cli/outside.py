"""What `portside vendor` fetched, for whatever is rendered."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

from portside.cli.cache_folder import cache_folder
from portside.sources.ignores import Globs
from portside.sources.lock import nearest
from portside.sources.patterns import exactly

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portside.render.tree import Tree
    from portside.render.wire import Request
    from portside.vendor.vendored import Vendored


_JUDGED = "vendored, as portside.lock pins it: judged in what uses it"


def left_out(paths: Iterable[str]) -> list[Globs]:
    """The folders that hold what was vendored into the trees around `paths`, to be left out.

    A folder of vendored content that is named itself is read. Raises LockError.
    """
    found: dict[str, Globs] = {}
    for path in paths:
        file = nearest(path if os.path.isdir(path) else os.path.dirname(path))
        if not file or file in found:
            continue
        from portside.vendor.lock import read_lock

        lock = read_lock(file)
        real = os.path.realpath(os.path.join(lock.root, lock.into))
        if lock.into and not f"{os.path.realpath(path)}{os.sep}".startswith(real + os.sep):
            # As it is called from here: a comparison asks again from where the old side stands.
            folder = os.path.relpath(lock.root)
            found[file] = Globs(folder, (exactly(lock.into),), _JUDGED)
    return list(found.values())


class Outside:
    """The vendored content of the trees that `folders` stand in."""

    __slots__ = ("_locks", "_trees")

    def __init__(self, folders: Iterable[str]) -> None:
        self._locks = [it for it in map(nearest, dict.fromkeys(folders)) if it]
        self._trees: dict[str, Tree] = {}

    def given(self, request: Request) -> Request:
        """`request` with what it lacks of what was vendored.

        What stands in no tree that has a lock (vendored itself, or given by hand) has that of the
        first. Raises LockError and DigestError.
        """
        if not self._locks:
            return request
        from portside.vendor.given import with_vendored

        file = nearest(request.root)
        vendored = opened(file if file in self._locks else self._locks[0])
        return with_vendored(request, vendored, self._tree)

    def _tree(self, root: str) -> Tree:
        from portside.render.tree import Tree

        return self._trees.setdefault(root, Tree(root))

    def called(self, path: str) -> str:
        """What people call the vendored content at `path`; empty for what is none."""
        names = (opened(it).called(path) for it in self._locks)
        return next(filter(None, names), "")


def opened(file: str) -> Vendored:
    """What the lock in `file` pins; content is verified once for all who ask."""
    found = os.stat(file)
    return _opened(file, (found.st_mtime_ns, found.st_size, found.st_ino), cache_folder())


@lru_cache(maxsize=4)
def _opened(file: str, _stamp: tuple[int, ...], cache: str) -> Vendored:
    from portside.vendor.lock import read_lock
    from portside.vendor.vendored import Vendored

    return Vendored(read_lock(file), cache)
