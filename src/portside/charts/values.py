"""The values of a chart, one by one, and what is said of the same thing beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portside.model.place import FieldPath
from portside.records import NamedTuple

_MOST = 200_000
"""Values that are looked at: aliases may repeat a few very often."""


class Value(NamedTuple):
    path: FieldPath
    name: str
    """The key that it stands under; of an item of a list that has a name, that name."""
    value: Any


def maps(values: Any) -> Iterator[tuple[FieldPath, dict[str, Any]]]:
    """Every map in `values`, but for those of what is switched off (`enabled: false`)."""
    pending: list[tuple[FieldPath, Any]] = [((), values)]
    left = _MOST
    while pending and left:
        path, node = pending.pop()
        left -= 1
        if type(node) is dict:
            if node.get("enabled") is False or node.get("create") is False:
                continue
            yield path, node
            pending += [((*path, key), node[key]) for key in reversed(node)]
        elif type(node) is list:
            pending += [((*path, at), node[at]) for at in reversed(range(len(node)))]


def scalars(values: Any) -> Iterator[Value]:
    """Every text and number in `values`, those of what is switched off too."""
    pending: list[tuple[FieldPath, str, Any]] = [((), "", values)]
    left = _MOST
    while pending and left:
        path, name, node = pending.pop()
        left -= 1
        if type(node) is dict:
            named = node.get("name")
            pending += [((*path, key), _called(key, named), node[key]) for key in reversed(node)]
        elif type(node) is list:
            pending += [((*path, at), name, node[at]) for at in reversed(range(len(node)))]
        elif type(node) in (str, int):
            yield Value(path, name, node)


def _called(key: str, named: Any) -> str:
    """`{name: PASSWORD, value: x}` says what the value is by the name."""
    return named if key == "value" and type(named) is str else key
