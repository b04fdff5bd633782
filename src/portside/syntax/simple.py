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

_INDEX = (1 << 30) - 1

_WORD, _OPEN, _FLOW, _BLOCK, _QUOTED, _NOTHING, _ODD = range(7)
"""What the value of a line is: a scalar, what stands below if anything, a flow list or an empty
map, a block of text, a quoted text that goes on below; or the line says nothing, or it is not for
this reader.
"""

_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-\u2026")
"""What keys and the words of flow lists are made of here."""
_NO_BREAK = "\xa0"
"""A space that Python does not print, and YAML does."""
_LONGEST_KEY = 256
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', " ": " "}
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
    if 2 * len(text) > limits.events and _most_events(text) > limits.events:
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
        at = column if dash < 0 else dash
        if what == _ODD or (at > indent and not waits):
            more = None if waits else _continued(text, begins, indent, places)
            if more is None:
                return None
            value, spot, length = more
            begins += length
            number += text.count("\n", begins - length, begins) - 1
            if is_list:
                container[-1], places[-1] = value, spot
            else:
                key = next(reversed(places))
                container[key], places[key] = value, spot
            continue
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
                found = (_block if what == _BLOCK else _text)(lines, number, indent, value)
                if found is None:
                    return None
                value, number, length, end = found
                entry = (spot >> 30 << 30) + begins + len(written) + 1 + end
                begins += length
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


def _most_events(text: str) -> int:
    """No fewer events than libyaml has of `text`, if it is simple.

    A line with a dash may begin and end a list, a map and a flow list, and has a key and a value;
    a comma stands before one more. In every five characters are six at most, which is asked before.
    """
    return 8 * text.count("\n") + text.count(",") + 8


def _block(
    lines: list[str], number: int, around: int, style: str
) -> tuple[str, int, int, int] | None:
    """The text of the block from line `number`, the line behind it, how long its lines are, and
    where it ends in them.

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
    return _SHARED[text if len(style) > 1 else text + "\n"], end, length, length


def _text(
    lines: list[str], number: int, around: int, first: str
) -> tuple[str, int, int, int] | None:
    """As `_block`, of the quoted text that begins with `first` and goes on at line `number`."""
    quote = first[0]
    margin = " " * (around + 1)
    words: list[str] = []
    written, empty, length = first[1:], 0, 0
    for at in range(number, len(lines) - 1):
        line = lines[at]
        word = line.strip(" ")
        length += len(line) + 1
        if not word:
            empty += 1
            continue
        if not line.startswith(margin) or not line.isprintable():
            return None
        goes_on = quote == '"' and _is_escaped(written, len(written))
        if goes_on and (empty or lines[at - 1 - empty][-1] == " "):
            return None
        words += (written[:-1], "") if goes_on else (written, "\n" * empty or " ")
        written, empty = word, 0
        end = _closed(line, 0, quote)
        if end >= 0:
            text = _unescaped("".join((*words, line[:end].lstrip(" "))), quote)
            if text is None or not _ends(line[end + 1 :]):
                return None
            return _SHARED[text], at + 1, length, length - len(line) + end
    return None


def _closed(text: str, begin: int, quote: str) -> int:
    """Where in `text` the quote from `begin` on stands that ends it; -1 where there is none."""
    end = text.find(quote, begin)
    while end >= 0:
        if quote == "'" and text.startswith("'", end + 1):
            end += 1
        elif quote == "'" or not _is_escaped(text, end):
            break
        end = text.find(quote, end + 1)
    return end


def _is_escaped(text: str, at: int) -> bool:
    """Whether an odd number of backslashes stands before the index."""
    first = at
    while first > 0 and text[first - 1] == "\\":
        first -= 1
    return (at - first) % 2 == 1


def _unescaped(text: str, quote: str) -> str | None:
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


def _continued(text: str, at: int, around: int, places: Any) -> tuple[Any, int, int] | None:
    """The value and the spot of the last word above, with its lines from index `at`, and their
    length.

    `around` is the column of what it stands in, whose `places` are. None where it is not simple.
    """
    above = next(reversed(places.values() if type(places) is dict else places), None)
    if type(above) is not int:
        return None
    begin, end = above >> 30 & _INDEX, above & _INDEX
    if begin == end or text[begin] in _INDICATORS or text[end:at].strip(" \n"):
        return None
    margin = " " * (around + 1)
    words = [text[begin:end]]
    empty = text.count("\n", end, at) - 1
    stop = at
    while stop < len(text):
        line = text[stop : text.index("\n", stop)]
        word = line.strip(" ")
        if not word:
            empty += 1
        elif not line.startswith(margin):
            break
        elif word[0] == "#" or " #" in word or ": " in word or word[-1] == ":":
            return None
        else:
            words += ("\n" * empty or " ", word)
            empty = 0
            end = stop + len(line.rstrip(" "))
        stop += len(line) + 1
    joined = "".join(words)
    if len(words) == 1 or not joined.replace("\n", "").isprintable():
        return None
    value = _resolved(joined)
    return None if value is _REFUSED else (value, (above >> 30 << 30) + end, stop - at)


def _line(text: str) -> _Line:
    """What the line `text` says."""
    body = text.strip(" ")
    if not text.isprintable() and not text.replace(_NO_BREAK, "").isprintable():
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
    quote = text[0]
    end = _closed(text, 1, quote)
    if end < 0:
        return (_QUOTED, text, 0) if len(text) > 1 else None
    within = _unescaped(text[1:end], quote)
    if within is None or not _ends(text[end + 1 :]):
        return None
    return _WORD, _SHARED[within], end + 1


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
