"""What one line of a simple document says: its key and its value, found out once (ADR 24)."""

from __future__ import annotations

import re
from typing import Any

from portside.records import NamedTuple
from portside.syntax.scalar import NoJsonError, Resolved, Shared

_RESOLVED = Resolved()
SHARED = Shared()

PLACE = 1 << 60 | 1 << 30 | 1
"""Times an index, what is added to the three indices of a spot that are counted from there."""

WORD, OPEN, FLOW, BLOCK, QUOTED, NOTHING, ODD = range(7)
"""What the value of a line is: a scalar, what stands below if anything, a flow list or an empty
map, a block of text, a quoted text that goes on below; or the line says nothing, or it is not for
this reader.
"""

_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-\u2026")
"""What keys and the words of flow lists are made of here."""
_NO_BREAK = "\xa0"
"""A space that Python does not print, and YAML does."""
_LONGEST_KEY = 256
_COMMENTS = re.compile(r"(?: *(?:#[^\n]*)?\n)*+")
_MOST_COMMENTS = 100_000
"""Characters."""
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', " ": " "}
INDICATORS = frozenset("?:,[]{}#&*!|>'\"%@`")


class _Line(NamedTuple):
    """What one line says; columns and indices are counted from its beginning."""

    what: int
    dash: int
    """The column of the dash before an item; -1 without one."""
    column: int
    """The column of the key, or of the item."""
    key: str | None
    value: Any
    spot: int
    """Of the key's begin, the value's begin and the value's end."""


_SKIPPED = _Line(NOTHING, -1, 0, None, None, 0)
REFUSED = _Line(ODD, -1, 0, None, None, 0)


class _Lines(dict[str, _Line]):
    """What lines say; found out once for each, bounded in number."""

    def __missing__(self, text: str) -> _Line:
        line = _line(text)
        if len(self) < 20_000 and len(text) < 120:
            self[text] = line
        return line


LINES = _Lines()


def _line(text: str) -> _Line:
    """What the line `text` says."""
    body = text.strip(" ")
    if not is_text(text):
        return REFUSED
    if not body or body[0] == "#":
        return _SKIPPED
    column = len(text) - len(text.lstrip(" "))
    if not _is_dash(body):
        return _entry(body, -1, column)
    dash = column
    body = body[1:].lstrip(" ")
    if _is_dash(body):
        return REFUSED
    return _entry(body, dash, text.index(body, dash + 1) if body else dash + 1)


def alone(text: str) -> tuple[Any, int, int] | None:
    """The value that the line `text` holds and nothing else, and where it begins and ends.

    It is a scalar, or an empty map or list; None where it is not simple.
    """
    body = text.strip(" ")
    made = _value(body) if body and is_text(text) and not _is_dash(body) else None
    if made is None:
        return None
    what, value, length = made
    if what == FLOW and not value[0]:
        value = value[0].copy()
    elif what != WORD:
        return None
    begin = len(text) - len(text.lstrip(" "))
    return value, begin, begin + length


def says_nothing(text: str) -> bool:
    """Whether `text`, whose lines end with LF, holds nothing but comments; False is no answer."""
    comments = len(text) < _MOST_COMMENTS and _COMMENTS.fullmatch(text) is not None
    return comments and is_text(text.replace("\n", ""))


def _is_dash(body: str) -> bool:
    return body[:1] == "-" and body[1:2] in ("", " ")


def _entry(body: str, dash: int, column: int) -> _Line:
    """What a line says whose key, or item, is `body` and stands at `column`."""
    key, width, rest = _key(body)
    value = rest.lstrip(" ")
    made = _value(value)
    if made is None or (key is None and dash < 0):
        return REFUSED
    what, found, length = made
    begin = column + width + len(rest) - len(value)
    if what == OPEN:
        # What is not there stands right behind the colon or the dash.
        begin = dash + 1 if key is None else column + width
    elif what == FLOW:
        words, spans = found
        found = words, [(begin + at) * (PLACE - 1) + begin + to for at, to in spans]
    key_begin = begin if key is None else column
    return _Line(what, dash, column, key, found, key_begin << 60 | begin << 30 | begin + length)


def _key(body: str) -> tuple[str | None, int, str]:
    """The key that `body` begins with, how wide it and its colon are, and what is behind them."""
    if body[:1] in ("'", '"'):
        end = body.find(body[0], 1)
        if end < 0 or body[end + 1 : end + 2] != ":" or body[end + 2 : end + 3] not in ("", " "):
            return None, 0, body
        key = body[1:end]
        if "\\" in key or end > _LONGEST_KEY:
            return None, 0, body
        return SHARED[key], end + 2, body[end + 2 :]
    end = body.find(": ")
    if end < 0:
        if body[-1:] != ":":
            return None, 0, body
        end = len(body) - 1
    key = body[:end]
    if not _is_word(key) or end > _LONGEST_KEY or type(resolved(key)) is not str:
        return None, 0, body
    return _RESOLVED[key], end + 1, body[end + 1 :]  # type: ignore[return-value]


def is_text(text: str) -> bool:
    """Whether all its characters are ones that YAML takes as they are, and no line break."""
    return text.isprintable() or text.replace(_NO_BREAK, "").isprintable()


def _is_word(text: str) -> bool:
    return text != "" and text[0] != "-" and _LETTERS.issuperset(text)


def resolved(text: str) -> Any:
    try:
        return _RESOLVED[text]
    except NoJsonError:
        return REFUSED


def _value(text: str) -> tuple[int, Any, int] | None:
    """What the value `text` is, the value, and how long it is; None where it is not simple."""
    if not text or text[0] == "#":
        return OPEN, None, 0
    first = text[0]
    if first in ("'", '"'):
        return _quoted(text)
    if first in ("[", "{"):
        return _flow(text)
    if text in ("|", "|-", ">", ">-"):
        return BLOCK, text, 0
    if first in INDICATORS or _is_dash(text):
        return None
    return _plain(text)


def _quoted(text: str) -> tuple[int, Any, int] | None:
    quote = text[0]
    end = closed(text, 1, quote)
    if end < 0:
        return (QUOTED, text, 0) if len(text) > 1 else None
    within = unescaped(text[1:end], quote)
    if within is None or not ends(text[end + 1 :]):
        return None
    return WORD, SHARED[within], end + 1


def _plain(text: str) -> tuple[int, Any, int] | None:
    end = text.find(" #")
    if end >= 0:
        text = text[:end].rstrip(" ")
    value = REFUSED if ": " in text or text[-1] == ":" else resolved(text)
    return None if value is REFUSED else (WORD, value, len(text))


def ends(rest: str) -> bool:
    """Whether `rest` of a line holds nothing, or a comment."""
    behind = rest.lstrip(" ")
    return not behind or (rest[0] == " " and behind[0] == "#")


def _flow(text: str) -> tuple[int, Any, int] | None:
    """An empty map or a list of words and quoted texts; with the list, the spans of its items."""
    end = text.find("]" if text[0] == "[" else "}")
    if end < 0 or not ends(text[end + 1 :]):
        return None
    within = text[1:end]
    if not within.strip(" "):
        return FLOW, ([] if text[0] == "[" else {}, []), end + 1
    words: list[Any] = []
    spans: list[tuple[int, int]] = []
    at = 1
    for piece in within.split(","):
        word = piece.strip(" ")
        begin = at + len(piece) - len(piece.lstrip(" "))
        words.append(_item(word))
        spans.append((begin, begin + len(word)))
        at += len(piece) + 1
    if text[0] == "{" or REFUSED in words:
        return None
    return FLOW, (words, spans), end + 1


def _item(word: str) -> Any:
    if word[:1] in ("'", '"') and word.find(word[0], 1) == len(word) - 1 > 0:
        return REFUSED if "\\" in word else SHARED[word[1:-1]]
    return resolved(word) if _is_word(word) else REFUSED


def closed(text: str, begin: int, quote: str) -> int:
    """Where in `text` the quote from `begin` on stands that ends it; -1 where there is none."""
    end = text.find(quote, begin)
    while end >= 0:
        if quote == "'" and text.startswith("'", end + 1):
            end += 1
        elif quote == "'" or not is_escaped(text, end):
            break
        end = text.find(quote, end + 1)
    return end


def is_escaped(text: str, at: int) -> bool:
    """Whether an odd number of backslashes stands before the index."""
    first = at
    while first > 0 and text[first - 1] == "\\":
        first -= 1
    return (at - first) % 2 == 1


def unescaped(text: str, quote: str) -> str | None:
    """What stands between quotes, with the commonest escapes alone."""
    if quote == "'":
        return text.replace("''", "'")
    if "\\" not in text:
        return text
    parts = text.split("\\")
    made = [parts[0]]
    after = iter(parts[1:])
    for part in after:
        # Between two backslashes stands nothing, and what is behind them is as it is.
        if not part:
            made += ("\\", next(after, ""))
        elif part[0] in _ESCAPES:
            made += (_ESCAPES[part[0]], part[1:])
        else:
            return None
    return "".join(made)
