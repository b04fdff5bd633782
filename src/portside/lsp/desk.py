"""What an editor has open at one moment; other files are as they are on the disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from lsprotocol import types

from portside.lsp.buffer import Buffer

if TYPE_CHECKING:
    from portside.lsp.builds import Texts

_MOST = 1 << 24
"""Bytes of a file that are looked at to show where something stands in it."""


class Desk:
    """Made where documents change, and then read by another thread: nothing here changes."""

    __slots__ = ("_encoding", "_items", "_looked_at", "_uri_of", "versions")

    def __init__(
        self, files: Iterable[tuple[str, Buffer]], encoding: str, uri_of: Callable[[str], str]
    ) -> None:
        """`files` are the paths and texts of what is open, `uri_of` names what is not."""
        self._items = {
            path: types.TextDocumentItem(it.uri, it.language, it.version, it.text)
            for path, it in files
        }
        self._encoding = encoding
        self._uri_of = uri_of
        self._looked_at: dict[str, Buffer] = {}
        self.versions = {it.uri: it.version for it in self._items.values()}

    def unsaved(self) -> Texts:
        """The texts that are other than what is saved, by the real paths of their files."""
        return {
            os.path.realpath(path): it.text
            for path, it in self._items.items()
            if _held(path) != it.text.encode("utf-8", "replace")
        }

    def is_open(self, file: str) -> bool:
        return file in self._items

    def buffer(self, file: str) -> Buffer:
        """The text of `file`, for its lines; empty where it cannot be read."""
        known = self._looked_at.get(file)
        if known is None:
            item = self._items.get(file)
            if item is None:
                text = (_held(file) or b"").decode("utf-8", "replace")
                item = types.TextDocumentItem(self._uri_of(file), "yaml", 0, text)
            known = self._looked_at[file] = Buffer(item, self._encoding)
        return known


def _held(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read(_MOST)
    except OSError:
        return None
