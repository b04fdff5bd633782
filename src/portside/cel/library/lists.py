"""The lists extension, and Kubernetes' own functions of lists."""

from __future__ import annotations

from functools import cmp_to_key
from itertools import pairwise
from typing import Any

from portside.cel.arithmetic import add, lt
from portside.cel.errors import CelEvaluationError, no_overload
from portside.cel.runtime import same
from portside.cel.values import Duration, Timestamp, Uint

_MOST = 1_000_000
_ZEROS: dict[type, Any] = {int: 0, Uint: Uint(0), float: 0.0, Duration: Duration(0)}
_SORTABLE = (int, Uint, float, str, bytes, bool, Duration, Timestamp)


def _list(name: str, value: Any) -> list[Any]:
    if type(value) is not list:
        raise no_overload(name)
    return value


def _number(name: str, value: Any) -> int:
    if type(value) is not int:
        raise no_overload(name)
    return value


def slice_(items: Any, start: Any, end: Any) -> list[Any]:
    first, last = _number("slice", start), _number("slice", end)
    if not 0 <= first <= last <= len(_list("slice", items)):
        raise CelEvaluationError(f"cannot slice({first}, {last}) a list of {len(items)}")
    return list(items[first:last])


def flatten(items: Any, depth: Any = 1) -> list[Any]:
    if _number("flatten", depth) < 0:
        raise CelEvaluationError("level must be non-negative")
    made = _list("flatten", items)
    for _ in range(min(depth, 1_000)):
        if not any(type(it) is list for it in made):
            break
        made = [part for it in made for part in (it if type(it) is list else (it,))]
    return list(made)


def compared(a: Any, b: Any) -> int | None:
    """-1, 0 or 1; None where the two cannot be ordered, which is no error in what calls this."""
    try:
        return -1 if lt(a, b) else int(lt(b, a))
    except CelEvaluationError:
        return None


def _sorted(pairs: list[tuple[Any, Any]]) -> list[Any]:
    kinds = {type(key) for key, _ in pairs}
    if len(kinds) > 1:
        raise CelEvaluationError("list elements must have the same type")
    if not kinds <= set(_SORTABLE):
        raise CelEvaluationError("list elements must be comparable")
    order = cmp_to_key(lambda a, b: compared(a, b) or 0)
    return [it for _, it in sorted(pairs, key=lambda pair: order(pair[0]))]


def sort(items: Any) -> list[Any]:
    return _sorted([(it, it) for it in _list("sort", items)])


def sort_by_keys(items: Any, keys: Any) -> list[Any]:
    """`items` in the order of `keys`: what sortBy() is made of."""
    return _sorted(list(zip(_list("sortBy", keys), _list("sortBy", items), strict=True)))


def distinct(items: Any) -> list[Any]:
    from portside.cel.library.members import Members

    found = Members()
    return [it for it in _list("distinct", items) if found.add(it)]


def range_(count: Any) -> list[int]:
    if _number("lists.range", count) < 0:
        raise CelEvaluationError(f"lists.range: size must be non-negative, got {count}")
    if count > _MOST:
        raise CelEvaluationError(f"a list of more than {_MOST:,} items")
    return list(range(count))


def first(items: Any) -> Any:
    from portside.cel.values import NONE, Optional

    return Optional(items[0]) if _list("first", items) else NONE


def last(items: Any) -> Any:
    from portside.cel.values import NONE, Optional

    return Optional(items[-1]) if _list("last", items) else NONE


def reverse(items: Any) -> list[Any]:
    return _list("reverse", items)[::-1]


def is_sorted(items: Any) -> bool:
    made = _comparable("isSorted", items)
    return all(compared(a, b) != 1 for a, b in pairwise(made))


def _comparable(name: str, items: Any) -> list[Any]:
    if any(type(it) not in _SORTABLE for it in _list(name, items)):
        raise no_overload(name)
    return list(items)


def sum_(items: Any) -> Any:
    return _sum(items, 0)


def sum_uint(items: Any) -> Any:
    return _sum(items, Uint(0))


def sum_double(items: Any) -> Any:
    return _sum(items, 0.0)


def sum_duration(items: Any) -> Any:
    return _sum(items, Duration(0))


def _sum(items: Any, total: Any) -> Any:
    """All of `items`, `total` where there are none: that depends on the type of the list."""
    made = _list("sum", items)
    if made:
        zero = _ZEROS.get(type(made[0]))
        if zero is None:
            raise no_overload("sum")
        total = zero
    for it in made:
        total = add(total, it)
    return total


def _extreme(name: str, items: Any, wanted: int) -> Any:
    made = _comparable(name, items)
    if not made:
        raise CelEvaluationError(f"{name} called on empty list")
    found = made[0]
    for it in made[1:]:
        if compared(found, it) == wanted:
            found = it
    return found


def min_(items: Any) -> Any:
    return _extreme("min", items, 1)


def max_(items: Any) -> Any:
    return _extreme("max", items, -1)


def position_of(items: Any, wanted: Any) -> int:
    made = _list("indexOf", items)
    return next((at for at, it in enumerate(made) if same(it, wanted)), -1)


def last_position_of(items: Any, wanted: Any) -> int:
    made = _list("lastIndexOf", items)
    return next((at for at in range(len(made) - 1, -1, -1) if same(made[at], wanted)), -1)


def includes(items: Any, wanted: Any) -> bool:
    """Whether `wanted` is in the list, or is what is no list itself."""
    return any(same(it, wanted) for it in (items if type(items) is list else (items,)))
