"""What reading a text gives: documents with the place of every field, or what is broken."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from portside.records import NamedTuple

Path = tuple[str | int, ...]
Position = tuple[int, int]
Places = dict[str, Any] | list[Any]
"""What stands at the keys of a map or at the items of a list.

A scalar's spot is one number: the indices, in the document's text, at which its key begins, its
value begins and its value ends, 30 bits each. A container's is (that number, its own places); in
block style it ends where the last of these does, and its number has 0 for the end.
"""

MOST_DUPLICATES = 1_000
TOO_MANY_DUPLICATES = f"more than {MOST_DUPLICATES:,} keys are written twice in one document"
_MASK = (1 << 30) - 1
_WORTH_A_TABLE = 8
"""Positions asked of one document before a table of its lines pays."""


class Limits(NamedTuple):
    """How much of a text is read before it is refused."""

    size: int = 10 << 20
    """Bytes of one file."""
    depth: int = 1_000
    """Containers within containers."""
    aliased: int = 100_000
    """Nodes that aliases may repeat in one document, and a tenth as many anchors."""
    events: int = 500_000
    """Keys, values and ends of containers in one document."""
    documents: int = 20_000
    """Documents of one file."""


DEFAULT = Limits()


class Remark(NamedTuple):
    """Something about the text that is no error: what kubectl drops in silence."""

    line: int
    message: str
    dropped: bool
    """Whether text was left unread."""


class Broken(NamedTuple):
    """A document that cannot be read; `line` and `column` count from 1."""

    line: int
    column: int
    message: str
    limit: str = ""
    """The field of `Limits` that it goes beyond, if that is why."""


class Lines:
    """Indices into a text → lines and columns of its file, which count from 1.

    A line ends at LF, CRLF or CR, as editors have it; not at NEL, LS and PS, which YAML 1.1 takes
    for line breaks too. In the text CRLF has become LF. `first` is how many lines of the file stand
    before it.
    """

    __slots__ = ("_asked", "_starts", "first", "text")

    def __init__(self, text: str, first: int) -> None:
        self.text = text
        self.first = first
        self._asked = 0
        self._starts: list[int] = []

    def __call__(self, index: int) -> Position:
        if self._starts:
            line = bisect_right(self._starts, index)
            return self.first + line, index - self._starts[line - 1] + 1
        self._asked += 1
        if self._asked > _WORTH_A_TABLE or "\r" in self.text:
            self._starts = _starts(self.text)
            return self(index)
        begin = self.text.rfind("\n", 0, index) + 1
        return self.first + self.text.count("\n", 0, index) + 1, index - begin + 1


def _starts(text: str) -> list[int]:
    starts = [0]
    text = text.replace("\r", "\n")
    at = text.find("\n") + 1
    while at:
        starts.append(at)
        at = text.find("\n", at) + 1
    return starts


class Document:
    """One document: its plain Python value and where each field of it was written.

    Positions stay those of the text whatever becomes of the value.
    """

    __slots__ = ("_places", "_start", "duplicates", "has_alias", "lines", "remarks", "value")

    def __init__(self, value: Any, places: Places | None, start: int, lines: Lines) -> None:
        self.value = value
        self._places = places
        self._start = start
        self.lines = lines
        self.duplicates: list[tuple[Path, Position, Position]] = []
        """(path, first place, last place) of each key that is written twice."""
        self.remarks: list[Remark] = []
        self.has_alias = False

    def built(self) -> tuple[Any, Any, int]:
        """What it is made of, besides its lines."""
        return self.value, self._places, self._start

    @property
    def first_line(self) -> int:
        """How many lines of the file stand before its text."""
        return self.lines.first

    @property
    def line(self) -> int:
        """The line its content begins on."""
        return self.nearest(())[0]

    def key_position(self, path: Path) -> Position | None:
        """Line and column of the key (or the list item) at `path`; None where it is not written."""
        spot, _ = self._spot(path)
        return None if spot is None else self.lines(spot >> 60)

    def value_position(self, path: Path) -> Position | None:
        """Line and column where the value at `path` begins; None where it is not written."""
        spot, _ = self._spot(path)
        return None if spot is None else self.lines(spot >> 30 & _MASK)

    def begin(self, path: Path) -> int | None:
        """Where in `lines.text` the key (or the list item) at `path` begins."""
        if not path:
            return self._start
        spot, _ = self._spot(path)
        return None if spot is None else spot >> 60

    def is_literal(self, path: Path) -> bool:
        """Whether the value at `path` is a literal block (`|`), whose lines are those of the file.

        Its first line is the one below the value's position.
        """
        spot, _ = self._spot(path)
        if spot is None:
            return False
        begin = spot >> 30 & _MASK
        return self.lines.text.startswith("|", begin)

    def span(self, path: Path) -> tuple[int, int] | None:
        """Where in `lines.text` the value at `path` begins and ends; None where it is not written.

        Blanks and line breaks may stand before the end.
        """
        spot, places = self._spot(path)
        return None if spot is None else (spot >> 30 & _MASK, self._end(spot, places))

    def nearest(self, path: Path) -> Position:
        """Line and column of the key at `path`, or of its nearest ancestor that is written."""
        index = self._start
        places = self._places
        for step in path:
            spot, places = _at(places, step)
            if spot is None:
                break
            index = spot >> 60
        return self.lines(index)

    def width(self, path: Path) -> int:
        """How many characters the field spans on its first line; 0 where it is not written."""
        return self.mark(path)[2]

    def mark(self, path: Path) -> tuple[int, int, int]:
        """The position of `nearest` and the `width`, by one walk."""
        index, spot, places = self._start, None, self._places
        for step in path:
            try:
                spot = places[step]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                return (*self.lines(index), 0)
            spot, places = (spot, None) if type(spot) is int else spot
            index = spot >> 60
        width = 0 if spot is None else self._span(index, spot, places)
        return (*self.lines(index), width)

    def _span(self, begin: int, spot: int, places: Any) -> int:
        """How many characters stand on the line of `begin`: to the end, or before the value."""
        text = self.lines.text
        for index in (self._end(spot, places), spot >> 30 & _MASK):
            if text.find("\n", begin, index) < 0 and text.find("\r", begin, index) < 0:
                return max(1, index - begin)
        return 1

    def keys(self) -> Any:
        """Every written key: (path, position of the key, line its value ends on).

        The fields of one container stand in their order; outer containers come before inner ones.
        """
        pending: list[tuple[Path, Any]] = [((), self._places)]
        while pending:
            path, places = pending.pop()
            for step, spot in places.items() if type(places) is dict else enumerate(places or ()):
                below = (*path, step)
                number, child = (spot, None) if type(spot) is int else spot
                if child:
                    pending.append((below, child))
                yield below, self.lines(number >> 60), self.lines(self._end(number, child))[0]

    def long_texts(self) -> Any:
        """Every scalar of several lines: where, in `lines.text`, its key and it begin and it ends.

        One that stands below the line of its key counts too.
        """
        find = self.lines.text.find
        pending: list[Any] = [self._places or ()]
        while pending:
            places = pending.pop()
            for spot in places.values() if type(places) is dict else places:
                if type(spot) is not int:
                    pending.append(spot[1] or ())
                elif find("\n", spot >> 60, spot & _MASK) >= 0:
                    end = self._end(spot, None)
                    if find("\n", spot >> 60, end) >= 0:
                        yield spot >> 60, spot >> 30 & _MASK, end

    def _end(self, spot: int, places: Any) -> int:
        """The index behind the last character of a value that is no space.

        A block scalar's own end stands at the next line.
        """
        begin = spot >> 30 & _MASK
        while places and not spot & _MASK:
            last = places[-1] if type(places) is list else places[next(reversed(places))]
            spot, places = (last, None) if type(last) is int else last
        text, end = self.lines.text, spot & _MASK
        while end > begin and text[end - 1] in " \t\r\n":
            end -= 1
        # What `<<` brought last may stand far above.
        return max(begin, end)

    def _spot(self, path: Path) -> tuple[Any, Any]:
        spot: Any = None
        places: Any = self._places
        for step in path:
            spot, places = _at(places, step)
            if spot is None:
                break
        return spot, places


def _at(places: Any, step: str | int) -> tuple[Any, Any]:
    """The number of the spot at `step` and the places below it; nothing where it is not written."""
    try:
        spot = places[step]
    except (KeyError, IndexError, TypeError):
        return None, None
    return (spot, None) if type(spot) is int else spot
