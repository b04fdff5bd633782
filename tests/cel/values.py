"""Values of the language in the tagged form in which the oracle says them, and how to compare."""

from __future__ import annotations

import base64
import math
from datetime import UTC, datetime, timedelta
from typing import Any

from portside.cel.values import (
    BoolKey,
    CelMap,
    Duration,
    OddKey,
    Opaque,
    Optional,
    Timestamp,
    TypeValue,
    type_name,
)
from portside.cel.values import Uint as Unsigned

_SECOND = 10**9


def tagged(value: Any) -> Any:
    """`value` as the oracle would say it; numbers and text keep their spelling apart."""
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind is list:
        return [tagged(it) for it in value]
    if kind in (dict, CelMap):
        return {"map": [[tagged(_key(key)), tagged(it)] for key, it in value.items()]}
    if kind is Optional:
        return {"optional": [tagged(value.value)] if value.present else []}
    return _scalar(value)


def _key(key: Any) -> Any:
    return key.value if type(key) in (BoolKey, OddKey) else key


def _scalar(value: Any) -> Any:
    kind = type(value)
    if kind is Unsigned:
        return {"uint": int(value)}
    if kind is float:
        return {"double": spelled(value)}
    if kind is bytes:
        return {"bytes": base64.b64encode(value).decode()}
    if kind is Timestamp:
        return {"timestamp": value.nanoseconds}
    if kind is Duration:
        return {"duration": value.nanoseconds}
    if kind is TypeValue:
        return {"type": value.name}
    assert isinstance(value, Opaque), repr(value)
    return {"opaque": type_name(value), "text": _text(value)}


def _text(value: Any) -> str:
    for name in ("cel_string", "text"):
        method = getattr(value, name, None)
        if method is not None:
            return str(method())
    return str(value)


def spelled(number: float) -> str:
    """A double, so that equal texts are equal doubles."""
    return "NaN" if math.isnan(number) else repr(number)


def read(answer: Any) -> Any:
    """What the oracle said, in the form of `tagged`."""
    if isinstance(answer, list):
        return [read(it) for it in answer]
    if not isinstance(answer, dict):
        return answer
    kind, content = next(iter(answer.items()))
    if kind == "map":
        return {"map": [[read(key), read(it)] for key, it in content]}
    if kind == "optional":
        return {"optional": [read(it) for it in content]}
    if kind == "double":
        return {"double": spelled(float(content))}
    if kind == "timestamp":
        return {"timestamp": nanoseconds(content)}
    return answer


def nanoseconds(text: str) -> int:
    """The nanoseconds since 1970 of a time in RFC 3339, in UTC."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    since = datetime.fromisoformat(whole).replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(seconds=1) * _SECOND + int((fraction or "0").ljust(9, "0"))


def alike(one: Any, other: Any) -> bool:
    """Whether two tagged values are the same; maps in any order, opaque values by their type."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if not isinstance(one, dict):
        return bool(one == other)
    if "map" in one and "map" in other:
        return _alike_maps(one["map"], other["map"])
    if "optional" in one and "optional" in other:
        return alike(one["optional"], other["optional"])
    if "opaque" in one:
        return bool(one["opaque"] == other.get("opaque"))
    return bool(one == other)


def _alike_maps(one: list[Any], other: list[Any]) -> bool:
    left = list(other)
    for key, value in one:
        found = next((it for it in left if alike(it[0], key) and alike(it[1], value)), None)
        if found is None:
            return False
        left.remove(found)
    return not left
