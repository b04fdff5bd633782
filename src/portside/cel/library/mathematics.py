"""The math extension."""

from __future__ import annotations

import math
from typing import Any

from portside.cel.arithmetic import checked, gt, lt
from portside.cel.errors import CelEvaluationError, no_overload
from portside.cel.values import Uint

_NUMBERS = (int, Uint, float)
_WORD = (1 << 64) - 1


def _extreme(name: str, values: tuple[Any, ...], *, least: bool) -> Any:
    items = values[0] if len(values) == 1 and type(values[0]) is list else values
    if not items:
        raise CelEvaluationError(f"{name}(list) argument must not be empty")
    found = None
    for it in items:
        if type(it) not in _NUMBERS:
            raise no_overload(name)
        if found is None or (lt(it, found) if least else gt(it, found)):
            found = it
    return found


def least(*values: Any) -> Any:
    return _extreme("math.least", values, least=True)


def greatest(*values: Any) -> Any:
    return _extreme("math.greatest", values, least=False)


def _double(name: str, value: Any) -> float:
    if type(value) is not float:
        raise no_overload(name)
    return value


def _rounded(value: float, to: Any) -> float:
    return float(to(value)) if math.isfinite(value) else value


def ceil(value: Any) -> float:
    return math.copysign(_rounded(_double("math.ceil", value), math.ceil), value)


def floor(value: Any) -> float:
    return math.copysign(_rounded(_double("math.floor", value), math.floor), value)


def trunc(value: Any) -> float:
    return math.copysign(_rounded(_double("math.trunc", value), math.trunc), value)


def round_(value: Any) -> float:
    number = _double("math.round", value)
    if not math.isfinite(number):
        return number
    whole = math.floor(abs(number))
    return math.copysign(float(whole + (abs(number) - whole >= 0.5)), number)


def sign(value: Any) -> Any:
    if type(value) is float:
        return value if math.isnan(value) or value == 0 else math.copysign(1.0, value)
    if type(value) in (int, Uint):
        return type(value)((value > 0) - (value < 0))
    raise no_overload("math.sign")


def abs_(value: Any) -> Any:
    if type(value) in (int, float):
        return checked(abs(value)) if type(value) is int else abs(value)
    if type(value) is Uint:
        return value
    raise no_overload("math.abs")


def sqrt(value: Any) -> float:
    if type(value) not in _NUMBERS:
        raise no_overload("math.sqrt")
    return math.sqrt(value) if value >= 0 else float("nan")


def is_inf(value: Any) -> bool:
    return math.isinf(_double("math.isInf", value))


def is_nan(value: Any) -> bool:
    return math.isnan(_double("math.isNaN", value))


def is_finite(value: Any) -> bool:
    return math.isfinite(_double("math.isFinite", value))


def _pair(name: str, a: Any, b: Any) -> Any:
    if type(a) is not type(b) or type(a) not in (int, Uint):
        raise no_overload(name)
    return type(a)


def bit_and(a: Any, b: Any) -> Any:
    return _pair("math.bitAnd", a, b)(int(a) & int(b))


def bit_or(a: Any, b: Any) -> Any:
    return _pair("math.bitOr", a, b)(int(a) | int(b))


def bit_xor(a: Any, b: Any) -> Any:
    return _pair("math.bitXor", a, b)(int(a) ^ int(b))


def bit_not(a: Any) -> Any:
    if type(a) is Uint:
        return Uint(~int(a) & _WORD)
    if type(a) is int:
        return ~a
    raise no_overload("math.bitNot")


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _shift(name: str, a: Any, by: Any) -> int:
    if type(a) not in (int, Uint) or type(by) is not int:
        raise no_overload(name)
    if by < 0:
        raise CelEvaluationError(f"{name}() negative offset: {by}")
    return min(by, 64)


def bit_shift_left(a: Any, by: Any) -> Any:
    moved = (int(a) << _shift("math.bitShiftLeft", a, by)) & _WORD
    return Uint(moved) if type(a) is Uint else _signed(moved)


def bit_shift_right(a: Any, by: Any) -> Any:
    moved = (int(a) & _WORD) >> _shift("math.bitShiftRight", a, by)
    return Uint(moved) if type(a) is Uint else _signed(moved)
