"""What a change does to connections and rights, in each environment that differs in something."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from portside import __version__
from portside.cli.graph_facts import graph_plan, joined
from portside.cli.inputs import with_inputs
from portside.cli.worlds import world, world_names
from portside.diff.model import Reach
from portside.diff.reach import reach_changes
from portside.diff.relevance import may_differ
from portside.model.facts import Facts
from portside.model.reading import Target
from portside.policy import builtin
from portside.render.source import virtual_name

if TYPE_CHECKING:
    from portside.cli.diff_installed import Installed
    from portside.cli.diff_loosened import Now
    from portside.cli.diff_sides import Sides
    from portside.engine.plan import Plan
    from portside.model.finding import FileResult

_MOST = 24
"""Environments that are compared: each costs two maps and two graphs."""


def changed_reach(now: Now, files: Sides, both: Installed) -> Reach:
    """What the change does to connections and rights, from the graphs of both sides."""
    options, config = now.options, now.config
    plan = graph_plan(options.kubernetes_version or config.kubernetes_version)
    if not may_differ(*both.judged_where_differing(plan)):
        return Reach()
    kept: list[object] | None = None
    if not options.no_cache:
        kept = ["graph", __version__, builtin.stamp(), plan.minor, os.getcwd(), options.paths]
    results = both.judged(plan, kept)
    whole = not options.part and not any(it.unread for side in results for it in side)
    with both.there():
        before = with_inputs(both.before, results[0])
    after = with_inputs(both.after, results[1])
    touched = {it.file for side in files.differing() for it in side} | set(_rendered(both))
    return _in_worlds((before, after), plan, touched, whole=whole)


def _rendered(both: Installed) -> Iterator[str]:
    """What is called the file of objects that are rendered, and may differ."""
    for numbers, items in zip(both.differing(), (both.before, both.after), strict=True):
        for at in numbers:
            it = items[at]
            if isinstance(it, Target):
                yield virtual_name(it.root)


def _in_worlds(
    results: tuple[list[FileResult], list[FileResult]],
    plan: Plan,
    touched: set[str],
    *,
    whole: bool,
) -> Reach:
    names = list(dict.fromkeys(name for side in results for name in world_names(side)))
    if len(names) > 1 and "" in names:
        names.remove("")
    found: dict[Hashable, tuple[Reach, list[str]]] = {}
    for name in names[:_MOST]:
        sides = [world(it, name) for it in results]
        keys = [frozenset(_what(it) for it in side if it.facts) for side in sides]
        if keys[0] == keys[1]:
            continue  # what differs is in none of it
        if tuple(keys) not in found:
            facts = [Facts(list(_facts(it)), whole=whole) for it in sides]
            made = [joined(it, plan, whole=whole)[0] for it in sides]
            reach = reach_changes((facts[0], facts[1]), (made[0], made[1]), touched)
            found[tuple(keys)] = reach, []
        found[tuple(keys)][1].append(name)
    return _together(list(found.values()), names)


def _what(result: FileResult) -> Hashable:
    """What is equal for results with the same objects: equal texts make equal ones."""
    it = result.rendering
    return (it.folder, it.digest) if it is not None else id(result.facts)


def _together(found: Sequence[tuple[Reach, list[str]]], names: Sequence[str]) -> Reach:
    """What is said of all environments, with the names of those where it is not said of all."""
    notes = [note for reach, _ in found for note in reach.notes]
    if len(names) > _MOST:
        left = ", ".join(names[_MOST:])
        notes.append(f"connections and rights are not compared in: {left}")
    return Reach(
        _merged(found, len(names), lambda it: it.connections),
        _merged(found, len(names), lambda it: it.rights),
        _merged(found, len(names), lambda it: it.paths),
        tuple(dict.fromkeys(notes)),
    )


def _merged(
    found: Sequence[tuple[Reach, list[str]]], number: int, of: Callable[[Reach], Iterable[Any]]
) -> tuple[Any, ...]:
    said: dict[Any, list[str]] = {}
    for reach, names in found:
        for it in of(reach):
            said.setdefault(it, []).extend(names)
    return tuple(
        it if len(names) == number else it._replace(environments=tuple(names))
        for it, names in said.items()
    )


def _facts(results: Sequence[FileResult]) -> Iterator[Any]:
    return (it for result in results for it in result.facts)
