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
        if _stands(value, base + path):
            return base + path
    base, path = targets[0]
    return base + path


def _stands(value: Any, path: FieldPath) -> bool:
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True
