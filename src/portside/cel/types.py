"""The types of the checker, as small tuples: ("int",), ("list", T), ("map", K, V), ("A",)."""

from __future__ import annotations

from collections.abc import Sequence

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

_NULLABLE = frozenset(("timestamp", "duration", "null_type", "wrapper", "optional_type"))
_PLAIN = ("dyn", "bool", "int", "double", "string", "null_type", "list", "map", "wrapper")
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


def is_plain(kind: Type) -> bool:
    """Whether all values of `kind` are such as JSON can say; of `dyn` that is presumed."""
    return str(kind[0]) in _PLAIN and all(is_plain(it) for it in parts(kind))


def has_parameter(kind: Type) -> bool:
    """Whether `kind` is, or holds, a type parameter."""
    return is_parameter(kind) or any(has_parameter(it) for it in parts(kind))


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


def substituted(kind: Type, bindings: Bindings, *, unbound: Type | None = None) -> Type:
    """`kind` with its parameters replaced by what they are bound to, or else by `unbound`."""
    found = bindings.get(str(kind[0])) if is_parameter(kind) else None
    if found is not None:
        return substituted(found, bindings, unbound=unbound)
    if unbound is not None and is_parameter(kind):
        return unbound
    if len(kind) == 1:
        return kind
    return (kind[0], *(substituted(it, bindings, unbound=unbound) for it in parts(kind)))


def parts(kind: Type) -> tuple[Type, ...]:
    """The parameters of `kind`."""
    return tuple(it for it in kind[1:] if type(it) is tuple)


def assigned(one: Type, other: Type, bindings: Bindings) -> bool:
    """Whether `one` may stand where `other` does; `bindings` are changed only where it may."""
    return all_assigned((one,), (other,), bindings)


def all_assigned(ones: Sequence[Type], others: Sequence[Type], bindings: Bindings) -> bool:
    """`assigned` for each pair, all or nothing. Source: cel-go, checker/types.go."""
    trial = dict(bindings)
    if len(ones) != len(others):
        return False
    if not all(_assignable(one, other, trial) for one, other in zip(ones, others, strict=True)):
        return False
    bindings.update(trial)
    return True


def _assignable(one: Type, other: Type, bindings: Bindings) -> bool:
    if is_parameter(other):
        valid, bound = _substitution(one, other, bindings)
        if valid or bound:
            return valid
    if is_parameter(one):
        return _substitution(other, one, bindings)[0]
    if _is_open(one) or _is_open(other):
        return True
    if one == NULL or other == NULL:
        return _nullable(other if one == NULL else one)
    return _alike(plain(one), plain(other), bindings)


def _alike(one: Type, other: Type, bindings: Bindings) -> bool:
    if one[0] == "type":
        return other[0] == "type"
    ones, others = parts(one), parts(other)
    return (
        one[0] == other[0]
        and len(ones) == len(others)
        and all(_assignable(a, b, bindings) for a, b in zip(ones, others, strict=True))
    )


def _is_open(kind: Type) -> bool:
    return kind[0] in ("dyn", "error")


def _nullable(kind: Type) -> bool:
    return str(kind[0]) in _NULLABLE or "." in str(kind[0])


def plain(kind: Type) -> Type:
    """The type that a wrapper wraps; any other type as it is."""
    return parts(kind)[0] if kind[0] == "wrapper" else kind


def _substitution(kind: Type, parameter: Type, bindings: Bindings) -> tuple[bool, bool]:
    """Whether `parameter` can mean `kind`, and whether it already meant something."""
    if kind == parameter:
        return True, True
    name = str(parameter[0])
    found = bindings.get(name)
    if found is None:
        if _occurs(parameter, kind, bindings):
            return False, False
        bindings[name] = kind
        return True, False
    if kind == found:
        return True, True
    if not _assignable(kind, found, bindings):
        return False, True
    general = more_general(kind, found)
    if not _occurs(parameter, general, bindings):
        bindings[name] = general
    return True, True


def _occurs(parameter: Type, within: Type, bindings: Bindings) -> bool:
    if parameter == within:
        return True
    if is_parameter(within):
        found = bindings.get(str(within[0]))
        return found is not None and _occurs(parameter, found, bindings)
    return any(_occurs(parameter, it, bindings) for it in parts(within))


def more_general(one: Type, other: Type) -> Type:
    """The more general of two types that fit each other."""
    return one if _less_specific(one, other) else other


def _less_specific(one: Type, other: Type) -> bool:
    if one == DYN or is_parameter(one):
        return True
    if other == DYN or is_parameter(other):
        return False
    one, other = plain(one), plain(other)
    if one[0] == other[0] == "type":
        return True
    ones, others = parts(one), parts(other)
    return (
        one[0] == other[0]
        and len(ones) == len(others)
        and all(_less_specific(a, b) for a, b in zip(ones, others, strict=True))
    )
