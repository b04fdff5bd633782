"""The values that plain Python lacks. Every start loads this module: it imports nothing heavy."""

from __future__ import annotations

from typing import Any

from portside.cel.errors import CelEvaluationError, no_overload


class Uint(int):
    """An unsigned integer of 64 bits; equal to, and hashed as, the integer of its value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{int(self)}u"


class CelMap(dict[Any, Any]):
    """A map made in an expression whose keys are not all text; a bool key is a `BoolKey`."""

    __slots__ = ()


class BoolKey:
    """A bool as a key of a map: Python holds True and 1 for the same key, CEL does not."""

    __slots__ = ("value",)

    def __init__(self, value: bool) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BoolKey) and other.value is self.value

    def __hash__(self) -> int:
        return hash(("bool", self.value))


class OddKey:
    """A list or map as a key of a map, where Kubernetes allows one: no look-up ever finds it."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class Duration:
    """A span of time in nanoseconds."""

    __slots__ = ("nanoseconds",)

    def __init__(self, nanoseconds: int) -> None:
        if not -(1 << 63) <= nanoseconds < 1 << 63:
            raise CelEvaluationError("duration out of range")
        self.nanoseconds = nanoseconds

    def __eq__(self, other: object) -> bool:
        return type(other) is Duration and other.nanoseconds == self.nanoseconds

    def __hash__(self) -> int:
        return hash(("duration", self.nanoseconds))

    def __repr__(self) -> str:
        return f"duration({self.nanoseconds}ns)"


FIRST_MOMENT, _LAST = -62135596800 * 10**9, 253402300800 * 10**9 - 1


class Timestamp:
    """A moment in nanoseconds since 1970 in UTC, of the years 1 to 9999.

    `offset` is in seconds: that of the zone it was written in, in which `string()` writes it too.
    """

    __slots__ = ("nanoseconds", "offset")

    def __init__(self, nanoseconds: int, offset: int = 0) -> None:
        if not FIRST_MOMENT <= nanoseconds <= _LAST:
            raise CelEvaluationError("timestamp out of range")
        self.nanoseconds = nanoseconds
        self.offset = offset

    def __eq__(self, other: object) -> bool:
        return type(other) is Timestamp and other.nanoseconds == self.nanoseconds

    def __hash__(self) -> int:
        return hash(("timestamp", self.nanoseconds))

    def __repr__(self) -> str:
        return f"timestamp({self.nanoseconds}ns)"


class Optional:
    """A value that may be absent."""

    __slots__ = ("present", "value")

    def __init__(self, value: Any, present: bool = True) -> None:
        self.value = value
        self.present = present

    def __getitem__(self, field: str) -> Optional:
        """The field of the value, as compiled code asks for it: what follows stays optional."""
        if not self.present:
            return NONE
        if type(self.value) is list:
            raise CelEvaluationError(f"unsupported index type: {field!r} in a list")
        found = isinstance(self.value, dict) and field in self.value
        return Optional(self.value[field]) if found else NONE

    def __repr__(self) -> str:
        return f"optional.of({self.value!r})" if self.present else "optional.none()"


NONE = Optional(None, present=False)


class TypeValue:
    """A type as a value: what `type(x)` gives."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return type(other) is TypeValue and other.name == self.name

    def __hash__(self) -> int:
        return hash(("type", self.name))

    def __repr__(self) -> str:
        return f"type({self.name})"


class Opaque:
    """A value of a library's own type; `type_name` is what the type is called."""

    __slots__ = ()

    type_name = ""

    def has_field(self, name: Any) -> bool:
        """Whether it has a field of this name."""
        return False

    def field(self, name: Any) -> Any:
        """The field of this name. Raises CelEvaluationError where there is none."""
        raise no_overload("_[_]")

    def cel_equal(self, other: Any) -> bool:
        """Equality in an expression, with all but null. Raises CelEvaluationError."""
        return type(other) is type(self) and self == other


TYPE_NAMES: dict[type, str] = {
    bool: "bool",
    int: "int",
    Uint: "uint",
    float: "double",
    str: "string",
    bytes: "bytes",
    list: "list",
    dict: "map",
    CelMap: "map",
    type(None): "null_type",
    Duration: "google.protobuf.Duration",
    Timestamp: "google.protobuf.Timestamp",
    Optional: "optional_type",
    TypeValue: "type",
}


def type_name(value: Any) -> str:
    """What CEL calls the type of `value`."""
    name = TYPE_NAMES.get(type(value))
    if name is None:
        name = getattr(value, "type_name", "") or type(value).__name__
    return name
