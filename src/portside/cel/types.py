"""The types of the checker, written as small tuples: ("int",), ("list", T), ("map", K, V), ("A",)."""

from __future__ import annotations

from portside.cel.errors import CelTypeError

Type = tuple["str | Type", ...]
Bindings = dict[str, Type]

DYN: Type = ("dyn",)
ERROR: Type = ("error",)
BOOL: Type = ("bool",)
INT: Type = ("int",)
UINT: Type = ("uint",)
DOUBLE: Type = ("double",)
STRING: Type = ("string",)
BYTES: Type = ("bytes",)
NULL: Type = ("null_type",)
TIMESTAMP: Type = ("timestamp",)
DURATION: Type = ("duration",)

_NULLABLE = frozenset(("timestamp", "duration", "null_type", "wrapper"))
_ALIASES = {
    "google.protobuf.Timestamp": "timestamp",
    "google.protobuf.Duration": "duration",
    "null": "null_type",
    "optional": "optional_type",
    "any": "dyn",
}


def list_of(item: Type) -> Type:
    return ("list", item)


def map_of(key: Type, value: Type) -> Type:
    return ("map", key, value)


def optional_of(item: Type) -> Type:
    return ("optional_type", item)


def is_parameter(kind: Type) -> bool:
    """Whether `kind` is a type parameter: a capital letter, made fresh with a number behind it."""
    return len(kind) == 1 and str(kind[0])[0].isupper()


def parse_type(text: str) -> Type:
    """The type that `text` names: `list(string)`, `map(string, dyn)`. Raises CelTypeError."""
    kind, rest = _parse(text.replace(" ", ""))
    if rest:
        raise CelTypeError(f"{text!r} is not a type")
    return kind


def _parse(text: str) -> tuple[Type, str]:
    end = next((at for at, it in enumerate(text) if it in "(),"), len(text))
    name, rest = text[:end], text[end:]
    if not name:
        raise CelTypeError(f"a type is missing before {text!r}")
    name = _ALIASES.get(name, name)
    parts: list[Type] = []
    if rest.startswith("("):
        while rest and rest[0] in "(,":
            part, rest = _parse(rest[1:])
            parts.append(part)
        if not rest.startswith(")"):
            raise CelTypeError(f"the type {name} does not end")
        rest = rest[1:]
    if not parts and name in ("list", "map", "optional_type"):
        parts = [DYN] * (2 if name == "map" else 1)
    return (name, *parts), rest


def name_of(kind: Type) -> str:
    """`kind` as people write it."""
    if len(kind) == 1:
        return str(kind[0])
    return f"{kind[0]}({', '.join(name_of(part) for part in kind[1:] if type(part) is tuple)})"


def substituted(kind: Type, bindings: Bindings) -> Type:
    """`kind` with its parameters replaced by what they are bound to."""
    seen = 0
    while is_parameter(kind) and str(kind[0]) in bindings and seen < 100:
        kind = bindings[str(kind[0])]
        seen += 1
    if len(kind) == 1:
        return kind
    return (kind[0], *(substituted(part, bindings) for part in kind[1:] if type(part) is tuple))


def assignable(formal: Type, actual: Type, bindings: Bindings) -> bool:
    """Whether `actual` fits `formal`; parameters are bound on the way (also those of `actual`)."""
    formal, actual = substituted(formal, bindings), substituted(actual, bindings)
    if formal == actual or "dyn" in (formal[0], actual[0]) or "error" in (formal[0], actual[0]):
        return True
    if is_parameter(formal):
        bindings[str(formal[0])] = actual
        return True
    if is_parameter(actual):
        bindings[str(actual[0])] = formal
        return True
    if actual == NULL:
        return formal[0] in _NULLABLE or _is_opaque(formal)
    if formal == NULL:
        return actual[0] in _NULLABLE or _is_opaque(actual)
    if formal[0] == actual[0] == "type":
        return True
    if formal[0] != actual[0] or len(formal) != len(actual):
        return False
    return all(
        assignable(one, other, bindings)
        for one, other in zip(formal[1:], actual[1:], strict=True)
        if type(one) is tuple and type(other) is tuple
    )


def _is_opaque(kind: Type) -> bool:
    return "." in str(kind[0])


def joined(one: Type, other: Type, bindings: Bindings) -> Type:
    """The type of a literal's elements so far: dyn where two do not agree."""
    if one == ERROR:
        return other
    trial = dict(bindings)
    if assignable(one, other, trial):
        bindings.update(trial)
        return DYN if other == DYN else one
    return DYN
