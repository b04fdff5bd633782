"""Texts that are put together from parts of a file, with the place of each character."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from portside.records import NamedTuple

SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    chr(it) for it in range(0x2000, 0x200B)
)
"""What Go's `unicode.IsSpace` takes for space; Python's isspace knows more."""
BLANKS = "\t\v\f\r "
"""What stands between the arguments of an instruction."""


class Position(NamedTuple):
    """A line and a column of the file; both count from 1, columns in characters."""

    line: int
    column: int


class BrokenError(Exception):
    """The file is no Dockerfile: BuildKit refuses it, or it goes beyond a limit of ours."""

    def __init__(self, message: str, at: Position, limit: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.limit = limit
        """The field of `Limits` that it goes beyond, if that is why."""


class Placed:
    """A text and where its characters stand: `starts[i]` is the index at which `places[i]` is."""

    __slots__ = ("_places", "_starts", "text")

    def __init__(self, text: str, starts: Sequence[int], places: Sequence[Position]) -> None:
        self.text = text
        self._starts = starts
        self._places = places

    @property
    def first(self) -> int:
        """The line of the file on which it begins, if only with a line break."""
        return self._places[0].line if self._places else 0

    def place(self, index: int) -> Position:
        """Where the character at `index` stands; behind the last one, where it would."""
        part = max(0, bisect_right(self._starts, index) - 1)
        line, column = self._places[part]
        return Position(line, column + index - self._starts[part])

    def width(self, begin: int, end: int) -> int:
        """How many characters of the part from `begin` to `end` stand on its first line."""
        first = self.place(begin)
        while end > begin + 1:
            last = self.place(end - 1)
            if last.line == first.line:
                return max(1, last.column - first.column + 1)
            part = bisect_right(self._starts, end - 1) - 1
            end = self._starts[part]
        return 1


class Gathered:
    """Gathers a `Placed` from parts."""

    __slots__ = ("_length", "_parts", "_places", "_starts")

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._starts: list[int] = []
        self._places: list[Position] = []
        self._length = 0

    def add(self, text: str, line: int, column: int) -> None:
        self._starts.append(self._length)
        self._places.append(Position(line, column))
        self._parts.append(text)
        self._length += len(text)

    def placed(self) -> Placed:
        return Placed("".join(self._parts), self._starts, self._places)


def trimmed(text: str, begin: int, end: int) -> tuple[int, int]:
    """The part of `text` from `begin` to `end` without the space around it."""
    while begin < end and text[begin] in SPACES:
        begin += 1
    while begin < end and text[end - 1] in SPACES:
        end -= 1
    return begin, end
