"""Stage B of a scan: rules across objects, once all files have been judged one by one (D13)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from portside.engine.across import Locate, judge_across
from portside.model.reading import ReadFile
from portside.sources.read import read_file
from portside.sources.walk import Found

if TYPE_CHECKING:
    from portside.cli.stage_a import Item
    from portside.engine.plan import Plan
    from portside.model.facts import Fact
    from portside.model.finding import FileResult
    from portside.model.place import FieldPath
    from portside.model.resource import Resource
    from portside.syntax import Limits


def stage_b(
    results: list[FileResult], plan: Plan, locate: Locate, *, whole: bool
) -> list[FileResult]:
    """`results` with what rules across objects add to them."""
    if not any(result.facts for result in results):
        return results
    return judge_across(results, plan, locate, whole=whole)


def read_already(items: Iterable[Item], limits: Limits) -> dict[str, tuple[Resource, ...]]:
    """The objects of those of `items` that may not be read again from the disk, by file."""
    known = {}
    for it in items:
        if isinstance(it, ReadFile):
            known[it.fate.file] = it.resources
        elif isinstance(it, Found) and it.data is not None:
            known[it.name] = read_file(it, limits).resources
    return known


class Locator:
    """Where fields of objects stand whose text is gone: the last file is read again and kept.

    `known` holds the objects of files that were read for the scan, and may not be on the disk.
    """

    __slots__ = ("_file", "_known", "_limits", "_resources")

    def __init__(
        self, limits: Limits, known: Mapping[str, tuple[Resource, ...]] = MappingProxyType({})
    ) -> None:
        self._limits = limits
        self._known = known
        self._file = ""
        self._resources: tuple[Resource, ...] = ()

    def __call__(self, fact: Fact, path: FieldPath) -> tuple[int, int, int]:
        """The field's line, column and width; the object's, where its file cannot be read again."""
        if fact.file != self._file:
            self._file, self._resources = fact.file, self._read(fact.file)
        if fact.number >= len(self._resources):
            return fact.place
        resource = self._resources[fact.number]
        if resource.ref != fact.ref:
            return fact.place
        line, column = resource.place(path)
        return line, column, resource.text.width(resource.prefix + path)

    def _read(self, file: str) -> tuple[Resource, ...]:
        if file in self._known:
            return self._known[file]
        if not os.path.isfile(file):
            return ()
        return read_file(Found(file, file, given=False), self._limits).resources
