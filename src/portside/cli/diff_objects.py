"""The objects of both sides that may differ: of files, and of what charts and overlays make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

from portside.cli.as_installed import OF_BUILDS
from portside.cli.rendering import made_again
from portside.diff.objects import Group, object_changes
from portside.model.finding import RENDERED
from portside.model.reading import Target
from portside.model.resource import FileResource
from portside.render.places import part_at

if TYPE_CHECKING:
    from portside.cli.diff_installed import Installed
    from portside.cli.diff_sides import Sides
    from portside.diff.model import ObjectChange
    from portside.model.evaluation import Evaluation
    from portside.model.finding import FileResult
    from portside.model.resource import Resource

    _Pair = tuple[int | None, int | None]


def changed_objects(
    files: Sides,
    both: Installed,
    sides: tuple[Evaluation, Evaluation],
    renamed: dict[str, str],
) -> list[ObjectChange]:
    """What became of all objects; `sides` are what came of both sides."""
    before, after = files.differing()
    plain = Group(_by_themselves(before, sides[0]), _by_themselves(after, sides[1]))
    return object_changes((plain, *_rendered(files, both)), renamed)


def _by_themselves(resources: Sequence[Resource], side: Evaluation) -> list[Resource]:
    """Without what is only a part of what is rendered: that is compared as it is installed."""
    parts = {it.fate.file for it in side.files if it.fate.fate == RENDERED}
    kinds = OF_BUILDS if parts else frozenset[str]()
    return [
        it
        for it in resources
        if it.file not in parts and not (type(it) is FileResource and it.kind in kinds)
    ]


def _rendered(files: Sides, both: Installed) -> Iterator[Group]:
    """What charts and overlays make that may differ, equal pairs of texts once."""
    results = both.results
    names: dict[_Pair, dict[str, None]] = {}
    first: dict[tuple[str, bytes, str, bytes], _Pair] = {}
    for then, now in _pairs(both):
        told = (_text(both.before, results[0], then), _text(both.after, results[1], now))
        if told[0] is None or told[1] is None or told[0] == told[1]:
            continue  # nothing is known of one side, which is said; or they are the same
        pair = first.setdefault((*told[0], *told[1]), (then, now))
        shown = (both.after[now] if now is not None else both.before[then or 0]).environment  # type: ignore[union-attr]
        names.setdefault(pair, {})[shown] = None
    for (then, now), shown in names.items():
        before = _objects(both, files, then, old=True) if then is not None else []
        after = _objects(both, files, now, old=False) if now is not None else []
        yield Group(before, after, tuple(it for it in shown if it))


def _pairs(both: Installed) -> Iterator[_Pair]:
    """The targets that are not the same, each with what it is on the other side.

    That is the one of the same environment, or what is left where there is one on either side.
    """
    own, others = both.differing()
    kept = {both.place_today(both.after[at]) for at in both.same.values()}
    roots: dict[tuple[str, str], tuple[dict[str, int], dict[str, int]]] = {}
    for side, numbers, items in ((0, own, both.before), (1, others, both.after)):
        for at in numbers:
            it = items[at]
            place = both.place_today(it, old=side == 0)
            if isinstance(it, Target) and place is not None:
                roots.setdefault(place, ({}, {}))[side][it.called] = at
    for root, (before, after) in roots.items():
        if len(before) == len(after) == 1 and root not in kept:
            yield next(iter(before.values())), next(iter(after.values()))
        else:
            yield from ((before.get(it), after.get(it)) for it in before | after)


def _text(
    items: Sequence[object], results: Sequence[FileResult], at: int | None
) -> tuple[str, bytes] | None:
    """Which text was rendered, of which chart or overlay; None where it could not be."""
    if at is None:
        return "", b""
    rendering = results[at].rendering
    if rendering is None or rendering.failed:
        return None
    return rendering.folder, rendering.digest


def _objects(both: Installed, files: Sides, at: int, *, old: bool) -> list[Resource]:
    """What a target makes, each object in the file that makes it."""
    target = (both.before if old else both.after)[at]
    assert isinstance(target, Target)  # noqa: S101 - only targets are paired
    with both.there() if old else nullcontext():
        it = made_again(target, files.limits)
    for resource in it.read.resources:
        resource.file, resource.line = part_at(it.rendering.parts, resource.line).file, 1
    return list(it.read.resources)
