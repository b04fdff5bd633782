"""The arguments of an instruction, by the rules that BuildKit has for each.

Source: moby/buildkit, frontend/dockerfile/parser (split_command.go, line_parsers.go).
"""

from __future__ import annotations

import json

from portside.records import NamedTuple
from portside.syntax.dockerfile.text import BLANKS, SPACES, trimmed

_ASCII_SPACES = "\t\n\v\f\r "
"""BuildKit goes through flags byte by byte, and so knows no other spaces there."""


_LONGEST_SHOWN = 20


class Word(NamedTuple):
    """A text as BuildKit passes it on, and the index at which it begins in its logical line."""

    text: str
    begin: int
    end: int
    """The index behind it."""


class Pair(NamedTuple):
    """`NAME=value`, or a NAME alone, of ARG, ENV or LABEL; quotes and variables still in it."""

    name: str
    value: str | None
    begin: int
    value_index: int
    end: int


class NotStringsError(Exception):
    """A JSON array that holds something else than strings."""


class JsonList(NamedTuple):
    """The strings of a JSON array; `maps[i][j]` is where character j of string i is written."""

    words: tuple[Word, ...]
    maps: tuple[tuple[int, ...], ...]


def split_command(text: str, begin: int, escape: str) -> tuple[Word, tuple[Word, ...], int, int]:
    """The keyword, the flags, and from where to where the arguments stand."""
    begin, end = trimmed(text, begin, len(text))
    stop = begin
    while stop < end and text[stop] not in BLANKS:
        stop += 1
    keyword = Word(text[begin:stop], begin, stop)
    rest = stop
    while rest < end and text[rest] in BLANKS:
        rest += 1
    flags, rest = _flags(text, rest, end, escape)
    return keyword, flags, *trimmed(text, rest, end)


def _flags(text: str, at: int, end: int, escape: str) -> tuple[tuple[Word, ...], int]:
    found: list[Word] = []
    while True:
        while at < end and text[at] in _ASCII_SPACES:
            at += 1
        if not text.startswith("--", at, end):
            return tuple(found), at
        word, stop = _flag(text, at, end, escape)
        if word == "--":
            return tuple(found), stop
        found.append(Word(word, at, stop))
        at = stop


def _flag(text: str, at: int, end: int, escape: str) -> tuple[str, int]:
    """The flag that begins at `at`, without its quotes and escapes, and where it ends."""
    parts: list[str] = []
    quote = ""
    while at < end:
        char = text[at]
        if char == quote:
            quote = ""
        elif not quote and char in _ASCII_SPACES:
            break
        elif not quote and char in "'\"":
            quote = char
        elif char != escape:
            parts.append(char)
        elif at + 1 < end:
            at += 1
            parts.append(text[at])
        else:
            quote = ""
        at += 1
    return "".join(parts), at


def split_words(text: str, at: int, end: int, escape: str) -> list[Word]:
    """Words at spaces outside of quotes; quotes and escapes stay in them."""
    words: list[Word] = []
    while True:
        while at < end and text[at] in SPACES:
            at += 1
        if at == end:
            return words
        word, stop = _word(text, at, end, escape)
        if word:
            words.append(Word(word, at, stop))
        at = stop


def _word(text: str, at: int, end: int, escape: str) -> tuple[str, int]:
    begin = at
    quote = ""
    while at < end:
        char = text[at]
        if not quote and char in SPACES:
            break
        if quote:
            if char == quote:
                quote = ""
            skips = char == escape and quote != "'"
        else:
            if char in "'\"":
                quote = char
            skips = char == escape
        if skips:
            if at + 1 == end:
                # An escape token at the very end is dropped.
                return text[begin:at], end
            at += 1
        at += 1
    return text[begin:at], at


def split_blanks(text: str, begin: int, end: int) -> list[Word]:
    """Words at blanks, whatever quotes they are in."""
    words: list[Word] = []
    at = begin
    while at < end:
        stop = at
        while stop < end and text[stop] not in BLANKS:
            stop += 1
        words.append(Word(text[at:stop], at, stop))
        at = stop
        while at < end and text[at] in BLANKS:
            at += 1
    return words


def pairs(text: str, begin: int, end: int, escape: str, keyword: str) -> list[Pair]:
    """The pairs of ENV and LABEL: `name=value …`, or `name value` with one space between them.

    Raises ValueError with what is wrong.
    """
    words = split_words(text, begin, end, escape)
    if words and "=" not in words[0].text:
        return [_old_pair(text, begin, end, keyword)]
    found = []
    for word in words:
        if "=" not in word.text:
            raise ValueError(f"{keyword} needs name=value, and one of its words has no =")
        found.append(optional_pair(word))
    return found


def _old_pair(text: str, begin: int, end: int, keyword: str) -> Pair:
    name, *rest = split_blanks(text, begin, end)
    if not rest:
        raise ValueError(f"{keyword} must have two arguments")
    value = rest[0].begin
    return Pair(name.text, text[value:end], name.begin, value, end)


def optional_pair(word: Word) -> Pair:
    """The pair that a word of ARG is: its value may be absent."""
    name, equals, value = word.text.partition("=")
    if not equals:
        return Pair(name, None, word.begin, word.end, word.end)
    return Pair(name, value, word.begin, word.begin + len(name) + 1, word.end)


def quoted(text: str) -> str:
    """A keyword or flag for a message; not what is no word, for it may be a part of a secret."""
    shown = text.partition("=")[0]
    plain = shown.replace("-", "").replace("_", "")
    is_word = plain.isalpha() or not any(map(str.isalnum, plain))
    return f'"{shown}"' if len(shown) < _LONGEST_SHOWN and is_word else "(not shown)"


def json_list(text: str, begin: int, end: int) -> JsonList | None:
    """The JSON array of strings that stands there; None where it is none.

    Raises NotStringsError for an array that holds something else.
    """
    begin = trimmed(text, begin, end)[0]
    if not text.startswith("[", begin, end):
        return None
    scanned = _Json(text, begin + 1, end).strings()
    if scanned is None and _is_json_array(text[begin:end]):
        raise NotStringsError
    return scanned


def _is_json_array(text: str) -> bool:
    try:
        json.loads(text.strip(" \t\r\n"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(name: str) -> None:
    raise ValueError(name)


_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HEX = frozenset("0123456789abcdefABCDEF")


class _Json:
    """Reads the strings of an array and where each of their characters is written."""

    def __init__(self, text: str, at: int, end: int) -> None:
        self.text = text
        self.at = at
        self.end = end

    def strings(self) -> JsonList | None:
        words: list[Word] = []
        maps: list[tuple[int, ...]] = []
        if self._next() == "]":
            return self._only(words, maps)
        while True:
            read = self._string() if self._next() == '"' else None
            if read is None:
                return None
            words.append(read[0])
            maps.append(read[1])
            after = self._next()
            self.at += 1
            if after == "]":
                self.at -= 1
                return self._only(words, maps)
            if after != ",":
                return None

    def _only(self, words: list[Word], maps: list[tuple[int, ...]]) -> JsonList | None:
        """Nothing may stand behind the array."""
        self.at += 1
        return None if self._next() else JsonList(tuple(words), tuple(maps))

    def _next(self) -> str:
        while self.at < self.end and self.text[self.at] in " \t\r\n":
            self.at += 1
        return self.text[self.at] if self.at < self.end else ""

    def _string(self) -> tuple[Word, tuple[int, ...]] | None:
        begin = self.at
        chars: list[str] = []
        indices: list[int] = []
        self.at += 1
        while self.at < self.end:
            at = self.at
            char = self.text[at]
            self.at += 1
            if char == '"':
                indices.append(at)
                return Word("".join(chars), begin, self.at), tuple(indices)
            if char < " ":
                return None
            decoded = self._escape() if char == "\\" else char
            if decoded is None:
                return None
            chars.append(decoded)
            indices.append(at)
        return None

    def _escape(self) -> str | None:
        char = self.text[self.at] if self.at < self.end else ""
        self.at += 1
        if char != "u":
            return _ESCAPES.get(char)
        unit = self._unit()
        if unit is None or not 0xD800 <= unit < 0xE000:
            return None if unit is None else chr(unit)
        back = self.at
        if unit < 0xDC00 and self.text.startswith("\\u", self.at, self.end):
            self.at += 2
            low = self._unit()
            if low is None:
                return None
            if 0xDC00 <= low < 0xE000:
                return chr(0x10000 + (unit - 0xD800 << 10) + low - 0xDC00)
        self.at = back
        return "\ufffd"

    def _unit(self) -> int | None:
        digits = self.text[self.at : min(self.at + 4, self.end)]
        self.at += 4
        return int(digits, 16) if len(digits) == 4 and _HEX.issuperset(digits) else None
