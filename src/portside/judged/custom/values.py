"""Whether a plain value is as a part of a schema says: its type, size, number, text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portside.judged.custom.schema import Schema

_SHOWN = {bool: "true or false", dict: "a map", list: "a list", str: "text", type(None): "null"}
_LONGEST = 100
_SIZES: tuple[tuple[Any, str], ...] = ((str, "characters"), (list, "items"), (dict, "entries"))


def shown(value: Any) -> str:
    """What a value is, in words: never the value, which may be a secret."""
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is float:
        return "a number with a fraction"
    return _SHOWN.get(type(value), "a whole number")


def fits_type(schema: Schema, value: Any) -> bool:
    """Whether `value`, which is not null, is of the type of the schema."""
    kind = type(value)
    is_whole = kind is int or (isinstance(value, float) and value.is_integer())
    if schema.int_or_string:
        return is_whole or kind is str
    wanted = schema.type
    if wanted == "integer":
        return is_whole
    if wanted == "number":
        return kind is int or kind is float
    types: dict[str, type] = {"object": dict, "array": list, "string": str, "boolean": bool}
    return not wanted or kind is types[wanted]


def equal(one: Any, other: Any) -> bool:
    """Equality of JSON: true is not 1."""
    return (type(one) is bool) == (type(other) is bool) and bool(one == other)


def size_fault(schema: Schema, value: Any) -> str:
    """What is wrong with the size of a text, a list or a map; empty where nothing is."""
    for (kind, unit), least, most in zip(_SIZES, schema.least, schema.most, strict=True):
        size = len(value) if type(value) is kind else -1
        if size < 0:
            continue
        if least is not None and size < least:
            return f"has {size} {unit}, at least {least} are needed"
        if most is not None and size > most:
            return f"has {size} {unit}, at most {most} are allowed"
    return ""


def number_fault(schema: Schema, value: float) -> str:
    """What is wrong with a number; empty where nothing is."""
    least, most = schema.minimum, schema.maximum
    if least is not None and (value < least or (schema.exclusive_minimum and value == least)):
        return f"is below {least}" if value < least else f"has to be above {least}"
    if most is not None and (value > most or (schema.exclusive_maximum and value == most)):
        return f"is above {most}" if value > most else f"has to be below {most}"
    if schema.multiple_of and not _is_multiple(value, schema.multiple_of):
        return f"is no multiple of {schema.multiple_of}"
    return ""


def _is_multiple(value: float, of: float) -> bool:
    if type(value) is int and type(of) is int:
        return value % of == 0
    try:
        times = value / of
    except OverflowError:
        return True
    return abs(times - round(times)) < _NEAR


_NEAR = 1e-9
"""How near a fraction has to be to a whole number to be one, as the API server has it."""


def is_label(text: str) -> bool:
    """Whether `text` is a label of DNS (RFC 1035): lower case letters, digits and hyphens."""
    plain = text.replace("-", "a")
    is_plain = plain.isascii() and plain.isalnum() and plain == plain.lower()
    return is_plain and text[0].isalpha() and text[-1] != "-" and len(text) < _LONGEST_LABEL


_LONGEST_LABEL = 64


def twin_fault(schema: Schema, value: list[Any]) -> str:
    """That two items of a list are the same, where each has to be one of its own."""
    seen = set()
    for item in value:
        key = _key(schema, item)
        if key in seen:
            return "holds an item twice, and each has to be another"
        seen.add(key)
    return ""


def _key(schema: Schema, item: Any) -> str:
    if schema.list_type == "map" and type(item) is dict:
        return repr([item.get(name) for name in schema.list_keys])
    return repr(item)


def text_fault(pattern: str, value: str) -> str:
    """What is wrong with a text; empty where nothing is, or where nobody here can tell."""
    from portside.cel.errors import CelError
    from portside.cel.library.core import compiled

    try:
        fits = compiled(pattern).search(value) is not None
    except CelError:
        return ""
    return "" if fits else f"does not match the pattern {pattern[:_LONGEST]}"
