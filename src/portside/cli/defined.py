"""The kinds that CustomResourceDefinitions of a scan define, as charts are told of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from portside.cli.given import Given
from portside.model.reading import ReadFile, Target
from portside.render.api_versions import Serving
from portside.render.definitions import DEFINITION, defined_by, names_one
from portside.render.kept import kept
from portside.render.source import files_below
from portside.render.wire import HelmRequest
from portside.sources.ignores import ignores_of
from portside.sources.manifest import parse
from portside.sources.read import content, parsed, read_file
from portside.sources.walk import Found, find

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Container, Iterable, Sequence

    from portside.cli.config import Config
    from portside.cli.stage_a import Item
    from portside.model.finding import FileResult
    from portside.syntax import Limits


class Defined:
    """Tells charts which API versions there are; `given` are files of definitions (`--crds`)."""

    def __init__(self, given: Sequence[str], limits: Limits) -> None:
        self._given = given
        self._limits = limits
        self._serving = Serving()
        self._known: dict[object, tuple[str, ...]] = {}

    def told(self, items: Iterable[Item], more: Sequence[str]) -> list[Item]:
        """`items`, in which each chart that asks is told what is served, and `more`."""
        self._serving.more = tuple(more)
        return [self._told(it) if isinstance(it, Target) else it for it in items]

    def _told(self, target: Target) -> Target:
        asked = target.request
        if not isinstance(asked, HelmRequest):
            return target
        versions = self._serving.of(
            target.root.path, asked.kubernetes_version, asked.api_versions or ()
        )
        return target._replace(request=asked._replace(api_versions=versions))

    def asked(self, items: Iterable[Item]) -> bool:
        """Whether a chart among `items` asks what there is."""
        return any(map(self._serving.asked, _charts(items)))

    def by(
        self,
        items: Sequence[Item],
        results: Sequence[FileResult],
        key: Callable[[Item], object],
    ) -> set[str]:
        """What the definitions that are given and those among the objects in `items` define."""
        found = set(self._of_given())
        for item, result in zip(items, results, strict=True):
            if result.rendering is not None:
                found.update(result.rendering.defined)
            elif any(it.resource.kind == DEFINITION for it in result.objects):
                found.update(self._of(item, key(item)))
        return found

    def foreseen(
        self, items: Sequence[Item], defining: Container[str], key: Callable[[Item], object]
    ) -> set[str]:
        """What there will be, as far as files say it: in those called `defining`, and `crds/` of
        charts, which may be installed or not.
        """
        found = set(self._of_given())
        for it in items:
            if isinstance(it, ReadFile) or (isinstance(it, Found) and it.path in defining):
                found.update(self._of(it, key(it)))
        for path in (one for chart in _charts(items) for one in _definitions(chart)):
            file = Found(path, path, given=False)
            try:
                # As Helm writes it among other files: what it was read as is known from then on.
                data = content(file, self._limits) + b"\n"
            except OSError:
                continue
            if b"{{" in data and os.sep + "templates" + os.sep in path:
                # What it defines is known when it is rendered.
                continue
            read = parsed(data, file, self._limits, kept(self._limits))
            found.update(defined_by(read.resources))
        return found

    def _of_given(self) -> tuple[str, ...]:
        if None not in self._known:
            read = (
                parse(data, name, self._limits).resources
                for name, data in Given(self._given, self._limits).texts()
            )
            self._known[None] = defined_by(it for objects in read for it in objects)
        return self._known[None]

    def _of(self, item: Item, key: object) -> tuple[str, ...]:
        assert not isinstance(item, Target)  # noqa: S101 - it would have been rendered
        if key not in self._known:
            read = item if isinstance(item, ReadFile) else read_file(item, self._limits)
            self._known[key] = defined_by(read.resources)
        return self._known[key]


def told_by_tree(request: HelmRequest, config: Config, options: argparse.Namespace) -> HelmRequest:
    """`request`, told what is served and what the files around the chart define, if it asks."""
    serving = Serving()
    if not serving.asked(request.chart):
        return request
    texts = Given(config.crds, config.limits).texts()
    found = [it for name, data in texts for it in parse(data, name, config.limits).resources]
    for item in find([request.root], ignores_of(*config.selection(options)), config.folder):
        if isinstance(item, Found) and _may_define(item, config.limits):
            found += read_file(item, config.limits).resources
    serving.more = defined_by(found)
    versions = serving.of(request.chart, request.kubernetes_version, request.api_versions or ())
    return request._replace(api_versions=versions)


def _charts(items: Iterable[Item]) -> Iterable[str]:
    roots = (it.root for it in items if isinstance(it, Target))
    return dict.fromkeys(it.path for it in roots if it.kind == "helm")


def _definitions(chart: str) -> Iterable[str]:
    """The files that Helm takes for definitions of the chart or of one in it."""
    for it in files_below(chart):
        folders = os.path.relpath(it, chart).split(os.sep)[:-1]
        if "crds" in folders and it.endswith((".yaml", ".yml", ".json")):
            yield it


def _may_define(item: Found, limits: Limits) -> bool:
    try:
        return names_one(content(item, limits))
    except OSError:
        return False
