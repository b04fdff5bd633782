"""What compiled expressions call: operators over plain Python values, with CEL's semantics.

Every start loads this module: it imports nothing heavy. An operation that has no value raises one
of `ERRORS`: compiled code reads fields by subscription, so Python's own lookup errors count too.
"""

from __future__ import annotations

from typing import Any

# Compiled code finds them here with the others.
from portside.cel.arithmetic import (  # noqa: F401
    add,
    checked,
    compare_numbers,
    div,
    ge,
    gt,
    le,
    lt,
    mod,
    mul,
    neg,
    sub,
    unsigned,
)
from portside.cel.errors import CelEvaluationError, no_overload
from portside.cel.values import (
    NONE,
    BoolKey,
    CelMap,
    Duration,
    OddKey,
    Opaque,
    Optional,
    Timestamp,
    TypeValue,
    Uint,
)

ERRORS = (CelEvaluationError, KeyError, TypeError, IndexError, AttributeError)

_NUMBERS = (int, float, Uint)
_MAPS = (dict, CelMap)


def eq(a: Any, b: Any) -> bool:  # noqa: C901, PLR0911 - one branch for each form
    """Heterogeneous equality: numbers by value, unlike types unequal, never an error."""
    kind, other = type(a), type(b)
    if kind is str:
        return other is str and bool(a == b)
    if kind is bool:
        return a is b
    if kind in _NUMBERS:
        return other in _NUMBERS and compare_numbers(a, b) == 0
    if kind is list:
        return other is list and len(a) == len(b) and _same_items(a, b)
    if kind in _MAPS:
        return other in _MAPS and len(a) == len(b) and _same_entries(a, b)
    if kind is Optional:
        if other is not Optional or a.present is not b.present:
            return False
        return not a.present or eq(a.value, b.value)
    if isinstance(a, Opaque) and b is not None:
        return a.cel_equal(b)
    return bool(kind is other and a == b)


def _same_items(a: list[Any], b: list[Any]) -> bool:
    for one, other in zip(a, b, strict=True):  # noqa: SIM110 - all() takes more of the stack
        if not eq(one, other):
            return False
    return True


def _same_entries(a: dict[Any, Any], b: dict[Any, Any]) -> bool:
    for name, value in a.items():  # noqa: SIM110 - all() takes more of the stack
        if name not in b or not eq(value, b[name]):
            return False
    return True


def same(a: Any, b: Any) -> bool:
    """Equality where values that cannot be compared are unequal."""
    try:
        return eq(a, b)
    except CelEvaluationError:
        return False


def ne(a: Any, b: Any) -> bool:
    return not eq(a, b)


def not_(a: Any) -> bool:
    if a is True:
        return False
    if a is False:
        return True
    raise no_overload("!_")


def truth(a: Any, what: str) -> bool:
    """`a`, which must be a bool."""
    if a is True or a is False:
        return bool(a)
    raise no_overload(what)


_ODD_KEYS = (Duration, Timestamp, TypeValue, type(None))
"""Types of keys that Kubernetes lets a map have, finds with `in` and refuses as an index."""


def in_(a: Any, b: Any) -> bool:
    kind = type(b)
    if kind is list:
        if type(a) is str:
            return a in b
        for item in b:  # noqa: SIM110 - a generator costs more than most lists
            if same(item, a):
                return True
        return False
    if kind in _MAPS:
        if type(a) in _ODD_KEYS:
            return a in b
        try:
            return key(a) in b
        except (CelEvaluationError, TypeError):
            return False
    raise no_overload("_in_")


def key(value: Any) -> Any:
    """`value` as a key of a map. Raises CelEvaluationError where it cannot be one."""
    kind = type(value)
    if kind is str or kind is int:
        return value
    if kind is bool:
        return BoolKey(value)
    if kind is Uint:
        return value
    if kind is float:
        return value
    raise CelEvaluationError("unsupported key type")


def unkey(value: Any) -> Any:
    return value.value if type(value) is BoolKey or type(value) is OddKey else value


def has(value: Any, field: str) -> bool:
    """Whether `value` has `field`: the slow path, for all that is no plain map."""
    if type(value) in _MAPS:
        return field in value
    if type(value) is Optional:
        return bool(value.present) and has(value.value, field)
    if isinstance(value, Opaque):
        return value.has_field(field)
    if type(value) is list:
        raise CelEvaluationError(f"unsupported index type: {field!r} in a list")
    return False


def has_strictly(value: Any, field: str) -> bool:
    """`has` in the full language, in which only maps have fields."""
    if type(value) is Optional:
        return bool(value.present) and has_strictly(value.value, field)
    if type(value) in _MAPS:
        return field in value
    raise CelEvaluationError(f"no such field: {field}")


def select_strictly(value: Any, field: str) -> Any:
    if type(value) is Optional:
        return optional_select_strictly(value, field)
    return value[field]


def optional_select_strictly(value: Any, field: str) -> Optional:
    if type(value) is Optional:
        if not value.present:
            return NONE
        value = value.value
    return Optional(value[field]) if has_strictly(value, field) else NONE


def optional_index_strictly(value: Any, at: Any) -> Optional:
    if type(value) not in (Optional, list, *_MAPS):
        raise no_overload("_[?_]")
    return optional_index(value, at)


def index(value: Any, at: Any) -> Any:
    kind = type(value)
    if kind is list:
        number = _position(at, "_[_]")
        if 0 <= number < len(value):
            return value[number]
        raise CelEvaluationError(f"index out of bounds: {number}")
    if kind in _MAPS:
        found = key(at)
        if found in value:
            return value[found]
        raise CelEvaluationError(f"no such key: {at}")
    if kind is Optional:
        return optional_index(value, at)
    if isinstance(value, Opaque):
        return value.field(at)
    raise no_overload("_[_]")


def _position(at: Any, operator: str) -> int:
    """`at` as a position in a list."""
    number = int(at) if type(at) is float and at.is_integer() else at
    if type(number) not in (int, Uint):
        raise no_overload(operator)
    return int(number)


def optional_select(value: Any, field: str) -> Optional:
    if type(value) is Optional:
        if not value.present:
            return NONE
        value = value.value
    return Optional(value[field]) if has(value, field) else NONE


def optional_index(value: Any, at: Any) -> Optional:
    if type(value) is Optional:
        if not value.present:
            return NONE
        value = value.value
    if type(value) is list:
        number = _position(at, "_[?_]")
        return Optional(value[number]) if 0 <= number < len(value) else NONE
    if isinstance(value, Opaque):
        return Optional(value.field(at)) if value.has_field(at) else NONE
    if type(value) not in _MAPS:
        return NONE
    try:
        found = key(at)
    except CelEvaluationError:
        if type(at) is float:
            return NONE
        raise
    return Optional(value[found]) if found in value else NONE


def iterate(value: Any) -> Any:
    """What a comprehension of one variable runs over: items of a list, keys of a map."""
    kind = type(value)
    if kind is list:
        return value
    if kind is dict:
        return list(value)
    if kind is CelMap:
        return [unkey(it) for it in value]
    raise no_overload("comprehension range")


def pairs(value: Any) -> Any:
    """What a comprehension of two variables runs over: index and item, or key and value."""
    kind = type(value)
    if kind is list:
        return list(enumerate(value))
    if kind is dict:
        return list(value.items())
    if kind is CelMap:
        return [(unkey(it), item) for it, item in value.items()]
    raise no_overload("comprehension range")


def make_list(elements: list[Any], optional: tuple[int, ...]) -> list[Any]:
    """A list literal in which the elements at the positions `optional` may be absent."""
    made = []
    for position, element in enumerate(elements):
        if position not in optional:
            made.append(element)
        elif type(element) is not Optional:
            raise no_overload("[?_]")
        elif element.present:
            made.append(element.value)
    return made


def make_map(entries: list[tuple[Any, Any]], optional: tuple[int, ...] = ()) -> dict[Any, Any]:
    """A map literal. Raises CelEvaluationError for a key written twice or of a wrong type."""
    made: dict[Any, Any] = {}
    for position, (name, value) in enumerate(entries):
        at = literal_key(name)
        if position in optional:
            if type(value) is not Optional:
                raise no_overload("{?_: _}")
            if not value.present:
                continue
            value = value.value
        if at in made:
            raise CelEvaluationError(f"duplicate key: {name}")
        made[at] = value
    return typed_map(made)


def make_any_map(entries: list[tuple[Any, Any]], optional: tuple[int, ...] = ()) -> dict[Any, Any]:
    """A map literal as Kubernetes makes it: of any keys, the last of equal ones."""
    made: dict[Any, Any] = {}
    for position, (name, value) in enumerate(entries):
        if position in optional:
            if type(value) is not Optional:
                raise no_overload("{?_: _}")
            if not value.present:
                # An absent entry takes away what was there before: so it is in Kubernetes.
                made.pop(_any_key(name), None)
                continue
            value = value.value
        if type(name) is bytes:
            raise CelEvaluationError("unsupported key type")
        made[_any_key(name)] = value
    return typed_map(made)


def _any_key(name: Any) -> Any:
    if type(name) is bool:
        return BoolKey(name)
    return OddKey(name) if type(name) in (list, *_MAPS) else name


def literal_key(name: Any) -> Any:
    if type(name) not in (str, int, bool, Uint):
        raise CelEvaluationError("unsupported key type")
    return key(name)


def typed_map(made: dict[Any, Any]) -> dict[Any, Any]:
    """`made` as it is where all its keys are text, as a CelMap otherwise."""
    return made if all(type(it) is str for it in made) else CelMap(made)


def type_of(value: Any) -> TypeValue:
    from portside.cel.values import type_name

    return TypeValue(type_name(value))


def of_type(value: Any, name: str) -> Any:
    """`value`, which must be of the type called `name`; of a list only the first item is asked."""
    from portside.cel.values import type_name

    outer, _, inner = name.partition("(")
    kind = type_name(value).rpartition("google.protobuf.")[2].lower()
    if kind != outer and type_name(value) != outer:
        raise no_overload(f"{name} expected")
    if outer == "list" and value and inner[:-1] not in ("", "dyn", "A", "B"):
        of_type(value[0], inner[:-1])
    return value


def is_value(value: Any) -> bool:
    """Whether `value` is of a type that CEL knows."""
    from portside.cel.values import TYPE_NAMES

    return type(value) in TYPE_NAMES or isinstance(value, Opaque)


def fail(message: str, *_: Any) -> Any:
    raise CelEvaluationError(message)


def evaluation_error(error: BaseException) -> CelEvaluationError:
    """`error`, one of `ERRORS`, as what a reader of the expression understands."""
    if isinstance(error, CelEvaluationError):
        return error
    if isinstance(error, KeyError):
        return CelEvaluationError(f"no such key: {error.args[0] if error.args else ''}")
    if isinstance(error, IndexError):
        return CelEvaluationError("index out of bounds")
    return CelEvaluationError("no such overload: a value here is not of the type that is asked for")


def as_optional(value: Any) -> Optional:
    """`value`, which must be an optional."""
    if type(value) is Optional:
        return value
    raise no_overload("optional")


def made_optional(value: Any) -> Optional:
    return Optional(value)


def entries(value: Any) -> list[tuple[Any, Any]]:
    """The entries of a map, as literals would have them."""
    if type(value) not in _MAPS:
        raise no_overload("transformMapEntry")
    return [(unkey(name), item) for name, item in value.items()]


def first_fitting(functions: tuple[Any, ...], *values: Any) -> Any:
    """What the first of `functions` that takes values of these types gives."""
    for function in functions[:-1]:
        try:
            return function(*values)
        except CelEvaluationError as error:
            if not error.message.startswith("no such overload"):
                raise
    return functions[-1](*values)
