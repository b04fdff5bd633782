"""Values of CEL as JSON: what JSON lacks is the text that CEL's own string() makes of it."""

from __future__ import annotations

import math
from typing import Any

from portside.cel.errors import CelEvaluationError
from portside.cel.library.conversions import number_text, to_string
from portside.cel.values import BoolKey, Optional, TypeValue


def as_json(value: Any) -> Any:
    """`value` as plain JSON: bytes in base64, an absent optional null, infinities as text."""
    kind = type(value)
    if value is None or isinstance(value, bool | str | int):
        return value
    if kind is float:
        return value if math.isfinite(value) else number_text(value)
    if isinstance(value, dict):
        return {_key(key): as_json(item) for key, item in value.items()}
    if kind is list:
        return [as_json(item) for item in value]
    return _other(value)


def _key(key: Any) -> str:
    return to_string(key.value if type(key) is BoolKey else key)


def _other(value: Any) -> Any:
    if type(value) is bytes:
        import base64

        return base64.b64encode(value).decode("ascii")
    if type(value) is Optional:
        return as_json(value.value) if value.present else None
    if type(value) is TypeValue:
        return value.name
    try:
        return to_string(value)
    except CelEvaluationError:
        return repr(value)
