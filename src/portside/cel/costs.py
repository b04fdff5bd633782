"""What a call costs in Kubernetes' units, beyond the parts that it is made of.

Source: cel-go, interpreter/runtimecost.go, ext/lists.go, ext/sets.go;
k8s.io/apiserver/pkg/cel/library/cost.go.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from portside.cel.declarations import Overload
from portside.cel.types import STRING, Type
from portside.cel.values import CelMap, Optional

Price = Callable[[Sequence[Any], Any], int]
"""The cost of a call with these arguments that gave this result, which may be an error."""

LIST, MAP, STRUCT = 10, 30, 40
"""What it costs to make one, beside what is in it."""

_SIZED = (str, bytes, list, dict, CelMap)
_NOMINAL = frozenset(
    (
        *("serviceAccount", "path", "group", "resource", "subresource", "namespace", "name"),
        *("allowed", "reason", "error", "errored", "masked", "prefixLength", "family"),
        *("isUnspecified", "isLoopback", "isLinkLocalMulticast", "isLinkLocalUnicast"),
        *("isGlobalUnicast", "format.named", "sign", "asInteger", "isInteger"),
        *("asApproximateFloat", "isGreaterThan", "isLessThan", "compareTo", "add", "sub"),
        *("major", "minor", "patch", "getScheme", "getHostname", "getHost", "getPort"),
        *("getEscapedPath", "getQuery"),
    )
)
_TRAVERSED = ("isSorted", "sum", "max", "min", "indexOf", "lastIndexOf", "includes")
_READ = (
    *("url", "lowerAscii", "upperAscii", "substring", "trim", "cidr", "isIP", "isCIDR"),
    *("quantity", "isQuantity", "semver", "isSemver"),
)
_READ_TWICE = ("replace", "split", "ip.isCanonical")
_COMPARED = ("_<_", "_<=_", "_>_", "_>=_")
_CHECK = 350_000


def price(name: str, overloads: tuple[Overload, ...]) -> Price:
    """The price of calls of `name`, of which `overloads` are those that can run."""
    found = _by_name(name, overloads)
    if found is not None:
        return found
    types = overloads[0].arguments if len(overloads) == 1 else ()
    return _by_types(name, types) or _one


def size(value: Any) -> int:
    """Characters, bytes, items or entries; one for all that has no size."""
    if type(value) in _SIZED:
        return len(value)
    sized = getattr(value, "cel_size", None)
    return int(sized()) if sized is not None else 1


def _tenth(amount: float) -> int:
    return math.ceil(amount * 0.1)


def _one(_: Sequence[Any], __: Any) -> int:
    return 1


def _by_name(name: str, overloads: tuple[Overload, ...]) -> Price | None:
    if name in _NOMINAL:
        return _one
    if name in _TRAVERSED:
        return lambda args, _: _traversal(args[0])
    if name in _READ or (name == "ip" and not _is_member(overloads)):
        return lambda args, _: _tenth(size(args[0]))
    if name in _READ_TWICE:
        return lambda args, _: _tenth(size(args[0]) * 2)
    if name == "ip":
        return _one
    if name in ("containsIP", "containsCIDR"):
        return _containment(name, overloads)
    return _NAMED.get(name)


def _is_member(overloads: tuple[Overload, ...]) -> bool:
    return any(it.member for it in overloads)


def _traversal(value: Any) -> int:
    if type(value) is str:
        return int(len(value.encode()) * 0.1)
    if type(value) is bytes:
        return int(len(value) * 0.1)
    if type(value) is list:
        return sum(_traversal(it) for it in value)
    if type(value) in (dict, CelMap):
        return sum(_traversal(key) + _traversal(it) for key, it in value.items())
    return 1


def _selector(args: Sequence[Any], _: Any) -> int:
    length = size(args[1])
    requirements = math.ceil(length * 0.5)
    return LIST + _tenth(length) + math.ceil(requirements * float(LIST + STRUCT))


def _search(args: Sequence[Any], _: Any) -> int:
    return _pattern(size(args[0]), size(args[1]))


def _pattern(text: int, pattern: int) -> int:
    return _tenth(1.0 + text) * math.ceil(pattern * 0.25)


def _validate(args: Sequence[Any], _: Any) -> int:
    longest = getattr(args[0], "weight", None)
    return 1 if longest is None else _pattern(size(args[1]), longest)


def _containment(name: str, overloads: tuple[Overload, ...]) -> Price:
    """containsIP and containsCIDR, which also read what is known to be a text."""
    text = len(overloads) == 1 and overloads[0].arguments[1] == STRING
    masks = name == "containsCIDR"

    def cost(args: Sequence[Any], _: Any) -> int:
        own = _tenth(size(args[0]) * 2) + (_tenth(size(args[0])) + 1 if masks else 0)
        return own + (_tenth(size(args[1])) if text else 0)

    return cost


def _equality(args: Sequence[Any], _: Any) -> int:
    return _tenth(min(_size_within(args[0]), _size_within(args[1])))


def _size_within(value: Any) -> int:
    """`size`, of an optional that of its value."""
    while type(value) is Optional and value.present:
        value = value.value
    return size(value)


def _kubernetes_equality(args: Sequence[Any], result: Any) -> int:
    if getattr(args[0], "type_name", ""):
        return 1
    return _equality(args, result)


_NAMED: dict[str, Price] = {
    "check": lambda _, __: _CHECK,
    "fieldSelector": _selector,
    "labelSelector": _selector,
    "join": lambda _, result: _tenth(size(result) * 2),
    "find": _search,
    "findAll": _search,
    "matches": _search,
    "validate": _validate,
    "_==_": _kubernetes_equality,
    "_!=_": _equality,
    "startsWith": lambda args, _: _tenth(_size_within(args[1])),
    "endsWith": lambda args, _: _tenth(_size_within(args[1])),
    "contains": lambda args, _: _tenth(_size_within(args[0])) * _tenth(_size_within(args[1])),
    "strings.quote": lambda args, _: _tenth(_size_within(args[0])),
    "format": lambda args, _: _tenth(_size_within(args[0])),
    "sets.contains": lambda args, _: _sets(args, 1),
    "sets.intersects": lambda args, _: _sets(args, 1),
    "sets.equivalent": lambda args, _: _sets(args, 2),
    "slice": lambda _, result: _allocated(1.0, size(result)),
    "lists.range": lambda _, result: _allocated(1.0, size(result)),
    "distinct": lambda args, _: _compared_with_itself(args[0]),
}


def _sets(args: Sequence[Any], factor: int) -> int:
    return 1 + size(args[0]) * size(args[1]) * factor


def _allocated(factor: float, length: int) -> int:
    return int(length * (factor if factor >= 0 else 1.0)) + 1 + LIST


def _compared_with_itself(items: Any) -> int:
    length = size(items)
    texts = length and type(items) is list and type(items[0]) in (str, bytes)
    return _allocated(2.1 if texts else 2.0, length * length)


def _flattened(args: Sequence[Any], _: Any) -> int:
    depth = float(args[1]) if len(args) == 2 and type(args[1]) is int else 1.0
    return _allocated(depth, size(args[0]))


def _by_types(name: str, types: tuple[Type, ...]) -> Price | None:
    """The price of one overload alone: where several may run they are not told apart."""
    kinds = tuple(str(it[0]) for it in types)
    if name in _COMPARED and kinds in (("string", "string"), ("bytes", "bytes")):
        return _equality
    if name == "_+_" and kinds in (("string", "string"), ("bytes", "bytes")):
        return lambda args, _: _tenth(_size_within(args[0]) + _size_within(args[1]))
    if name == "_in_" and kinds[1:] == ("list",):
        return lambda args, _: _size_within(args[1])
    if (name, kinds) in (("bytes", ("string",)), ("string", ("bytes",))):
        return lambda args, _: _tenth(_size_within(args[0]))
    return _of_lists(name) if kinds else None


def _of_lists(name: str) -> Price | None:
    if name == "flatten":
        return _flattened
    if name == "reverse":
        return lambda _, result: _allocated(1.0, size(result))
    if name == "sort":
        return lambda args, _: _compared_with_itself(args[0])
    if name == "@sortByKeys":
        return lambda args, _: _compared_with_itself(args[1])
    return None
