"""The metadata of a custom resource, which is read as that of every object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portside.judged.reading import MISSING, UNKNOWN, Notes, copied
from portside.judged.types.meta_v1 import ObjectMeta

Told = tuple[str, tuple[str | int, ...], str, tuple[str, ...]]


def metadata_faults(value: Any) -> Iterator[Told]:
    """(what, path, words, known fields) of each fault, as `Fault` has them."""
    if value is None:
        return
    for path, expected, got in ObjectMeta.read(copied(value), None, None, Notes()) or ():
        if expected is UNKNOWN:
            yield "unknown", path, "", tuple(ObjectMeta.fields) if len(path) == 1 else ()
        elif expected is MISSING:
            yield "missing", path, "", ()
        else:
            yield "mistyped", path, f"{got}, expected {expected}", ()
