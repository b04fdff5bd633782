"""The kinds that CustomResourceDefinitions of a scan define, as charts are told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.cli.custom import Given
from portside.cli.rendering import made_again
from portside.model.reading import ReadFile, Target
from portside.render.api_versions import DEFINITION, Serving, defined
from portside.render.wire import HelmRequest
from portside.sources.ignores import ignores_of
from portside.sources.manifest import parse
from portside.sources.read import content, read_file
from portside.sources.walk import Found, find

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from portside.cli.config import Config
    from portside.cli.stage_a import Item
    from portside.model.finding import FileResult
    from portside.model.resource import Resource
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

    def by(
        self,
        items: Sequence[Item],
        results: Sequence[FileResult],
        key: Callable[[Item], object],
    ) -> tuple[str, ...]:
        """What the definitions among the objects in `items` define; nothing if no chart asks."""
        if not any(self._asks(it) for it in items):
            return ()
        found = set(self._of_given())
        for item, result in zip(items, results, strict=True):
            if any(it.resource.kind == DEFINITION for it in result.objects):
                found |= set(self._of(item, key(item)))
        return tuple(sorted(found))

    def _asks(self, item: Item) -> bool:
        return (
            isinstance(item, Target)
            and item.root.kind == "helm"
            and self._serving.asked(item.root.path)
        )

    def _of_given(self) -> tuple[str, ...]:
        if None not in self._known:
            read = (
                parse(data, name, self._limits).resources
                for name, data in Given(self._given, self._limits).texts()
            )
            self._known[None] = tuple(it for objects in read for it in _defined(objects))
        return self._known[None]

    def _of(self, item: Item, key: object) -> tuple[str, ...]:
        if key not in self._known:
            if isinstance(item, Target):
                read = made_again(item, self._limits).read
            else:
                read = item if isinstance(item, ReadFile) else read_file(item, self._limits)
            self._known[key] = tuple(_defined(read.resources))
        return self._known[key]


def told_by_tree(request: HelmRequest, config: Config, options: argparse.Namespace) -> HelmRequest:
    """`request`, told what is served and what the files around the chart define, if it asks."""
    serving = Serving()
    if not serving.asked(request.chart):
        return request
    texts = Given(config.crds, config.limits).texts()
    found = [it for name, data in texts for it in parse(data, name, config.limits).resources]
    for item in find([request.root], ignores_of(*config.selection(options)), config.folder):
        if isinstance(item, Found) and _names_one(item, config.limits):
            found += read_file(item, config.limits).resources
    serving.more = tuple(dict.fromkeys(_defined(found)))
    versions = serving.of(request.chart, request.kubernetes_version, request.api_versions or ())
    return request._replace(api_versions=versions)


def _names_one(item: Found, limits: Limits) -> bool:
    try:
        return DEFINITION.encode() in content(item, limits)
    except OSError:
        return False


def _defined(objects: Iterable[Resource]) -> Iterator[str]:
    for it in objects:
        if it.kind == DEFINITION:
            yield from defined(it.value)
