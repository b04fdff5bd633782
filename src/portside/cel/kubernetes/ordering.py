"""compareTo, isLessThan, isGreaterThan: of two quantities, or of two semantic versions."""

from __future__ import annotations

from typing import Any

from portside.cel.errors import no_overload


def compare_to(value: Any, other: Any) -> int:
    """-1, 0 or 1."""
    compared = getattr(value, "compared", None)
    if compared is None:
        raise no_overload("compareTo")
    return int(compared(other))


def is_less_than(value: Any, other: Any) -> bool:
    return compare_to(value, other) < 0


def is_greater_than(value: Any, other: Any) -> bool:
    return compare_to(value, other) > 0
