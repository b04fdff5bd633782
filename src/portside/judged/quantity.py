"""Quantities as the API server writes them back; loaded where one is not plainly canonical."""

from __future__ import annotations

from functools import lru_cache

from portside.cel.errors import CelEvaluationError
from portside.cel.kubernetes import quantity as quantities

_MILLI = -3


def canonical(item: str | float, rounded: bool) -> str | None:
    """The text for a quantity written as text or number; None where it is none."""
    text = item.strip() if type(item) is str else repr(item)
    return _canonical(text, rounded) if len(text) < 100 else _canonical.__wrapped__(text, rounded)


@lru_cache(maxsize=4096)
def _canonical(text: str, rounded: bool) -> str | None:
    try:
        quantity = quantities.parse_quantity(text)
        if rounded and quantity.exponent < _MILLI:
            quantity = _in_milli(quantity)
        return quantities.canonical(quantity)
    except CelEvaluationError:
        return None


def _in_milli(quantity: quantities.Quantity) -> quantities.Quantity:
    """The quantity rounded up, away from zero, to thousandths."""
    factor = 10 ** (_MILLI - quantity.exponent)
    number, rest = divmod(abs(quantity.number), factor)
    number += rest > 0
    number = -number if quantity.number < 0 else number
    return quantities.Quantity(number, _MILLI, quantity.notation, small=quantity.small)
