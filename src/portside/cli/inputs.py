"""The files that rendered objects were made of: each with the fate that follows from it (D7).

They are read as files, too: what says something of itself (a template, a patch, a kustomization) is
judged as that, and what is only a part of a build (a base's manifest) is judged through it, once.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from portside.model.finding import (
    IGNORED,
    JUDGED,
    PARTLY_READ,
    RENDERED,
    UNREAD,
    FileFate,
    FileResult,
)
from portside.model.reading import ReadFile, Target
from portside.sources.files import KUSTOMIZATIONS
from portside.sources.walk import Found

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from portside.cli.stage_a import Item
    from portside.model.finding import Rendering

_OF_A_CHART = ("templates/", "charts/", "crds/")
_MOST_NAMED = 3


def with_inputs(items: Sequence[Item], results: Sequence[FileResult]) -> list[FileResult]:
    """`results` where what was rendered alike is there once, and its inputs have their fates."""
    found = _once(results)
    rendered = [it.rendering for it in found if it.rendering is not None and it.rendering.parts]
    if not rendered:
        return found
    builds = _builds(items, rendered)
    for at, (item, result) in enumerate(zip(items, found, strict=True)):
        if not isinstance(item, Target) and at in builds:
            found[at] = _built(item, result, builds[at])
    return found


def _once(results: Sequence[FileResult]) -> list[FileResult]:
    """`results`, in which equal texts of one chart are one, with all their environments."""
    first: dict[tuple[str, bytes], int] = {}
    found = list(results)
    for at, result in enumerate(results):
        it = result.rendering
        if it is None or not it.digest:
            continue
        known = first.setdefault((it.folder, it.digest), at)
        if known == at:
            continue
        one = found[known].rendering
        assert one is not None  # noqa: S101 - it was found by its rendering
        merged = one._replace(environments=(*one.environments, *it.environments))
        found[known] = found[known]._replace(rendering=merged)
        alike = it._replace(environments=(), parts=(), digest=b"")
        found[at] = FileResult(result.fate, (), (), (), (), (), (), alike)
    return found


def _builds(items: Sequence[Item], rendered: Sequence[Rendering]) -> dict[int, list[str]]:
    """By the positions of items: the charts and kustomizations that they are a part of."""
    found: dict[int, list[str]] = {}
    charts = {it.folder for it in rendered if it.kind == "helm"}
    built: dict[str, list[str]] = {}
    for it in rendered:
        if it.kind == "kustomize":
            for path in it.inputs:
                built.setdefault(os.path.realpath(path), []).append(it.folder)
    for at, item in enumerate(items):
        if isinstance(item, Target):
            continue
        name = _name(item)
        listed = [chart for chart in _charts(name, charts) if charts]
        if built:
            listed += built.get(os.path.realpath(_file(item)), ())
        if listed:
            found[at] = list(dict.fromkeys(listed))
    return found


def _charts(name: str, charts: set[str]) -> Iterator[str]:
    """The rendered charts that the file called `name` is a template of, or of a chart in them."""
    for mark in _OF_A_CHART:
        at = -1
        while (at := name.find(mark, at + 1)) >= 0:
            folder = name[:at] or "./"
            if folder in charts:
                yield folder


def _name(item: Item) -> str:
    return item.name if isinstance(item, Found) else item.fate.file  # type: ignore[union-attr]


def _file(item: Item) -> str:
    """The path of the item, or of the file that says what the folder is."""
    if isinstance(item, Found):
        return item.path
    if isinstance(item, ReadFile) and item.root is not None:
        names = (os.path.join(item.root.path, name) for name in KUSTOMIZATIONS)
        return next((it for it in names if os.path.isfile(it)), item.root.path)
    return _name(item)


def _built(item: Item, result: FileResult, builds: Sequence[str]) -> FileResult:
    """What there is to say of a file that was made use of."""
    reason = f"a part of {_listed(builds)}"
    fate = result.fate
    if isinstance(item, Found) and item.known.kind:
        if fate.fate == PARTLY_READ and item.known.rest and not result.unread:
            fate = fate._replace(fate=RENDERED, reason=reason)
        return result._replace(fate=fate)
    if isinstance(item, ReadFile) and fate.fate not in (IGNORED, UNREAD):
        return result
    if isinstance(item, Found) and fate.fate not in (JUDGED, PARTLY_READ, UNREAD):
        return result._replace(fate=FileFate(fate.file, RENDERED, 0, reason))
    return FileResult(FileFate(fate.file, RENDERED, 0, reason), (), (), (), (), ())


def _listed(builds: Sequence[str]) -> str:
    named = ", ".join(builds[:_MOST_NAMED])
    left = len(builds) - _MOST_NAMED
    return f"{named} and {left} more" if left > 0 else named
