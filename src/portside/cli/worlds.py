"""Rules across objects where charts are rendered in several environments, which never meet.

They are asked once for each environment, over the objects that are together in it: those of files,
and of every chart what it makes in that environment, or in its first one where it has not that.
Overlays of one app that make an object of the same name are environments of it, like those of a
chart; those that do not can run beside each other, and are there in all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.cli.rendering import read_again
from portside.cli.stage_b import Locator, read_already, stage_b
from portside.model.reading import Target
from portside.render.source import virtual_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from portside.cli.stage_a import Item
    from portside.engine.plan import Plan
    from portside.model.finding import FileResult, Finding, ResourceRef
    from portside.model.resource import Resource
    from portside.syntax import Limits

_SHARED = ("Namespace", "CustomResourceDefinition")
"""What overlays that run beside each other may each bring along."""


def across_worlds(
    items: Sequence[Item],
    results: list[FileResult],
    plan: Plan,
    limits: Limits,
    *,
    whole: bool,
) -> list[FileResult]:
    """`results` with what rules across objects add to them, and in which environments."""
    variants = _variants(results)
    names = _environments(results, variants)
    read = read_already(items, limits)
    joined: _Joined | None = None
    for name in names:
        there = _there(results, variants, name)
        locate = _Locator(limits, read, items, there)
        world = _world(results, there)
        answers = stage_b(world, plan, locate, whole=whole)
        if len(names) == 1:
            return answers
        joined = joined or _Joined(results)
        joined.take(name, answers, there)
    assert joined is not None  # noqa: S101 - there is one environment at least
    return joined.results(len(names))


def first_world(results: Sequence[FileResult]) -> list[FileResult]:
    """`results` without the objects of all environments but the first of each chart."""
    variants = _variants(results)
    return _world(results, {at for listed in variants for at in _usual(results, listed)})


def world_names(results: Sequence[FileResult]) -> list[str]:
    """The names of the environments that differ in something; one without a name where none do."""
    return _environments(results, _variants(results))


def world(results: Sequence[FileResult], name: str) -> list[FileResult]:
    """`results` with the objects that are together in the environment called `name`."""
    return _world(results, _there(results, _variants(results), name))


def _world(results: Sequence[FileResult], there: set[int]) -> list[FileResult]:
    """`results` without the objects that were rendered, but those at `there`."""
    return [
        it if it.rendering is None or at in there else it._replace(facts=())
        for at, it in enumerate(results)
    ]


def _variants(results: Sequence[FileResult]) -> list[list[int]]:
    """The positions of what is there in one environment each, by chart, kustomization or app."""
    return list(_apart(results, _renderings(results)))


def _renderings(results: Sequence[FileResult]) -> dict[str, list[int]]:
    """By chart or kustomization: the positions of what it was rendered into."""
    found: dict[str, list[int]] = {}
    for at, result in enumerate(results):
        if result.rendering is not None and result.rendering.parts:
            found.setdefault(result.rendering.folder, []).append(at)
    return found


def _apart(results: Sequence[FileResult], renderings: dict[str, list[int]]) -> Iterator[list[int]]:
    """`renderings`, where those of overlays that cannot run beside each other are of one."""
    apps: dict[str, list[tuple[set[ResourceRef], list[int]]]] = {}
    for listed in renderings.values():
        it = results[listed[0]].rendering
        if it is not None and it.kind == "kustomize" and it.environments:
            groups = apps.setdefault(it.made_in, [])
            groups[:] = _grouped(groups, _named(results, listed), listed)
        else:
            yield listed
    for groups in apps.values():
        yield from (listed for _, listed in groups)


def _grouped(
    groups: list[tuple[set[ResourceRef], list[int]]], made: set[ResourceRef], listed: list[int]
) -> Iterator[tuple[set[ResourceRef], list[int]]]:
    """`groups` with one more, which is one with those that make an object of the same name."""
    for names, others in groups:
        if names.isdisjoint(made):
            yield names, others
        else:
            made, listed = names | made, [*others, *listed]
    yield made, sorted(listed)


def _named(results: Sequence[FileResult], listed: Sequence[int]) -> set[ResourceRef]:
    """What is made at `listed`, without the kinds that overlays beside each other share."""
    made = {it.resource for at in listed for it in results[at].objects}
    return {it for it in made if it.kind not in _SHARED}


def _environments(results: Sequence[FileResult], variants: Sequence[list[int]]) -> list[str]:
    """The names of the environments that differ in something; one without a name where none do."""
    names: dict[str, None] = {}
    for listed in variants:
        if len(listed) > 1:
            for at in listed:
                rendering = results[at].rendering
                names |= dict.fromkeys(rendering.environments if rendering else ())
    return list(names) or [""]


def _there(results: Sequence[FileResult], variants: Sequence[list[int]], name: str) -> set[int]:
    """The positions of what is rendered in the environment called `name`."""
    found: set[int] = set()
    for listed in variants:
        found.update(_called(results, listed, name) or _usual(results, listed))
    return found


def _usual(results: Sequence[FileResult], listed: Sequence[int]) -> list[int]:
    """Those of `listed` that are there where no environment is asked for: of the first one."""
    first = results[listed[0]].rendering
    name = first.environments[0] if first is not None and first.environments else ""
    return _called(results, listed, name) or [listed[0]]


def _called(results: Sequence[FileResult], listed: Sequence[int], name: str) -> list[int]:
    """Those of `listed` that are rendered in the environment called `name`."""
    renderings = ((at, results[at].rendering) for at in listed)
    return [at for at, it in renderings if it is not None and name in it.environments]


class _Locator(Locator):
    """Also knows where fields of rendered objects stand, in the text that is rendered again."""

    __slots__ = ("_targets",)

    def __init__(
        self,
        limits: Limits,
        known: dict[str, tuple[Resource, ...]],
        items: Sequence[Item],
        there: set[int],
    ) -> None:
        super().__init__(limits, known)
        targets = (items[at] for at in there)
        self._targets = {virtual_name(it.root): it for it in targets if isinstance(it, Target)}

    def _read(self, file: str) -> tuple[Resource, ...]:
        target = self._targets.get(file)
        if target is None:
            return super()._read(file)
        return read_again(target, self._limits).resources


class _Joined:
    """The answers of all environments, put together item by item."""

    __slots__ = ("_before", "_first", "_found", "_named")

    def __init__(self, before: Sequence[FileResult]) -> None:
        self._before = before
        self._first: list[FileResult | None] = [None] * len(before)
        self._found: list[dict[tuple[str, str], Finding]] = [{} for _ in before]
        self._named: list[dict[tuple[str, str], list[str]]] = [{} for _ in before]

    def take(self, environment: str, answers: Sequence[FileResult], there: set[int]) -> None:
        """Note what was said in one environment of each item; of rendered ones, those `there`."""
        for at, answer in enumerate(answers):
            # Where an item is not there, it was given no facts, and is as it was.
            if self._before[at].facts and self._is_there(at, there):
                self._note(at, environment, answer)

    def _is_there(self, at: int, there: set[int]) -> bool:
        return self._before[at].rendering is None or at in there

    def _note(self, at: int, environment: str, answer: FileResult) -> None:
        first = self._first[at]
        if first is None:
            self._first[at] = answer
        else:
            undecided = tuple(dict.fromkeys((*first.undecided, *answer.undecided)))
            unread = tuple(dict.fromkeys((*first.unread, *answer.unread)))
            self._first[at] = first._replace(undecided=undecided, unread=unread)
        for it in answer.findings:
            key = it.identity, it.message
            self._found[at].setdefault(key, it)
            self._named[at].setdefault(key, []).append(environment)

    def results(self, environments: int) -> list[FileResult]:
        """The results, with the environments of what is not said in all of them."""
        found = []
        for at, before in enumerate(self._before):
            first = self._first[at]
            if first is None:
                found.append(before._replace(facts=()))
                continue
            findings = tuple(
                self._told(at, key, it, environments) for key, it in self._found[at].items()
            )
            found.append(first._replace(findings=findings))
        return found

    def _told(self, at: int, key: tuple[str, str], it: Finding, environments: int) -> Finding:
        named = self._named[at][key]
        if self._before[at].rendering is not None or len(named) == environments:
            return it
        return it._replace(environments=tuple(named))
