"""What reading a text gives: documents with the place of every field, or what is broken and where."""

from __future__ import annotations

from typing import Any, NamedTuple

Path = tuple[str | int, ...]
Position = tuple[int, int]
Spots = dict[int, Any]
"""For each container, by its id: what stands at its keys or items (see `Document`)."""

_UNKNOWN: dict[Any, Any] = {}


class Limits(NamedTuple):
    """How much of a text is read before it is refused."""

    size: int = 10 << 20
    """Bytes of one file."""
    depth: int = 1_000
    """Containers within containers."""
    aliased: int = 100_000
    """Nodes that aliases may repeat in one document."""


DEFAULT = Limits()


class Remark(NamedTuple):
    """Something about the text that is no error: what kubectl drops in silence, bad bytes."""

    line: int
    message: str
    dropped: bool
    """Whether text was left unread."""


class Broken(NamedTuple):
    """A document that cannot be read; `line` and `column` count from 1."""

    line: int
    column: int
    message: str


class Document:
    """One document: its plain Python value and where each field of it stands.

    Spots map the id of each container to its keys: a key or index to (start of the key, start of
    the value, end of the value), as libyaml marks, which count from 0 in the document's own lines.
    """

    __slots__ = ("_spots", "_start", "duplicates", "first_line", "has_alias", "remarks", "value")

    def __init__(self, value: Any, spots: Spots, start: Any, first_line: int) -> None:
        self.value = value
        self._spots = spots
        self._start = start
        self.first_line = first_line
        self.duplicates: list[tuple[Path, Position, Position]] = []
        """(path, first place, last place) of each key that is written twice."""
        self.remarks: list[Remark] = []
        self.has_alias = False

    @property
    def line(self) -> int:
        """The line its content begins on."""
        return self.nearest(())[0]

    def key_position(self, path: Path) -> Position | None:
        """Line and column of the key (or the list item) at `path`; None where it is not written."""
        spot = self._spot(path)
        return None if spot is None else self._position(spot[0])

    def value_position(self, path: Path) -> Position | None:
        """Line and column where the value at `path` begins; None where it is not written."""
        spot = self._spot(path)
        return None if spot is None else self._position(spot[1])

    def nearest(self, path: Path) -> Position:
        """Line and column of the key at `path`, or of its nearest ancestor that is written."""
        value = self.value
        mark = self._start
        for step in path:
            spot = self._spots.get(id(value), _UNKNOWN).get(step)
            if spot is None:
                break
            mark = spot[0]
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                break
        return self._position(mark)

    def width(self, path: Path) -> int:
        """How many characters the field spans on its first line; 0 where it is not written."""
        spot = self._spot(path)
        if spot is None:
            return 0
        start, value_start, end = spot
        if end.line == start.line:
            return max(1, end.column - start.column)
        if value_start.line == start.line:
            return max(1, value_start.column - start.column)
        return 1

    def keys(self) -> Any:
        """Every written key: (path, position of the key, line of the value's end), in order."""
        pending: list[tuple[Path, Any]] = [((), self.value)]
        while pending:
            path, value = pending.pop()
            for step, (start, _, end) in self._spots.get(id(value), _UNKNOWN).items():
                below = (*path, step)
                yield below, self._position(start), self.first_line + end.line + 1
                try:
                    child = value[step]
                except (KeyError, IndexError, TypeError):
                    continue
                if type(child) in (dict, list):
                    pending.append((below, child))

    def _spot(self, path: Path) -> Any:
        if not path:
            return None
        value = self.value
        for step in path[:-1]:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return self._spots.get(id(value), _UNKNOWN).get(path[-1])

    def _position(self, mark: Any) -> Position:
        return self.first_line + mark.line + 1, mark.column + 1
