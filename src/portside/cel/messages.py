"""The well-known messages that are values of the language: wrappers, times, JSON. No others exist.

`google.protobuf.Int64Value{value: 1}` is an int, `google.protobuf.Struct{fields: {…}}` a map.
"""

from __future__ import annotations

import base64
from typing import Any

from portside.cel.arithmetic import checked, unsigned
from portside.cel.errors import CelEvaluationError
from portside.cel.library.conversions import to_string
from portside.cel.types import Type, parse_type
from portside.cel.values import Duration, Timestamp, Uint
from portside.records import NamedTuple

_EXACT = (1 << 53) - 1
_PACKAGE = "google.protobuf."
_WRAPPERS = {
    **{"BoolValue": "bool", "BytesValue": "bytes", "DoubleValue": "double", "FloatValue": "double"},
    **{"Int32Value": "int", "Int64Value": "int", "StringValue": "string"},
    **{"UInt32Value": "uint", "UInt64Value": "uint"},
}
_ZEROS: dict[str, Any] = {
    **{"bool": False, "bytes": b"", "double": 0.0, "int": 0, "string": "", "uint": unsigned(0)},
}
_TIME = "seconds:int nanos:int"
_OTHERS = {
    "Timestamp": ("timestamp", _TIME),
    "Duration": ("duration", _TIME),
    "Struct": ("map(string,dyn)", "fields:map(string,dyn)"),
    "ListValue": ("list(dyn)", "values:list(dyn)"),
    "Value": (
        "dyn",
        "null_value:int number_value:double string_value:string bool_value:bool"
        " struct_value:map(string,dyn) list_value:list(dyn)",
    ),
    "Any": ("dyn", "type_url:string value:bytes"),
}


class Message(NamedTuple):
    """The type of the value that a message literal makes, and its fields."""

    result: Type
    fields: dict[str, Type]


def message(name: str) -> Message | None:
    """The message called `name`, where it is one that exists here."""
    short = name.lstrip(".").removeprefix(_PACKAGE)
    if not name.lstrip(".").startswith(_PACKAGE):
        return None
    if short in _WRAPPERS:
        kind = _WRAPPERS[short]
        return Message(parse_type(f"wrapper({kind})"), {"value": parse_type(kind)})
    if short not in _OTHERS:
        return None
    result, text = _OTHERS[short]
    pairs = (it.partition(":") for it in text.split())
    return Message(parse_type(result), {field: parse_type(kind) for field, _, kind in pairs})


def construct(name: str, fields: dict[str, Any]) -> Any:
    """The value of a message literal whose present fields are `fields`."""
    short = name.lstrip(".").removeprefix(_PACKAGE)
    if short in _WRAPPERS:
        return _wrapped(short, fields)
    if short in ("Timestamp", "Duration"):
        nanoseconds = fields.get("seconds", 0) * 10**9 + _narrow(fields.get("nanos", 0), 32)
        return Timestamp(nanoseconds) if short == "Timestamp" else Duration(nanoseconds)
    if short == "Any":
        raise CelEvaluationError("conversion error: google.protobuf.Any holds no known message")
    if short == "Value" and "null_value" in fields:
        return None
    values = list(fields.values()) or [{"Struct": {}, "ListValue": []}.get(short)]
    return _json(values[-1])


def _json(value: Any) -> Any:
    """`value` as JSON holds it: all numbers are doubles, those that do not fit are texts."""
    if type(value) in (int, Uint):
        return float(value) if abs(value) <= _EXACT else str(int(value))
    if type(value) is list:
        return [_json(it) for it in value]
    if isinstance(value, dict):
        return {str(key): _json(it) for key, it in value.items()}
    if type(value) is bytes:
        return base64.b64encode(value).decode()
    return to_string(value) if type(value) in (Timestamp, Duration) else value


def _wrapped(short: str, fields: dict[str, Any]) -> Any:
    value = fields.get("value", _ZEROS[_WRAPPERS[short]])
    if value is None:
        return _ZEROS[_WRAPPERS[short]]
    if short == "FloatValue":
        return _single(value)
    return _narrow(value, 32) if short.endswith("Int32Value") else value


def _narrow(value: Any, bits: int) -> Any:
    low, high = (0, 1 << bits) if type(value) is not int else (-(1 << bits - 1), 1 << bits - 1)
    if not low <= value < high:
        raise CelEvaluationError("range error: the number does not fit 32 bits")
    return value if type(value) is not int else checked(value)


def _single(value: float) -> float:
    """`value` rounded to a float of 32 bits."""
    import struct

    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
