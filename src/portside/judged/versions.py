"""The fields that another version of Kubernetes than the newest has, or does not have yet.

Loaded where another is judged for. The tables say of each struct since which minor version fields
are there that came after it, and which are there no more (`tools/kubernetes_fields.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.judged.admit import struct_of
from portside.judged.reading import Entries, Items, Struct
from portside.judged.scalar import SchemaOr, SchemaOrBool
from portside.judged.spelling import nearest

if TYPE_CHECKING:
    from portside.judged.admit import Path


def differences(
    struct: Struct, value: dict[str, Any], minor: int
) -> tuple[tuple[tuple[Path, int], ...], frozenset[Path]]:
    """The fields of `value`, as written, that came after `minor`, with the version that they came
    with; and the paths of those that `minor` had and the newest has not.
    """
    newer: list[tuple[Path, int]] = []
    kept: set[Path] = set()
    pending: list[tuple[Any, Any, Path]] = [(struct, value, ())]
    while pending:
        want, item, path = pending.pop()
        if isinstance(want, Struct) and type(item) is dict:
            for name in item:
                here = (*path, name)
                first, last = want.gone.get(name, (0, 0))
                if want.since.get(name, 0) > minor:
                    newer.append((here, want.since[name]))
                elif first <= minor <= last:
                    kept.add(here)
        pending += ((inner, it, (*path, step)) for inner, it, step in below(want, item))
    return tuple(newer), frozenset(kept)


def near(value: dict[str, Any], path: Path) -> str:
    """The field that was meant by the unknown one at `path` of `value`; empty where none is near.

    The value may have its judged form. A field that was meant is not there under its own name.
    """
    root = struct_of(str(value.get("apiVersion")), str(value.get("kind")))
    struct = struct_at(root, path[:-1]) if root is not None else None
    return "" if struct is None else nearest(str(path[-1]), struct.fields)


def struct_at(struct: Struct, path: Path) -> Struct | None:
    """The struct that stands at `path` below `struct`; None where none does."""
    want: Any = struct
    for step in path:
        if isinstance(want, Struct):
            want = want.fields.get(str(step))
        elif isinstance(want, Items | Entries):
            want = want.of
        elif isinstance(want, SchemaOr | SchemaOrBool):
            # An item of a list of schemas is one; a field of a schema is one of its struct.
            want = want.schema if type(step) is int else want.schema.fields.get(step)
    if isinstance(want, SchemaOr | SchemaOrBool):
        want = want.schema
    return want if isinstance(want, Struct) else None


def below(want: Any, item: Any) -> Iterator[tuple[Any, Any, str | int]]:
    """(type, value, step) of what stands in `item`, a value of type `want`."""
    if isinstance(want, SchemaOr | SchemaOrBool):
        if type(item) is list:
            yield from ((want.schema, it, index) for index, it in enumerate(item))
        elif type(item) is dict:
            yield from below(want.schema, item)
    elif isinstance(want, Struct) and type(item) is dict:
        fields = want.fields
        yield from ((fields[name], it, name) for name, it in item.items() if name in fields)
    elif isinstance(want, Entries) and type(item) is dict:
        yield from ((want.of, it, name) for name, it in item.items())
    elif isinstance(want, Items) and type(item) is list:
        yield from ((want.of, it, index) for index, it in enumerate(item))
