"""Fields of values that nobody has checked: custom resources, and files that are no objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

Item = TypeVar("Item")

_NONE: dict[str, Any] = {}


def at(value: Any, *steps: str | int) -> Any:
    """What stands at `steps` below `value`; None where anything on the way is missing."""
    for step in steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def text(value: Any, *steps: str | int) -> str:
    """The text at `steps`; empty where there is none."""
    found = at(value, *steps)
    return found if type(found) is str else ""


def mapping(value: Any, *steps: str | int) -> dict[str, Any]:
    """The map at `steps`; an empty one where there is none."""
    found = at(value, *steps)
    return found if type(found) is dict else _NONE


def maps(value: Any, *steps: str | int) -> Iterator[tuple[int, dict[str, Any]]]:
    """The maps among the items of the list at `steps`, each with its index."""
    return _items(dict, value, steps)


def texts(value: Any, *steps: str | int) -> Iterator[tuple[int, str]]:
    """The texts among the items of the list at `steps`, each with its index."""
    return _items(str, value, steps)


def _items(
    kind: type[Item], value: Any, steps: tuple[str | int, ...]
) -> Iterator[tuple[int, Item]]:
    found = at(value, *steps)
    if type(found) is list:
        for index, item in enumerate(found):
            if type(item) is kind:
                yield index, item
