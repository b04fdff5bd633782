"""optional.of() and what can be asked of an optional."""

from __future__ import annotations

from typing import Any

from portside.cel.errors import CelEvaluationError, no_overload
from portside.cel.runtime import as_optional
from portside.cel.values import FIRST_MOMENT, NONE, CelMap, Duration, Optional, Timestamp, Uint

_ZERO = (int, Uint, float, str, bytes, list, dict, CelMap)


def of(value: Any) -> Optional:
    return Optional(value)


def of_non_zero_value(value: Any) -> Optional:
    zero = value is None or value is False or (type(value) in _ZERO and not value)
    if type(value) is Duration:
        zero = value.nanoseconds == 0
    if type(value) is Timestamp:
        zero = value.nanoseconds == FIRST_MOMENT
    return NONE if zero else Optional(value)


def none() -> Optional:
    return NONE


def has_value(value: Any) -> bool:
    return as_optional(value).present


def value_of(value: Any) -> Any:
    if not as_optional(value).present:
        raise CelEvaluationError("optional.none() dereference")
    return value.value


def or_(value: Any, other: Any) -> Optional:
    return as_optional(value) if as_optional(value).present else as_optional(other)


def or_value(value: Any, other: Any) -> Any:
    return value.value if as_optional(value).present else other


def unwrap(values: Any) -> list[Any]:
    if type(values) is not list:
        raise no_overload("optional.unwrap")
    return [as_optional(it).value for it in values if as_optional(it).present]
