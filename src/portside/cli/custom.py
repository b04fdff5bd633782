"""Custom resources of a scan, held against the definitions that it met or was given.

Files are judged one by one before all definitions are known. So what concerns custom resources is
added afterwards: only files are read again that hold a definition, or an object of a group that one
is of, and what is said of the latter is cached by the text of the former.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portside.engine.custom import with_definitions
from portside.judged.custom.definitions import Definitions
from portside.model.reading import ReadFile
from portside.model.resource import reference
from portside.render.definitions import DEFINITION, GROUP, definitions
from portside.sources.read import content, parsed, read_file
from portside.sources.walk import Found

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from portside.cli.cache import Cache
    from portside.cli.given import Given
    from portside.cli.stage_a import Item
    from portside.engine.plan import Plan
    from portside.model.finding import FileResult
    from portside.syntax import Limits


class Custom:
    """What a scan knows of custom kinds, once its files are judged."""

    __slots__ = ("_definitions", "_found", "_last", "given", "items", "limits", "plan", "results")

    def __init__(
        self,
        items: Sequence[Item],
        results: list[FileResult],
        given: Given,
        plan: Plan,
        limits: Limits,
    ) -> None:
        self.items = items
        self.results = results
        self.given = given
        self.plan = plan
        self.limits = limits
        self._found = [at for at, it in enumerate(results) if any(_names(it))]
        self._definitions: Definitions | None = None
        self._last: tuple[int, ReadFile] | None = None

    def completed(self, fingerprint: Sequence[object] | None) -> list[FileResult]:
        """The results, with what the definitions say of the custom resources.

        `fingerprint` is what decides the results besides the files; without one nothing is cached.
        """
        affected = self._affected()
        if not affected:
            return self.results
        cache = self._cache(fingerprint)
        for at in affected:
            self.results[at] = self._completed(at, cache)
        if cache is not None:
            cache.save()
        return self.results

    def _affected(self) -> list[int]:
        """The files that may hold an object of a kind that is defined.

        With definitions given, which are not read yet, those of all groups but Kubernetes' own.
        """
        everything = self.given.are_there
        groups = {it.partition(".")[2] for at in self._found for it in _names(self.results[at])}
        return [
            at
            for at, result in enumerate(self.results)
            if any(
                it.resource.group in groups or (everything and "." in it.resource.group)
                for it in result.objects
            )
        ]

    def _cache(self, fingerprint: Sequence[object] | None) -> Cache | None:
        if fingerprint is None or not all(isinstance(self.items[at], Found) for at in self._found):
            return None
        from portside.cli.cache import Cache, digest

        texts = [data for _, data in self.given.texts()]
        try:
            texts += [content(it, self.limits) for it in self._files()]
        except OSError:
            return None
        return Cache([*fingerprint, "custom", *(digest(it) for it in texts)])

    def _files(self) -> list[Found]:
        return [it for it in (self.items[at] for at in self._found) if isinstance(it, Found)]

    def _completed(self, at: int, cache: Cache | None) -> FileResult:
        item, result = self.items[at], self.results[at]
        if not isinstance(item, Found):
            return self._with_definitions(result, self._read(at))
        try:
            data = content(item, self.limits)
        except OSError:
            return result
        key = cache.key(item.name, item.identity, data) if cache is not None else b""
        kept = cache.get(key) if cache is not None else None
        if kept is not None:
            return kept
        made = self._with_definitions(result, parsed(data, item, self.limits))
        if cache is not None:
            cache.put(key, made)
        return made

    def _with_definitions(self, result: FileResult, read: ReadFile) -> FileResult:
        if self._definitions is None:
            self._definitions = self._given().joined(self._values())
        return with_definitions(result, read.resources, self._definitions, self.plan)

    def _given(self) -> Definitions:
        """The definitions given, which an editor's server reads once for its plan."""
        if self.plan.definitions is None:
            reads = (
                parsed(data, Found(name, name, given=False), self.limits)
                for name, data in self.given.texts()
            )
            self.plan.definitions = Definitions(
                it for read in reads for it in definitions(read.resources)
            )
        return self.plan.definitions

    def _values(self) -> Iterator[dict[str, Any]]:
        """The definitions that were found, as they are written, those of all environments once."""
        found: dict[str, list[dict[str, Any]]] = {}
        for at in self._found:
            for it in definitions(self._read(at).resources):
                same = found.setdefault(reference(it).name, [])
                if it not in same:
                    same.append(it)
                    yield it

    def _read(self, at: int) -> ReadFile:
        """The item, read once more: what holds definitions holds objects of their kinds, often."""
        if self._last is None or self._last[0] != at:
            self._last = at, _read(self.items[at], self.limits)
        return self._last[1]


def _read(item: Item, limits: Limits) -> ReadFile:
    """The item, read once more."""
    if isinstance(item, Found):
        return read_file(item, limits)
    if isinstance(item, ReadFile):
        return item
    from portside.cli.rendering import read_again

    return read_again(item, limits)


def _names(result: FileResult) -> Iterator[str]:
    """The names of the definitions in a file: the kind's plural, a point, its group."""
    for it in result.objects:
        if it.resource.kind == DEFINITION and it.resource.group == GROUP:
            yield it.resource.name
