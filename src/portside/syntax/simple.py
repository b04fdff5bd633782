"""Documents in the form that most manifests have, read a line at a time: libyaml's answer, sooner.

Block maps and lists, words and quoted texts, blocks of text, lists of words: a document that holds
anything else is left to libyaml, which decides what is YAML. What a line says is found out once:
the lines of manifests are much alike (ADR 24).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portside.records import NamedTuple
from portside.syntax.simple_line import (
    BLOCK,
    FLOW,
    INDICATORS,
    LINES,
    NOTHING,
    ODD,
    OPEN,
    PLACE,
    REFUSED,
    SHARED,
    WORD,
    alone,
    closed,
    ends,
    is_escaped,
    is_text,
    resolved,
    unescaped,
)

if TYPE_CHECKING:
    from portside.syntax.document import Limits, Places

_INDEX = (1 << 30) - 1
"""The bits of one of the three indices of a spot."""
_LONG = 10_000
"""Characters; in fewer there is little of anything."""
_MOST_ESCAPES = 10_000


class Built(NamedTuple):
    """A document: its value, its places as in `document.Places`, and where they begin."""

    value: Any
    places: Places
    start: int


def build(text: str, limits: Limits) -> Built | None:  # noqa: C901, PLR0911, PLR0912, PLR0915 - the hot loop of every scan: calls would double its time
    """The document that `text`, whose lines end with LF, holds; None where it is not that simple.

    None is no answer about the text.
    """
    if (len(text) > _LONG or 2 * len(text) > limits.events) and _is_much(text, limits):
        return None
    known = LINES
    depth = limits.depth
    lines = text.split("\n")
    last = len(lines) - 1
    number = 0
    begins = 0
    """The index at which line `number` begins."""
    if text.startswith("---"):
        if not ends(lines[0][3:]) or not lines[0].isprintable():
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
        if what == NOTHING:
            begins += len(written) + 1
            continue
        at = column if dash < 0 else dash
        if what == ODD and waits:
            lone = alone(written) if indent >= 0 else None
            if lone is None or lone[1] <= indent:
                return None
            value, begin, end = lone
            begin += begins
            spot = (begin if is_list else spot >> 60) << 60 | begin << 30 | begins + end
            container[waiting] = value
            places[waiting] = (spot, type(value)()) if type(value) in (dict, list) else spot
            waits = False
            begins += len(written) + 1
            continue
        if what == ODD or (at > indent and not waits):
            more = _continued(text, begins, indent, places)
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
        spot = begins * PLACE + within
        entry: Any = spot
        if what != WORD:
            if what == OPEN:
                waits = True
                waiting = len(container) if key is None else key
            elif what == FLOW:
                found, spans = value
                value = found.copy()
                entry = spot, [begins * PLACE + it for it in spans] if type(value) is list else {}
            else:
                found = (_block if what == BLOCK else _text)(lines, number, indent, value)
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


def _is_much(text: str, limits: Limits) -> bool:
    """Whether `text` may hold more than the limits allow, or more escapes than are read here.

    A line with a dash may begin and end a list, a map and a flow list, and has a key and a value;
    a comma stands before one more. In five characters are six of all these at most.
    """
    if text.count("\\") + text.count("''") > _MOST_ESCAPES:
        return True
    most = min(2 * len(text), 8 * text.count("\n") + text.count(",") + 8)
    return most > limits.events


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
    if not is_text(text.replace("\n", "").replace("\t", "")):
        return None
    length = sum(map(len, lines[number:end])) + end - number
    return SHARED[text if len(style) > 1 else text + "\n"], end, length, length


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
        if not line.startswith(margin) or not is_text(line):
            return None
        goes_on = quote == '"' and is_escaped(written, len(written))
        if goes_on and (empty or lines[at - 1 - empty][-1] == " "):
            return None
        words += (written[:-1], "") if goes_on else (written, "\n" * empty or " ")
        written, empty = word, 0
        end = closed(line, 0, quote)
        if end >= 0:
            text = unescaped("".join((*words, line[:end].lstrip(" "))), quote)
            if text is None or not ends(line[end + 1 :]):
                return None
            return SHARED[text], at + 1, length, length - len(line) + end
    return None


def _continued(text: str, at: int, around: int, places: Any) -> tuple[Any, int, int] | None:
    """The value and the spot of the last word above, with its lines from index `at`, and their
    length.

    `around` is the column of what it stands in, whose `places` are. None where it is not simple.
    """
    above = next(reversed(places.values() if type(places) is dict else places), None)
    if type(above) is not int:
        return None
    begin, end = above >> 30 & _INDEX, above & _INDEX
    if begin == end or text[begin] in INDICATORS or text[end:at].strip(" \n"):
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
    if len(words) == 1 or not is_text(joined.replace("\n", "")):
        return None
    value = resolved(joined)
    return None if value is REFUSED else (value, (above >> 30 << 30) + end, stop - at)
