"""Objects of Argo CD and Flux that stand in kustomizations, as those are built."""

from __future__ import annotations

import copy
import os
from typing import TYPE_CHECKING

from portside.model.reading import Target
from portside.render.source import head_file, made

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from portside.model.resource import Resource
    from portside.syntax import Limits


def as_built(
    objects: Sequence[Resource], items: Iterable[object], limits: Limits
) -> list[Resource]:
    """`objects`, with what kustomizations make in place of what they are made of.

    Each has the place of the object that it is made of, where that is to be told by its name.
    """
    found: list[Resource] = []
    inputs: set[str] = set()
    for target in items:
        if not isinstance(target, Target) or target.root.kind != "kustomize":
            continue
        built = made(target, limits)
        if built.rendering.failed:
            continue
        inputs |= {os.path.abspath(it) for it in built.rendering.inputs}
        found += (_placed(it, objects, head_file(target)) for it in built.read.resources)
    return [*(it for it in objects if os.path.abspath(it.file) not in inputs), *found]


def _placed(it: Resource, objects: Sequence[Resource], file: str) -> Resource:
    same = (
        one
        for one in objects
        if (one.group, one.kind, one.ref.name) == (it.group, it.kind, it.ref.name)
    )
    raw = next(same, None)
    placed = copy.copy(raw if raw is not None else it)
    placed.value, placed.ref = it.value, it.ref
    if raw is None:
        placed.file = file
    return placed
