"""JSON as kubectl reads it: value after value, each a document, with the place of every field.

apimachinery's YAMLOrJSONDecoder takes a text for JSON that begins with `{`, and goes over to YAML
where what follows its first value (or the first value itself) is none. Only such texts load this.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterable
from itertools import islice
from typing import Any

from portside.syntax.document import (
    MOST_DUPLICATES,
    TOO_MANY_DUPLICATES,
    Broken,
    Document,
    Limits,
    Lines,
    Path,
    Places,
)
from portside.syntax.scalar import through_json
from portside.syntax.split import Chunk, split

_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\]]|[^\s{}\[\]:,"]++')
_SPACE = re.compile(r"[ \t\n\r]*")
_HIGH = r"\\u[dD][89abAB][0-9a-fA-F]{2}"
_LOW = r"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_SURROGATES = re.compile(rf"(\\[^u]|{_HIGH}{_LOW})|(?:{_HIGH}(?!{_LOW})|{_LOW})++")
"""An escape to be left alone, or a run of halves that are no pairs."""
_LONGEST_NUMBER = 400
_OF_NUMBERS = ("e", "E", ".")
"""What makes of digits before it a number that is cut off, where Python's decoder stops early."""


class _RefusedError(Exception):
    """JSON that Kubernetes cannot read, and no YAML either; `limit` as in Broken."""

    def __init__(self, message: str, limit: str = "") -> None:
        super().__init__(message)
        self.limit = limit


def json_documents(
    text: str, limits: Limits
) -> Generator[Document | Broken, None, Iterable[Chunk]]:
    """The JSON values that `text` begins with, each as a document; returns what to read as YAML."""
    plain = _mended(text)
    lines = Lines(text, 0)
    at = count = 0
    while True:
        space = _SPACE.match(plain, at)
        begin = space.end() if space else at
        if begin == len(plain):
            return ()
        try:
            if not count:
                _bound(plain, limits)
            value, end = _DECODER.raw_decode(plain, begin)
            if plain[end : end + 1] in _OF_NUMBERS and plain[end - 1].isdigit():
                break
            yield _document(plain, (begin, end), value, (lines, limits))
        except _RefusedError as error:
            yield Broken(*lines(begin), str(error), error.limit)
            return ()
        except (ValueError, RecursionError):
            # Too deep for Python's decoder is not too deep for libyaml, which does not recurse.
            break
        at = end
        count += 1
    if count and ("\n" not in text[at:begin] or count > 1):
        yield Broken(
            *lines(begin), "no JSON behind a JSON value: begin it on a line of its own, with ---"
        )
        return ()
    return _rest(text, at, lines)


def _bound(text: str, limits: Limits) -> None:
    """Refuse what has too many values before they are made: by a guess, and then by a count."""
    if text.count(",") + text.count(":") > limits.events:
        tokens = islice(_TOKEN.finditer(text), limits.events + 1)
        if sum(1 for _ in tokens) > limits.events:
            raise _RefusedError(
                f"more than {limits.events:,} keys and values in one file", "events"
            )


def _rest(text: str, at: int, lines: Lines) -> Iterable[Chunk]:
    """What stands behind the first value is YAML, as is a text that is no JSON at all."""
    if at == 0:
        # kubectl leaves out the blanks before it, to the end of their first line.
        bare = text.lstrip(" \t\r")
        return split(" " * (len(text) - len(bare)) + bare)
    end = text.find("\n", at) + 1
    return split(text[end:], lines(end)[0] - 1)


def _mended(text: str) -> str:
    """`text` with U+FFFD for half a surrogate pair, as Go reads it; of the same length."""
    if "\\ud" in text or "\\uD" in text:
        text = _SURROGATES.sub(lambda found: found[1] or "\\ufffd" * (len(found[0]) // 6), text)
    return text


def _number(text: str) -> int | float:
    if len(text) < _LONGEST_NUMBER and text.lstrip("-").isdigit():
        return through_json(int(text))
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _RefusedError("a number beyond what JSON holds")
    return through_json(number)


def _constant(text: str) -> float:
    raise ValueError(f"{text} is no JSON")


_DECODER = json.JSONDecoder(parse_float=_number, parse_int=_number, parse_constant=_constant)


def _document(
    text: str, span: tuple[int, int], value: Any, reading: tuple[Lines, Limits]
) -> Document:
    lines, limits = reading
    duplicates: list[tuple[Path, int, int]] = []
    places = _places(text, span, limits, duplicates)
    document = Document(value, places, span[0], lines)
    document.duplicates = [(path, lines(first), lines(last)) for path, first, last in duplicates]
    return document


def _places(  # noqa: C901, PLR0912, PLR0915 - the hot loop of JSON, as construct has its own
    text: str, span: tuple[int, int], limits: Limits, duplicates: list[tuple[Path, int, int]]
) -> Places | None:
    """The places of the one JSON value at `span`, which is known to be sound."""
    stack: list[Any] = []
    places: Any = None
    key: str | None = None
    key_begin = 0
    for match in islice(_TOKEN.finditer(text, *span), limits.events):
        begin, end = match.span()
        mark = text[begin]
        child = None
        if mark in "{[":
            stack.append((places, key, key_begin, begin))
            if len(stack) > limits.depth:
                raise _RefusedError(f"nested more than {limits.depth} levels deep", "depth")
            places, key = {} if mark == "{" else [], None
            continue
        if mark in "}]":
            child = places
            places, key, key_begin, begin = stack.pop()
            if places is None:
                whole: Places = child
                return whole
        elif key is None and type(places) is dict:
            key = _key(text[begin:end])
            key_begin = begin
            if key in places:
                duplicates.append((_path(stack, key), _begin(places[key]), begin))
                if len(duplicates) > MOST_DUPLICATES:
                    raise _RefusedError(TOO_MANY_DUPLICATES)
            continue
        if key is None:
            spot = begin << 60 | begin << 30 | end
            if places is None:
                return None
            places.append(spot if child is None else (spot, child))
        else:
            spot = key_begin << 60 | begin << 30 | end
            places[key] = spot if child is None else (spot, child)
            key = None
    raise _RefusedError(f"more than {limits.events:,} keys and values in one document", "events")


def _key(token: str) -> str:
    key: str = json.loads(token) if "\\" in token else token[1:-1]
    return key


def _begin(spot: Any) -> int:
    number: int = spot if type(spot) is int else spot[0]
    return number >> 60


def _path(stack: list[Any], key: str) -> Path:
    steps = [len(it[0]) if type(it[0]) is list else it[1] for it in stack[1:]]
    return (*steps, key)
