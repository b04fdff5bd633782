"""Which of a rule's candidate fields a finding names: the first that exists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portside.model.place import FieldPath


def existing(value: Any, targets: Sequence[tuple[FieldPath, FieldPath]]) -> FieldPath:
    """The first of `targets` (a base and a path below it) that stands in `value`; else the first.

    A field that is absent keeps its whole path: the place in the text is its nearest ancestor's.
    """
    for base, path in targets:
        found = _standing(value, base + path)
        if found is not None:
            return found
    base, path = targets[0]
    return base + path


def _standing(value: Any, path: FieldPath) -> FieldPath | None:
    """`path` with an index for an item that it names by its text; None where that is absent."""
    found: list[str | int] = []
    for step in path:
        try:
            at = value.index(step) if type(value) is list and type(step) is str else step
            value = value[at]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
        found.append(at)
    return tuple(found)
