"""The sets extension: lists asked as sets."""

from __future__ import annotations

from typing import Any

from portside.cel.errors import no_overload
from portside.cel.library.members import Members


def _lists(name: str, *values: Any) -> None:
    if any(type(value) is not list for value in values):
        raise no_overload(name)


def contains(items: Any, part: Any) -> bool:
    _lists("sets.contains", items, part)
    members = Members(items)
    return all(it in members for it in part)


def equivalent(items: Any, other: Any) -> bool:
    return contains(items, other) and contains(other, items)


def intersects(items: Any, other: Any) -> bool:
    _lists("sets.intersects", items, other)
    members = Members(items)
    return any(it in members for it in other)
