"""`"…".format([…])` of the strings extension. Source: cel-spec, doc/extensions/strings."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from portside.cel.errors import CelEvaluationError, no_overload
from portside.cel.library.conversions import number_text, to_string
from portside.cel.library.radix import binary, hexadecimal, octal
from portside.cel.runtime import unkey
from portside.cel.values import CelMap, Duration, Timestamp, TypeValue, Uint

_MOST_PRECISE = 1_000


def format_text(template: Any, values: Any) -> str:
    """`template` with its `%s`, `%d`, `%f`, `%e`, `%b`, `%x`, `%X` and `%o` replaced in order."""
    if type(template) is not str or type(values) is not list:
        raise no_overload("format")
    parts: list[str] = []
    position, used = 0, 0
    while position < len(template):
        sign = template.find("%", position)
        if sign < 0:
            parts.append(template[position:])
            break
        parts.append(template[position:sign])
        if template[sign + 1 : sign + 2] == "%":
            parts.append("%")
            position = sign + 2
            continue
        verb, precision, position = _verb(template, sign + 1)
        if used >= len(values):
            raise CelEvaluationError(f"index {used} out of range")
        parts.append(_formatted(verb, precision, values[used]))
        used += 1
    return "".join(parts)


def _verb(template: str, position: int) -> tuple[str, int | None, int]:
    precision = None
    if template[position : position + 1] == ".":
        end = position + 1
        while template[end : end + 1].isdecimal():
            end += 1
        digits = template[position + 1 : end]
        if not digits or len(digits) > 4 or int(digits) > _MOST_PRECISE:
            raise CelEvaluationError("error while parsing precision")
        precision, position = int(digits), end
    if position >= len(template):
        raise CelEvaluationError("unexpected end of format string")
    return template[position], precision, position + 1


def _formatted(verb: str, precision: int | None, value: Any) -> str:
    write = _VERBS.get(verb)
    if write is None:
        raise CelEvaluationError(f'unrecognized formatting clause "{verb}"')
    return write(value, 6 if precision is None else precision)


def _string(value: Any, _: int) -> str:
    kind = type(value)
    if kind is list:
        return "[" + ", ".join(_string(it, 6) for it in value) + "]"
    if kind in (dict, CelMap):
        pairs = sorted((_string(unkey(key), 6), _string(it, 6)) for key, it in value.items())
        return "{" + ", ".join(f"{key}: {it}" for key, it in pairs) + "}"
    if value is None:
        return "null"
    if kind is TypeValue:
        return str(value.name)
    if kind is float:
        return _special(value) or number_text(value)
    if kind is bytes:
        return str(value.decode("utf-8", "replace"))
    if kind in (str, bool, int, Uint, Timestamp, Duration):
        return to_string(value)
    raise CelEvaluationError(f"string clause can't take a value of type {kind.__name__}")


def _special(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return ("Infinity" if value > 0 else "-Infinity") if math.isinf(value) else ""


def _decimal(value: Any, _: int) -> str:
    if type(value) in (int, Uint):
        return str(int(value))
    if type(value) is float and _special(value):
        return _special(value)
    raise CelEvaluationError("decimal clause can only be used on integers")


def _real(value: Any) -> float:
    if type(value) in (int, Uint, float):
        return float(value)
    if value in ("NaN", "Infinity", "-Infinity") and type(value) is str:
        return float(value)
    raise CelEvaluationError("fixed-point clause can only be used on numbers")


def _fixed(value: Any, precision: int) -> str:
    number = _real(value)
    return _special(number) or f"{number:.{precision}f}"


def _scientific(value: Any, precision: int) -> str:
    number = _real(value)
    return _special(number) or f"{number:.{precision}e}"


_VERBS: dict[str, Callable[[Any, int], str]] = {
    "s": _string,
    "d": _decimal,
    "f": _fixed,
    "e": _scientific,
    "b": binary,
    "o": octal,
    "x": hexadecimal,
    "X": lambda value, precision: hexadecimal(value, precision).upper(),
}
