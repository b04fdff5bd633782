"""Where in a value a path leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portside.model.place import FieldPath


def existing(value: Any, path: FieldPath) -> FieldPath | None:
    """`path` with an index for an item that it names by its text; None where that is absent."""
    found: FieldPath = path
    for position, step in enumerate(path):
        try:
            if type(value) is list and type(step) is str:
                step = value.index(step)
                found = (*found[:position], step, *found[position + 1 :])
            value = value[step]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return found
