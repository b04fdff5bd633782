"""`format` as Kubernetes has it: an older edition of the strings extension.

Source: cel-go, ext/formatting.go. Numbers are written for English readers (`1,234.500`, powers of
ten raised).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from portside.cel.errors import CelEvaluationError, no_overload
from portside.cel.kubernetes.quoting import quoted
from portside.cel.library.conversions import to_string
from portside.cel.library.radix import binary, hexadecimal, octal
from portside.cel.runtime import unkey
from portside.cel.values import CelMap, Duration, Timestamp, TypeValue, Uint

_MOST_PRECISE = 1_000
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_SPELLED = ("NaN", "Infinity", "-Infinity")


def format_text(template: Any, values: Any) -> str:
    """`template` with its `%s`, `%d`, `%f`, `%e`, `%b`, `%x`, `%X` and `%o` replaced in order."""
    if type(template) is not str or type(values) is not list:
        raise no_overload("format")
    used = iter(range(len(values)))

    def written(verb: str, precision: int | None) -> str:
        at = next(used, None)
        if at is None:
            raise CelEvaluationError(f"index {len(values)} out of range")
        return _VERBS[verb](values[at], 6 if precision is None else precision)

    return replaced(template, written)


def replaced(template: str, written: Callable[[str, int | None], str]) -> str:
    """`template` with each clause replaced by what `written` makes of its letter and precision.

    Raises CelEvaluationError for what is no clause.
    """
    parts: list[str] = []
    position = 0
    while position < len(template):
        sign = template.find("%", position)
        if sign < 0:
            parts.append(template[position:])
            break
        parts.append(template[position:sign])
        if template.startswith("%", sign + 1):
            parts.append("%")
            position = sign + 2
            continue
        verb, precision, position = _clause(template, sign + 1)
        parts.append(written(verb, precision))
    return "".join(parts)


def _clause(template: str, position: int) -> tuple[str, int | None, int]:
    precision = None
    if template.startswith(".", position):
        end = position + 1
        while template[end : end + 1] in tuple("0123456789"):
            end += 1
        digits = template[position + 1 : end]
        if not digits or len(digits) > 5 or int(digits) > _MOST_PRECISE:
            raise CelEvaluationError("error while parsing precision")
        precision, position = int(digits), end
    if position >= len(template):
        raise CelEvaluationError("unexpected end of string")
    verb = template[position]
    if verb not in _VERBS:
        raise CelEvaluationError(f'unrecognized formatting clause "{verb}"')
    return verb, precision, position + 1


def _string(value: Any, _: int) -> str:
    kind = type(value)
    if kind is list:
        return f"[{', '.join(_literal(it) for it in value)}]"
    if kind is dict or kind is CelMap:
        pairs = sorted((_key(unkey(key)), _literal(it)) for key, it in value.items())
        return "{" + ", ".join(f"{key}:{it}" for key, it in pairs) + "}"
    if value is None:
        return "null"
    if kind is TypeValue:
        return str(value.name)
    if kind in (bool, int, Uint, float, str, bytes, Timestamp, Duration):
        return to_string(value)
    raise CelEvaluationError("string clause can only be used on values that have a text")


def _key(value: Any) -> str:
    if type(value) in (bool, int, Uint):
        return to_string(value)
    if type(value) is str:
        return quoted(value)
    raise CelEvaluationError("no formatting function for this type of a map's key")


def _literal(value: Any) -> str:
    """`value` inside a list or map: nearly as an expression would write it."""
    kind = type(value)
    if kind is str:
        return quoted(value)
    if kind is bytes:
        return f"b{quoted(to_string(value))}"
    if kind is float:
        if math.isfinite(value):
            return f"{value:.6f}"
        return '"NaN"' if math.isnan(value) else f'"{"+" if value > 0 else "-"}Inf"'
    if kind is Timestamp or kind is Duration:
        name = "timestamp" if kind is Timestamp else "duration"
        return f"{name}({quoted(to_string(value))})"
    return _string(value, 0)


def _decimal(value: Any, _: int) -> str:
    if type(value) in (int, Uint):
        return str(int(value))
    raise CelEvaluationError("decimal clause can only be used on integers")


def _double(value: Any, clause: str) -> float:
    if type(value) is float:
        return value
    if type(value) is str and value in _SPELLED:
        return float(value)
    raise CelEvaluationError(f"{clause} clause can only be used on doubles")


def _special(number: float) -> str:
    if math.isnan(number):
        return "NaN"
    return ("∞" if number > 0 else "-∞") if math.isinf(number) else ""


def _fixed(value: Any, precision: int) -> str:
    number = _double(value, "fixed-point")
    return _special(number) or f"{number or 0.0:,.{precision}f}"


def _scientific(value: Any, width: int) -> str:
    """The precision counts as the width, and there are always six digits, as in Kubernetes."""
    number = _double(value, "scientific")
    mantissa, _, power = f"{number or 0.0:.6e}".partition("e")
    made = _special(number) or f"{mantissa}\u00d710{power.removeprefix('+').translate(_RAISED)}"
    return made.rjust(width)


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
TAKES: dict[str, tuple[str, ...]] = {
    "s": (
        *("list", "map", "int", "uint", "double", "bool", "string", "timestamp", "bytes"),
        *("duration", "type", "null_type"),
    ),
    "d": ("int", "uint"),
    "f": ("double", "string"),
    "e": ("double", "string"),
    "b": ("int", "uint", "bool"),
    "o": ("int", "uint"),
    "x": ("int", "uint", "string", "bytes"),
    "X": ("int", "uint", "string", "bytes"),
}
"""The types that each letter takes, for what is known before anything is evaluated."""
