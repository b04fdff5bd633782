"""What is to become of a value: one field set, one item added, one field removed. Values only."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from portside.records import NamedTuple
from portside.syntax.document import Path

SET, ADD, REMOVE = "set", "add", "remove"


class CannotEditError(Exception):
    """The text cannot be edited as asked; the reason is for people."""


class Change(NamedTuple):
    """One change of a document.

    `set` gives the field at `path` the value, and makes the maps on the way; `add` appends the
    value to the list at `path` unless it is in it; `remove` takes the field or item away, and
    what holds nothing else with it, as far up as the first `least` steps of the path.
    """

    what: str
    path: Path
    value: Any = None
    least: int = 0
    """0 where nothing goes but the field itself."""


def changed(value: Any, change: Change) -> Any:
    """`value` with the change made. Raises CannotEditError where a scalar stands on the way."""
    value = deepcopy(value)
    if change.what == REMOVE:
        _remove(value, change.path)
        return value
    if not change.path:
        raise CannotEditError("a whole document is not replaced")
    parent = value
    for step, following in zip(change.path, change.path[1:], strict=False):
        parent = _entered(parent, step, following)
    last = change.path[-1]
    if change.what == ADD:
        items = _entered(parent, last, 0)
        if change.value not in items:
            items.append(deepcopy(change.value))
    else:
        _put(parent, last, deepcopy(change.value))
    return value


def pruned(value: Any, change: Change) -> Change:
    """The removal of all that goes with the field; any other change is itself."""
    path = change.path
    while change.what == REMOVE and 0 < change.least < len(path):
        held, _ = existing(value, path[:-1])
        if type(held) not in (dict, list) or len(held) > 1:
            break
        path = path[:-1]
    return change._replace(path=path, least=0)


def is_made(value: Any, change: Change) -> bool:
    """Whether `value` is already as the change would make it."""
    found, there = existing(value, change.path)
    if change.what == REMOVE:
        return not there
    if change.what == ADD:
        return there and type(found) is list and change.value in found
    return there and type(found) is type(change.value) and found == change.value


def existing(value: Any, path: Path) -> tuple[Any, bool]:
    """What stands at `path`, and whether anything does."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None, False
    return value, True


def _remove(value: Any, path: Path) -> None:
    parent, there = existing(value, path[:-1])
    if path and there and type(parent) in (dict, list) and existing(value, path)[1]:
        del parent[path[-1]]


def _entered(parent: Any, step: str | int, following: str | int) -> Any:
    """The container at `step`, made where there is none or null."""
    found, there = existing(parent, (step,))
    if found is None:
        if type(step) is int and not there:
            raise CannotEditError("the list has no such item")
        found = [] if type(following) is int else {}
        _put(parent, step, found)
    if type(found) is not (list if type(following) is int else dict):
        raise CannotEditError(f"{step} is neither a map nor a list that could hold it")
    return found


def _put(parent: Any, step: Any, value: Any) -> None:
    wanted = list if type(step) is int else dict
    if type(parent) is not wanted:
        raise CannotEditError(f"what should hold {step} is of another type")
    if wanted is list and not 0 <= step < len(parent):
        raise CannotEditError("the list has no such item")
    parent[step] = value
