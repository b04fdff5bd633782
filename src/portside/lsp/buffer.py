"""A text as an editor holds it: changed piece by piece, its places counted in the editor's units.

Source: Language Server Protocol 3.17, "Text Documents". Lines end at LF, CRLF and CR only, which is
what Portside's lines do; Python's `splitlines`, and pygls' documents with it, end them at seven
more characters.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from lsprotocol import types

_BREAK = re.compile(r"\r\n|\n|\r")
_TOKEN = re.compile(r"""- +(?=\S)|-$|"(?:[^"\\]|\\.)*+"|'[^']*+'|[^\s:,\[\]{}#]++|\S""")
_BOM = "\ufeff"
_BYTES = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
"""How many bytes one unit of each encoding of positions has."""


class Buffer:
    """One open document. `encoding` is what the columns of the client count."""

    __slots__ = ("_ascii", "_starts", "encoding", "language", "text", "uri", "version")

    def __init__(self, item: types.TextDocumentItem, encoding: str) -> None:
        self.uri = item.uri
        self.language = item.language_id
        self.encoding = encoding
        self._set(item.text, item.version)

    def change(self, changes: Sequence[types.TextDocumentContentChangeEvent], version: int) -> None:
        """Apply `changes`, one upon the other."""
        for it in changes:
            text = it.text
            if isinstance(it, types.TextDocumentContentChangePartial):
                begin, end = self.index(it.range.start), self.index(it.range.end)
                text = f"{self.text[:begin]}{text}{self.text[max(begin, end) :]}"
            self._set(text, version)

    def data(self) -> bytes:
        """Its bytes, as they would be saved. A surrogate without its partner is no character."""
        return self.text.encode("utf-8", "replace")

    def is_json(self) -> bool:
        """Whether it is to be JSON, and not YAML that looks like it."""
        return self.language == "json" or self.uri.lower().endswith(".json")

    def line(self, number: int) -> str:
        """The line `number` (from 0) without its end; the empty text beyond the last."""
        if not 0 <= number < len(self._starts):
            return ""
        end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self.text)
        return self.text[self._starts[number] : end].rstrip("\r\n")

    def start(self, number: int) -> int:
        """The index at which the line `number` (from 0) begins."""
        return self._starts[number] if number < len(self._starts) else len(self.text)

    def index(self, position: types.Position) -> int:
        """The index into the text of a place that the client names; the nearest that there is."""
        if position.line >= len(self._starts):
            return len(self.text)
        line = self.line(position.line)
        return self._starts[position.line] + self._characters(line, position.character)

    def position(self, line: int, character: int) -> types.Position:
        """The place `character` (from 0, in characters) of `line` (from 0) in the client's units.

        Beyond the end of a line is its end, and beyond the last line is the end of the text.
        """
        if line >= len(self._starts):
            line, character = len(self._starts) - 1, len(self.text)
        text = self.line(line)
        character = min(max(0, character), len(text))
        return types.Position(line, self._units(text, character))

    def at(self, index: int) -> types.Position:
        """The place of an index into the text."""
        line = bisect_right(self._starts, index) - 1
        return self.position(line, index - self._starts[line])

    def range(self, line: int, column: int, width: int = 0) -> types.Range:
        """Where a finding stands: `line` and `column` from 1 as Portside counts them.

        Without a width it is the key or the value that begins there, so that there is something to
        be seen. A line of 0 is the first.
        """
        row, begin = max(1, line) - 1, max(1, column) - 1
        if row == 0 and self.text.startswith(_BOM):
            begin += 1
        if not width:
            token = _TOKEN.match(self.line(row), begin)
            width = len(token[0].rstrip()) if token else 0
        return types.Range(self.position(row, begin), self.position(row, begin + width))

    def rest(self, line: int, column: int) -> types.Range:
        """From a place to the end of what is written on its line."""
        row = max(1, line) - 1
        written = self.line(row).rstrip()
        begin = max(1, column) - 1
        if not column:
            begin = len(written) - len(written.lstrip())
        return self.range(line, begin + 1, max(0, len(written) - begin))

    def _set(self, text: str, version: int) -> None:
        self.text = text
        self.version = version
        self._ascii = text.isascii()
        self._starts = [0, *(it.end() for it in _BREAK.finditer(text))]

    def _units(self, line: str, characters: int) -> int:
        """How many of the client's units the first `characters` of `line` are."""
        if self._ascii:
            return characters
        before = line[:characters]
        if before.isascii() or self.encoding == "utf-32":
            return characters
        if self.encoding == "utf-8":
            return len(before.encode("utf-8", "surrogatepass"))
        return len(before.encode("utf-16-le", "surrogatepass")) // 2

    def _characters(self, line: str, units: int) -> int:
        """How many characters of `line` the first `units` of the client are."""
        if self._ascii or self.encoding == "utf-32" or line.isascii():
            return min(units, len(line))
        codec = "utf-8" if self.encoding == "utf-8" else "utf-16-le"
        encoded = line.encode(codec, "surrogatepass")[: units * _BYTES[self.encoding]]
        return len(encoded.decode(codec, "ignore"))
