"""Comparisons of the full language, in which nothing is less or greater than NaN, without error."""

from __future__ import annotations

from typing import Any

from portside.cel import arithmetic
from portside.cel.values import Uint

_NUMBERS = (int, float, Uint)


def _unordered(a: Any, b: Any) -> bool:
    return type(a) in _NUMBERS and type(b) in _NUMBERS and (a != a or b != b)


def lt(a: Any, b: Any) -> bool:
    return not _unordered(a, b) and arithmetic.lt(a, b)


def le(a: Any, b: Any) -> bool:
    return not _unordered(a, b) and arithmetic.le(a, b)


def gt(a: Any, b: Any) -> bool:
    return not _unordered(a, b) and arithmetic.gt(a, b)


def ge(a: Any, b: Any) -> bool:
    return not _unordered(a, b) and arithmetic.ge(a, b)
