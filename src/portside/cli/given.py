"""Files of definitions that the command line or portside.yaml names, for a scan and its charts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from portside.errors import UsageError
from portside.render.definitions import names_one

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from portside.syntax import Limits

_ENDINGS = (".yaml", ".yml", ".json")
_MOST_BYTES = 256 << 20


class Given:
    """The files named by `--crds` and in `portside.yaml`, read when they are first needed."""

    __slots__ = ("_limits", "_names", "_texts")

    def __init__(self, names: Sequence[str], limits: Limits) -> None:
        self._names = names
        self._limits = limits
        self._texts: list[tuple[str, bytes]] | None = None

    @property
    def are_there(self) -> bool:
        return bool(self._names)

    def texts(self) -> list[tuple[str, bytes]]:
        """(name, bytes) of each file that may hold a definition. Raises UsageError."""
        if self._texts is None:
            self._texts = list(self._read())
        return self._texts

    def _read(self) -> Iterator[tuple[str, bytes]]:
        left = _MOST_BYTES
        for path in _paths(self._names):
            try:
                with open(path, "rb") as file:
                    data = file.read(left + 1)
            except OSError as error:
                said = f"cannot be opened: {error.strerror or error}"
                raise UsageError(said, where=path, undone="nothing was scanned") from error
            left -= len(data)
            if left < 0:
                said = f"holds, with what is named before it, more than {_MOST_BYTES:,} bytes"
                raise UsageError(said, where=path, undone="nothing was scanned")
            if names_one(data):
                yield path, data


def _paths(names: Sequence[str]) -> Iterator[str]:
    """The files, and every YAML and JSON file of the folders."""
    for name in names:
        if not os.path.isdir(name):
            yield name
            continue
        for folder, folders, files in os.walk(name):
            folders.sort()
            yield from (os.path.join(folder, it) for it in sorted(files) if it.endswith(_ENDINGS))
