"""What `portside vendor` fetched, for whatever is rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.cli.cache_folder import cache_folder
from portside.vendor.lock import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portside.render.wire import Request
    from portside.vendor.vendored import Vendored


class Outside:
    """The vendored content of the trees that `folders` stand in."""

    __slots__ = ("_known", "_locks")

    def __init__(self, folders: Iterable[str]) -> None:
        self._locks = [it for it in map(nearest, dict.fromkeys(folders)) if it]
        self._known: dict[str, Vendored] = {}

    def given(self, request: Request) -> Request:
        """`request` with what it lacks of what was vendored.

        What stands in no tree that has a lock (vendored itself, or given by hand) has that of the
        first. Raises LockError and DigestError.
        """
        if not self._locks:
            return request
        from portside.vendor.given import with_vendored

        file = nearest(request.root)
        return with_vendored(request, self._open(file if file in self._locks else self._locks[0]))

    def _open(self, file: str) -> Vendored:
        if file not in self._known:
            from portside.vendor.lock import read_lock
            from portside.vendor.vendored import Vendored

            self._known[file] = Vendored(read_lock(file), cache_folder())
        return self._known[file]
