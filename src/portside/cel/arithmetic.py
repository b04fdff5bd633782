"""Order and arithmetic over plain Python values, with CEL's ranges and refusals.

Source: cel-spec's langdef.md, "Numeric values", "Overflow" and the list of standard definitions.
"""

from __future__ import annotations

from typing import Any

from portside.cel.errors import CelEvaluationError, no_overload
from portside.cel.values import Duration, Timestamp, Uint

_MAX, _MIN, _UMAX = (1 << 63) - 1, -(1 << 63), (1 << 64) - 1
_NUMBERS = (int, float, Uint)


def checked(value: int) -> int:
    """`value` where it fits a signed integer of 64 bits. Raises CelEvaluationError."""
    if _MIN <= value <= _MAX:
        return value
    raise CelEvaluationError("integer overflow")


def unsigned(value: int) -> Uint:
    if 0 <= value <= _UMAX:
        return Uint(value)
    raise CelEvaluationError("unsigned integer overflow")


def compare_numbers(a: Any, b: Any) -> int | None:
    """-1, 0 or 1, None for NaN; a whole number is made a double beside one, which may round it."""
    if type(a) is float or type(b) is float:
        one, other = float(a), float(b)
        return int(one > other) - (one < other) if one == one and other == other else None
    return int(a > b) - int(a < b)


def _ordered(a: Any, b: Any) -> tuple[Any, Any]:
    kind, other = type(a), type(b)
    if kind in _NUMBERS and other in _NUMBERS:
        if kind is float or other is float:
            return _doubles(a, b)
        return a, b
    if kind is other:
        if kind is str or kind is bytes or kind is bool:
            return a, b
        if kind is Timestamp or kind is Duration:
            return a.nanoseconds, b.nanoseconds
    raise no_overload("comparison")


def _doubles(a: Any, b: Any) -> tuple[float, float]:
    # A whole number beside a double is made one, though that may round it.
    one, other = float(a), float(b)
    if one != one or other != other:
        raise CelEvaluationError("NaN values cannot be ordered")
    return one, other


def lt(a: Any, b: Any) -> bool:
    a, b = _ordered(a, b)
    return bool(a < b)


def le(a: Any, b: Any) -> bool:
    a, b = _ordered(a, b)
    return bool(a <= b)


def gt(a: Any, b: Any) -> bool:
    a, b = _ordered(a, b)
    return bool(a > b)


def ge(a: Any, b: Any) -> bool:
    a, b = _ordered(a, b)
    return bool(a >= b)


LONGEST = 10_000_000
"""Characters, bytes or items of a value that an expression makes."""


def bounded(made: Any) -> Any:
    """`made`, unless it is longer than any expression needs: doubled thirty times, say."""
    if len(made) > LONGEST:
        raise CelEvaluationError(f"a value longer than {LONGEST:,}")
    return made


def add(a: Any, b: Any) -> Any:  # noqa: C901, PLR0912 - one branch for each type
    kind, other = type(a), type(b)
    if kind is other:
        if kind is str:
            made = a + b
            return made if len(made) <= LONGEST else bounded(made)
        if kind is int:
            return checked(a + b)
        if kind is float:
            return a + b
        if kind is list or kind is bytes:
            return bounded(a + b)
        if kind is Uint:
            return unsigned(int(a) + int(b))
        if kind is Duration:
            return Duration(a.nanoseconds + b.nanoseconds)
    if kind is Timestamp and other is Duration:
        return Timestamp(a.nanoseconds + b.nanoseconds, a.offset)
    if kind is Duration and other is Timestamp:
        return Timestamp(a.nanoseconds + b.nanoseconds, b.offset)
    raise no_overload("_+_")


def sub(a: Any, b: Any) -> Any:
    kind, other = type(a), type(b)
    if kind is other:
        if kind is int:
            return checked(a - b)
        if kind is float:
            return a - b
        if kind is Uint:
            return unsigned(int(a) - int(b))
        if kind is Duration or kind is Timestamp:
            return Duration(a.nanoseconds - b.nanoseconds)
    if kind is Timestamp and other is Duration:
        return Timestamp(a.nanoseconds - b.nanoseconds, a.offset)
    raise no_overload("_-_")


def mul(a: Any, b: Any) -> Any:
    kind = type(a)
    if kind is type(b):
        if kind is int:
            return checked(a * b)
        if kind is float:
            return a * b
        if kind is Uint:
            return unsigned(int(a) * int(b))
    raise no_overload("_*_")


def div(a: Any, b: Any) -> Any:
    kind = type(a)
    if kind is type(b):
        if kind is float:
            return _divide(a, b)
        if kind is int or kind is Uint:
            if b == 0:
                raise CelEvaluationError("division by zero")
            quotient = abs(int(a)) // abs(int(b))
            if kind is Uint:
                return Uint(quotient)
            return checked(quotient if (a < 0) == (b < 0) else -quotient)
    raise no_overload("_/_")


def _divide(a: float, b: float) -> float:
    if b:
        return a / b
    if a != a or a == 0:
        return float("nan")
    return float("inf") if (a > 0) == (str(b)[0] != "-") else float("-inf")


def mod(a: Any, b: Any) -> Any:
    kind = type(a)
    if kind is type(b) and (kind is int or kind is Uint):
        if b == 0:
            raise CelEvaluationError("modulus by zero")
        rest = abs(int(a)) % abs(int(b))
        if kind is Uint:
            return Uint(rest)
        return -rest if a < 0 else rest
    raise no_overload("_%_")


def neg(a: Any) -> Any:
    if type(a) is int:
        return checked(-a)
    if type(a) is float:
        return -a
    if type(a) is Duration:
        return Duration(-a.nanoseconds)
    raise no_overload("-_")
