"""int(), uint(), double(), string(), bytes(), bool(), type(), dyn()."""

from __future__ import annotations

import math
from typing import Any

from portside.cel.arithmetic import checked, unsigned
from portside.cel.errors import CelEvaluationError, no_overload
from portside.cel.runtime import type_of
from portside.cel.values import Duration, Optional, Timestamp, Uint

_TRUE = ("true", "True", "TRUE", "t", "1")
_FALSE = ("false", "False", "FALSE", "f", "0")


def dyn(value: Any) -> Any:
    return value


def type_(value: Any) -> Any:
    return type_of(value)


def to_int(value: Any) -> int:
    kind = type(value)
    if kind is int or kind is Uint:
        return checked(int(value))
    if kind is float:
        return _truncated(value, -(1 << 63), 1 << 63)
    if kind is str:
        return checked(_digits(value, "-+"))
    if kind is Timestamp:
        return int(value.nanoseconds // 10**9)
    if kind is Duration:
        return int(value.nanoseconds)
    raise no_overload("int")


def to_uint(value: Any) -> Uint:
    kind = type(value)
    if kind is int or kind is Uint:
        return unsigned(int(value))
    if kind is float:
        if value < 0:
            raise CelEvaluationError("unsigned integer overflow")
        return unsigned(_truncated(value, -1, 1 << 64))
    if kind is str:
        return unsigned(_digits(value, ""))
    raise no_overload("uint")


def _truncated(value: float, low: int, high: int) -> int:
    if math.isnan(value) or math.isinf(value) or not low < value < high:
        raise CelEvaluationError("range error: the double does not fit")
    return int(value)


def _digits(text: str, signs: str) -> int:
    digits = text[1:] if text[:1] and text[0] in signs else text
    if not digits.isascii() or not digits.isdigit() or len(digits) > 40:
        raise CelEvaluationError(f"type conversion error: {text[:40]!r} is not a whole number")
    return int(text)


def to_double(value: Any) -> float:
    kind = type(value)
    if kind is float or kind is int or kind is Uint:
        return float(value)
    if kind is not str:
        raise no_overload("double")
    stripped = value.lstrip("+-").lower()
    if value != value.strip() or "_" in value or not stripped:
        raise CelEvaluationError(f"type conversion error: {value[:40]!r} is not a number")
    if stripped.startswith("0x"):
        return _hexadecimal(value)
    try:
        number = float(value)
    except ValueError as error:
        raise CelEvaluationError(
            f"type conversion error: {value[:40]!r} is not a number"
        ) from error
    if math.isinf(number) and not stripped.startswith("inf"):
        raise CelEvaluationError("type conversion error: the number does not fit a double")
    return number


def _hexadecimal(text: str) -> float:
    try:
        if "p" not in text.lower():
            raise ValueError(text)
        return float.fromhex(text)
    except (ValueError, OverflowError) as error:
        raise CelEvaluationError(f"type conversion error: {text[:40]!r} is no number") from error


def to_string(value: Any) -> str:
    kind = type(value)
    if kind is str:
        return str(value)
    if kind is bool:
        return "true" if value else "false"
    if kind is int or kind is Uint:
        return str(int(value))
    if kind is float:
        return number_text(value)
    if kind is bytes:
        try:
            return str(value.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise CelEvaluationError("invalid UTF-8 in bytes") from error
    return _text(value)


def _text(value: Any) -> str:
    if type(value) in (Timestamp, Duration):
        from portside.cel.library.times import duration_text, timestamp_text

        return timestamp_text(value) if type(value) is Timestamp else duration_text(value)
    text = getattr(value, "cel_string", None)
    if text is None or type(value) is Optional:
        raise no_overload("string")
    return str(text())


def number_text(value: float) -> str:
    """`value` as Go writes a double: the shortest digits, an exponent from 1e6 and below 1e-4."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    from decimal import Decimal

    digits = Decimal(repr(value)).normalize()
    power = digits.adjusted()
    if -5 < power < 6:
        return f"{digits:f}"
    mantissa = f"{digits:e}".partition("e")[0]
    return f"{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"


def to_bytes(value: Any) -> bytes:
    if type(value) is bytes:
        return bytes(value)
    if type(value) is str:
        return value.encode("utf-8", "surrogatepass")
    raise no_overload("bytes")


def to_bool(value: Any) -> bool:
    if type(value) is bool:
        return bool(value)
    if type(value) is not str:
        raise no_overload("bool")
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise CelEvaluationError(f"type conversion error: {value[:40]!r} is neither true nor false")
