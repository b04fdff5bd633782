"""The text of an expression → tokens. Source: the CEL language definition, "Syntax"."""

from __future__ import annotations

import re
from bisect import bisect_right

from portside.cel.errors import CelSyntaxError
from portside.records import NamedTuple

LONGEST = 100_000
"""Code points of an expression; cel-go's default limit."""

_TOKEN = re.compile(
    r"""
    (?P<space>[\t\n\f\r ]+|//[^\n]*)
  | (?P<float>[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)
  | (?P<uint>(?:0x[0-9a-fA-F]+|[0-9]+)[uU])
  | (?P<int>0x[0-9a-fA-F]+|[0-9]+)
  | (?P<prefix>(?:[bB]?[rR]|[bB])(?=["']))
  | (?P<quote>\"{3}|'{3}|"|')
  | (?P<name>[_a-zA-Z][_a-zA-Z0-9]*)
  | (?P<quoted>`[a-zA-Z0-9_.\-/ ]+`)
  | (?P<op>==|!=|<=|>=|&&|\|\||[-+*/%!<>?:.,()\[\]{}])
    """,
    re.VERBOSE,
)
_SIMPLE = {
    **{"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"},
    **{it: it for it in "\\?\"'`"},
}
_WIDTHS = {"x": 2, "X": 2, "u": 4, "U": 8}


class Token(NamedTuple):
    kind: str
    """`name`, `quoted`, `int`, `uint`, `float`, `string`, `bytes`, `op` or `end`."""
    text: str
    value: str | bytes
    line: int
    column: int


class Lexer:
    """Cuts one expression; used once."""

    def __init__(self, source: str) -> None:
        if len(source) > LONGEST:
            raise CelSyntaxError(f"longer than {LONGEST:,} characters", 1, 1)
        self.source = source
        self.position = 0
        self.lines = [0, *(at + 1 for at, it in enumerate(source) if it == "\n")]
        """Where each line starts."""

    def tokens(self) -> list[Token]:
        """All tokens, an `end` at the end. Raises CelSyntaxError."""
        found = []
        while self.position < len(self.source):
            match = _TOKEN.match(self.source, self.position)
            if match is None:
                raise self.fail(f"unexpected character {self.source[self.position]!r}")
            kind = str(match.lastgroup)
            if kind in ("prefix", "quote"):
                found.append(self._literal(match))
                continue
            if kind != "space":
                found.append(self._token(kind, match.group()))
            self.position = match.end()
        found.append(self._token("end", ""))
        return found

    def _token(self, kind: str, text: str, value: str | bytes = "") -> Token:
        return Token(kind, text, value, *self.place(self.position))

    def place(self, position: int) -> tuple[int, int]:
        line = bisect_right(self.lines, position)
        return line, position - self.lines[line - 1] + 1

    def fail(self, message: str, position: int | None = None) -> CelSyntaxError:
        raise CelSyntaxError(message, *self.place(self.position if position is None else position))

    def _literal(self, match: re.Match[str]) -> Token:
        start = self.position
        prefix = match.group().lower() if match.lastgroup == "prefix" else ""
        opened = match.end() if prefix else start
        quote = self.source[opened]
        closing = quote * 3 if self.source.startswith(quote * 3, opened) else quote
        body = opened + len(closing)
        end = self._closing(body, closing, raw="r" in prefix)
        text = self.source[body:end]
        if len(closing) == 3:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        value: str | bytes
        if "b" in prefix:
            value = text.encode() if "r" in prefix else self._bytes(text, body)
        else:
            value = text if "r" in prefix else self._string(text, body)
        token = self._token("bytes" if "b" in prefix else "string", "", value)
        self.position = end + len(closing)
        return token

    def _closing(self, position: int, closing: str, *, raw: bool) -> int:
        while position < len(self.source):
            if self.source.startswith(closing, position):
                return position
            character = self.source[position]
            if character in "\n\r" and len(closing) == 1:
                break
            position += 2 if character == "\\" and not raw else 1
        self.fail("the string does not end")
        return position

    def _string(self, text: str, base: int) -> str:
        parts: list[str] = []
        for value, _ in self._escapes(text, base, in_bytes=False):
            if type(value) is int:
                if 0xD800 <= value < 0xE000 or value > 0x10FFFF:
                    self.fail(f"no character has the code {value:x}", base)
                parts.append(chr(value))
            else:
                parts.append(str(value))
        return "".join(parts)

    def _bytes(self, text: str, base: int) -> bytes:
        parts: list[bytes] = []
        for value, octet in self._escapes(text, base, in_bytes=True):
            if type(value) is int:
                parts.append(bytes([value]) if octet else chr(value).encode())
            else:
                parts.append(str(value).encode())
        return b"".join(parts)

    def _escapes(self, text: str, base: int, *, in_bytes: bool) -> list[tuple[str | int, bool]]:
        """The pieces of `text`: plain text, or an escape's number and whether it is an octet."""
        pieces: list[tuple[str | int, bool]] = []
        position = 0
        while position < len(text):
            slash = text.find("\\", position)
            if slash < 0:
                pieces.append((text[position:], False))
                break
            if slash > position:
                pieces.append((text[position:slash], False))
            piece, position = self._escape(text, slash + 1, base, in_bytes)
            pieces.append(piece)
        return pieces

    def _escape(
        self, text: str, position: int, base: int, in_bytes: bool
    ) -> tuple[tuple[str | int, bool], int]:
        letter = text[position : position + 1]
        if letter in _SIMPLE:
            return (_SIMPLE[letter], False), position + 1
        width, digits, radix = 0, "0123456789abcdefABCDEF", 16
        if letter in _WIDTHS and not (in_bytes and letter in "uU"):
            position, width = position + 1, _WIDTHS[letter]
        elif letter and letter in "0123":
            width, digits, radix = 3, "01234567", 8
        number = text[position : position + width]
        if not width or len(number) < width or not set(number) <= set(digits):
            self.fail(f"no such escape: \\{letter}", base + position - 1)
        return (int(number, radix), width < 4), position + width
