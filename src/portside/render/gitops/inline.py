"""The values that an object of Argo CD or Flux holds itself, and where they are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from portside.model.place import FieldPath
from portside.render.gitops.made import MadeResource, placed
from portside.render.gitops.told import Told
from portside.render.layers import ABSENT, at
from portside.render.wire import Setting, ValuesText


def values_at(told: Told, path: FieldPath, text: str) -> ValuesText:
    """`text`, the values at `path` of the object, with the places of its keys."""
    file, line, column = placed(told.resource, path)
    places: dict[FieldPath, tuple[int, int, int]] = {(): (line, column, 0)}
    written = at(told.resource.value, path)
    if written is not ABSENT and not isinstance(told.resource, MadeResource):
        # What is rendered has places, too, but each is worked out at a cost.
        mark = told.resource.mark
        places |= {key: mark((*path, *key)) for key in _keys(written)}
    return ValuesText(text, file, places)


def setting_at(told: Told, path: FieldPath, setting: Setting) -> Setting:
    """`setting`, which the object has at `path`."""
    file, line, column = placed(told.resource, path)
    return setting._replace(file=file, place=(line, column, 0))


def _keys(value: Any, above: FieldPath = ()) -> Iterator[FieldPath]:
    """All keys and items below `value`."""
    held: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        held = value.items()
    elif isinstance(value, list):
        held = enumerate(value)
    for step, below in held:
        yield (*above, step)
        yield from _keys(below, (*above, step))
