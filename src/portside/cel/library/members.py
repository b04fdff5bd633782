"""Values asked for equality many times: looked up by what equal values have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portside.cel.runtime import same
from portside.cel.values import CelMap, Duration, Timestamp, Uint

_NUMBERS = (int, Uint, float)
_FIRST = 8
"""How many items of a list tell it from others."""


class Members:
    """A collection of values, in linear time but for values that look alike and are not."""

    __slots__ = ("_alike",)

    def __init__(self, values: Iterable[Any] = ()) -> None:
        self._alike: dict[Any, list[Any]] = {}
        for value in values:
            self.add(value)

    def __contains__(self, value: Any) -> bool:
        return any(same(it, value) for it in self._alike.get(_look(value), ()))

    def add(self, value: Any) -> bool:
        """Add `value`; whether it was not there yet."""
        if value in self:
            return False
        self._alike.setdefault(_look(value), []).append(value)
        return True


def _look(value: Any, depth: int = 4) -> Any:
    """What all values equal to `value` share."""
    kind = type(value)
    if kind in _NUMBERS:
        return float(value)
    if kind in (str, bytes, bool):
        return kind, value
    if kind is Duration or kind is Timestamp:
        return kind, value.nanoseconds
    if kind is list:
        first = value[:_FIRST] if depth else ()
        return len(value), tuple(_look(it, depth - 1) for it in first)
    if kind is dict or kind is CelMap:
        return "map", len(value), frozenset(value) if kind is dict and len(value) < _FIRST else ""
    return kind
