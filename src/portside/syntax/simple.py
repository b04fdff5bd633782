"""Documents in the form that most manifests have, read a line at a time: libyaml's answer, sooner.

Block maps and lists, words and quoted texts of one line, blocks of text, lists of words: a document
that holds anything else is left to libyaml, which decides what is YAML. What a line says is found
out once: the lines of manifests are much alike (ADR 24).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from portside.syntax.scalar import NoJsonError, Resolved, Shared

if TYPE_CHECKING:
    from portside.syntax.document import Limits, Places

_RESOLVED = Resolved()
_SHARED = Shared()

_PLACE = 1 << 60 | 1 << 30 | 1
"""Times an index, what is added to the three indices of a spot that are counted from there."""

_WORD, _OPEN, _FLOW, _BLOCK, _NOTHING, _ODD = range(6)
"""What the value of a line is: a scalar, what stands below if anything, a flow list or an empty
map, a block of text; or the line says nothing, or it is not for this reader.
"""

_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-")
"""What keys and the words of flow lists are made of here."""
_LONGEST_KEY = 256
_INDICATORS = frozenset("?:,[]{}#&*!|>'\"%@`")


class Built(NamedTuple):
    """A document: its value, its places as in `document.Places`, and where they begin."""

    value: Any
    places: Places
    start: int


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


_SKIPPED = _Line(_NOTHING, -1, 0, None, None, 0)
_REFUSED = _Line(_ODD, -1, 0, None, None, 0)


class _Lines(dict[str, _Line]):
    """What lines say; found out once for each, bounded in number."""

    def __missing__(self, text: str) -> _Line:
        line = _line(text)
        if len(self) < 20_000 and len(text) < 120:
            self[text] = line
        return line


_LINES = _Lines()


def build(text: str, limits: Limits) -> Built | None:  # noqa: C901, PLR0911, PLR0912, PLR0915 - the hot loop of every scan: calls would double its time
    """The document that `text`, whose lines end with LF, holds; None where it is not that simple.

    None is no answer about the text.
    """
    # Six events may stand in five characters.
    if 2 * len(text) > limits.events:
        return None
    known = _LINES
    depth = limits.depth
    lines = text.split("\n")
    last = len(lines) - 1
    number = 0
    begins = 0
    """The index at which line `number` begins."""
    if text.startswith("---"):
        if not _ends(lines[0][3:]) or not lines[0].isprintable():
            return None
        begins = len(lines[0]) + 1
        number = 1
    # The document is the one item of a list around it, which waits for it.
    root: list[Any] = [None]
    root_places: list[Any] = [0]
    container: Any = root
    places: Any = root_places
    indent = -1
    is_list = True
    waits = True
    waiting: Any = 0
    spot = 0
    stack: list[tuple[Any, Any, int, bool]] = []
    while number < last:
        written = lines[number]
        number += 1
        what, dash, column, key, value, within = known[written]
        if what == _NOTHING:
            begins += len(written) + 1
            continue
        if what == _ODD:
            return None
        at = column if dash < 0 else dash
        if waits or at != indent or is_list is (dash < 0):
            if waits:
                waits = False
                if at > indent or (at == indent and dash >= 0 and not is_list):
                    # The value begins with its first key or dash, and ends with what is in it.
                    begin = begins + at
                    key_begin = begin if is_list else spot >> 60
                    below: Any = {} if dash < 0 else []
                    below_places: Any = {} if dash < 0 else []
                    container[waiting] = below
                    places[waiting] = key_begin << 60 | begin << 30, below_places
                    stack.append((container, places, indent, is_list))
                    if len(stack) > depth:
                        return None
                    container, places, indent, is_list = below, below_places, at, dash >= 0
            while at < indent or (at == indent and is_list and dash < 0):
                container, places, indent, is_list = stack.pop()
            if at != indent or is_list is (dash < 0):
                return None
        if key is not None:
            if dash >= 0:
                begin = begins + column
                below, below_places = {}, {}
                container.append(below)
                places.append((begin << 60 | begin << 30, below_places))
                stack.append((container, places, indent, is_list))
                if len(stack) > depth:
                    return None
                container, places, indent, is_list = below, below_places, column, False
            elif key in places:
                return None
        spot = begins * _PLACE + within
        entry: Any = spot
        if what != _WORD:
            if what == _OPEN:
                waits = True
                waiting = len(container) if key is None else key
            elif what == _FLOW:
                found, spans = value
                value = found.copy()
                entry = spot, [begins * _PLACE + it for it in spans] if type(value) is list else {}
            else:
                block = _block(lines, number, indent, value)
                if block is None:
                    return None
                value, number, length = block
                begins += length
                entry = (spot >> 30 << 30) + begins + len(written) + 1
        begins += len(written) + 1
        if key is None:
            container.append(value)
            places.append(entry)
        else:
            container[key] = value
            places[key] = entry
    if root[0] is None:
        return None
    outermost, below_places = root_places[0]
    return Built(root[0], below_places, outermost >> 60)


def _block(lines: list[str], number: int, around: int, style: str) -> tuple[str, int, int] | None:
    """The text of the block from line `number`, the line behind it, and its length.

    `around` is the column of what the block belongs to. None where it is not simple.
    """
    first = lines[number]
    within = len(first) - len(first.lstrip(" "))
    if within <= around or within == len(first) or first[within] == "\t":
        return None
    margin = first[:within]
    end = filled = number
    last = len(lines) - 1
    while end < last:
        line = lines[end]
        if line.strip(" "):
            if not line.startswith(margin):
                break
            filled = end
        end += 1
    if any(len(line) > within for line in lines[filled + 1 : end]):
        # Blanks beyond the margin are text, too.
        return None
    content = [line[within:] for line in lines[number : filled + 1]]
    if style[0] == ">" and any(line[:1] in ("", " ", "\t") for line in content):
        return None
    text = (" " if style[0] == ">" else "\n").join(content)
    if not text.replace("\n", "").replace("\t", "").isprintable():
        return None
    length = sum(map(len, lines[number:end])) + end - number
    return _SHARED[text if len(style) > 1 else text + "\n"], end, length


def _line(text: str) -> _Line:
    """What the line `text` says."""
    body = text.strip(" ")
    if not text.isprintable():
        return _REFUSED
    if not body or body[0] == "#":
        return _SKIPPED
    column = len(text) - len(text.lstrip(" "))
    if not _is_dash(body):
        return _entry(body, -1, column)
    dash = column
    body = body[1:].lstrip(" ")
    if _is_dash(body):
        return _REFUSED
    return _entry(body, dash, text.index(body, dash + 1) if body else dash + 1)


def _is_dash(body: str) -> bool:
    return body[:1] == "-" and body[1:2] in ("", " ")


def _entry(body: str, dash: int, column: int) -> _Line:
    """What a line says whose key, or item, is `body` and stands at `column`."""
    key, width, rest = _key(body)
    value = rest.lstrip(" ")
    made = _value(value)
    if made is None or (key is None and dash < 0):
        return _REFUSED
    what, found, length = made
    begin = column + width + len(rest) - len(value)
    if what == _OPEN:
        # What is not there stands right behind the colon or the dash.
        begin = dash + 1 if key is None else column + width
    elif what == _FLOW:
        words, spans = found
        found = words, [(begin + at) * (_PLACE - 1) + begin + to for at, to in spans]
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
        return _SHARED[key], end + 2, body[end + 2 :]
    end = body.find(": ")
    if end < 0:
        if body[-1:] != ":":
            return None, 0, body
        end = len(body) - 1
    key = body[:end]
    if not _is_word(key) or end > _LONGEST_KEY or type(_resolved(key)) is not str:
        return None, 0, body
    return _RESOLVED[key], end + 1, body[end + 1 :]  # type: ignore[return-value]


def _is_word(text: str) -> bool:
    return text != "" and text[0] != "-" and _LETTERS.issuperset(text)


def _resolved(text: str) -> Any:
    try:
        return _RESOLVED[text]
    except NoJsonError:
        return _REFUSED


def _value(text: str) -> tuple[int, Any, int] | None:
    """What the value `text` is, the value, and how long it is; None where it is not simple."""
    if not text or text[0] == "#":
        return _OPEN, None, 0
    first = text[0]
    if first in ("'", '"'):
        return _quoted(text)
    if first in ("[", "{"):
        return _flow(text)
    if text in ("|", "|-", ">", ">-"):
        return _BLOCK, text, 0
    if first in _INDICATORS or _is_dash(text):
        return None
    return _plain(text)


def _quoted(text: str) -> tuple[int, Any, int] | None:
    end = text.find(text[0], 1)
    if end < 0 or not _ends(text[end + 1 :]) or (text[0] == '"' and "\\" in text[:end]):
        return None
    return _WORD, _SHARED[text[1:end]], end + 1


def _plain(text: str) -> tuple[int, Any, int] | None:
    end = text.find(" #")
    if end >= 0:
        text = text[:end].rstrip(" ")
    value = _REFUSED if ": " in text or text[-1] == ":" else _resolved(text)
    return None if value is _REFUSED else (_WORD, value, len(text))


def _ends(rest: str) -> bool:
    """Whether `rest` of a line holds nothing, or a comment."""
    behind = rest.lstrip(" ")
    return not behind or (rest[0] == " " and behind[0] == "#")


def _flow(text: str) -> tuple[int, Any, int] | None:
    """An empty map or a list of words and quoted texts; with the list, the spans of its items."""
    end = text.find("]" if text[0] == "[" else "}")
    if end < 0 or not _ends(text[end + 1 :]):
        return None
    within = text[1:end]
    if not within.strip(" "):
        return _FLOW, ([] if text[0] == "[" else {}, []), end + 1
    words: list[Any] = []
    spans: list[tuple[int, int]] = []
    at = 1
    for piece in within.split(","):
        word = piece.strip(" ")
        begin = at + len(piece) - len(piece.lstrip(" "))
        words.append(_item(word))
        spans.append((begin, begin + len(word)))
        at += len(piece) + 1
    if text[0] == "{" or _REFUSED in words:
        return None
    return _FLOW, (words, spans), end + 1


def _item(word: str) -> Any:
    if word[:1] in ("'", '"') and word.find(word[0], 1) == len(word) - 1 > 0:
        return _REFUSED if "\\" in word else _SHARED[word[1:-1]]
    return _resolved(word) if _is_word(word) else _REFUSED
