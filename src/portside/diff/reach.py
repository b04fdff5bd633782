"""Connections and ways to power that a change opens and closes, from the facts of both sides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from portside.diff.model import ADDED, REMOVED, Connection, Path, Reach
from portside.diff.rights import MOST, TooManyError, right_changes
from portside.errors import SourceError
from portside.graph.access import Access
from portside.graph.network import NetworkObject, Reachability
from portside.graph.network.collect import matters
from portside.graph.network.difference import difference
from portside.model.facts import Facts, TooMuchError
from portside.model.fields import mapping

if TYPE_CHECKING:
    from portside.graph.build import Application
    from portside.model.workload import Pod

_MOST_PAIRS = 4_000_000
_MOST_CONNECTIONS = 2_000


def reach_changes(
    facts: tuple[Facts, Facts], made: tuple[Application, Application], touched: Iterable[str]
) -> Reach:
    """What differs between the two sides; `touched` are the files whose objects may differ."""
    before, after = facts
    files = frozenset(touched)
    notes: list[str] = []
    connections = _connections(before, after, files, notes)
    try:
        rights = tuple(right_changes(before, after))
    except (TooManyError, TooMuchError):
        notes.append(f"rights are not compared: the bindings give more than {MOST:,}")
        rights = ()
    return Reach(connections, rights, tuple(_paths(*made)), tuple(notes))


def _connections(
    before: Facts, after: Facts, files: frozenset[str], notes: list[str]
) -> tuple[Connection, ...]:
    then, now = (sorted(_parts(it, files), key=repr) for it in (before, after))
    if then == now:
        return ()
    maps = [
        Reachability.of(NetworkObject.of_fact(it) for it in side.listed) for side in (before, after)
    ]
    for name, made in zip(("before", "after"), maps, strict=True):
        if made.faults:
            more = f" (and {len(made.faults) - 1} more)" if len(made.faults) > 1 else ""
            notes.append(f"connections {name} are not known for certain: {made.faults[0]}{more}")
    pairs = sum(len(it.peers.pods) * len(it.workloads) for it in maps)
    if pairs > _MOST_PAIRS:
        notes.append(
            f"connections are not compared: {pairs:,} pairs of pods are more than "
            f"{_MOST_PAIRS:,}; portside network diff compares folders"
        )
        return ()
    try:
        found = tuple(
            Connection(it.kind, it.source, it.target, str(it.before or ""), str(it.after or ""))
            for it in difference(maps[0], maps[1])
        )
    except SourceError as error:
        notes.append(f"connections are not compared: {error.problem}")
        return ()
    if len(found) > _MOST_CONNECTIONS:
        notes.append(f"{len(found) - _MOST_CONNECTIONS} more connections differ")
    return found[:_MOST_CONNECTIONS]


def _parts(facts: Facts, files: frozenset[str]) -> Iterator[tuple[object, ...]]:
    """What of the objects in `files` a map of connections is made of."""
    for it in facts.listed:
        if it.file not in files or not matters(it.ref.group, it.ref.kind):
            continue
        pods = it.pods()
        if not pods:
            yield *it.ref, it.labels, it.value
            continue
        owners = mapping(it.value, "metadata").get("ownerReferences")
        yield *it.ref, it.labels, owners, [_pod(pod) for pod in pods]


def _pod(pod: Pod) -> tuple[object, ...]:
    ports = [it.body.get("ports") for it in pod.containers]
    return mapping(pod.metadata, "labels"), pod.spec.get("hostNetwork"), ports


def _paths(before: Application, after: Application) -> Iterator[Path]:
    """Who comes to what an attacker is after, and did not; and who no more does."""
    then, now = (_become(it) for it in (before, after))
    yield from (Path(ADDED, *it) for it in sorted(now - then))
    yield from (Path(REMOVED, *it) for it in sorted(then - now))


def _become(made: Application) -> set[tuple[str, str]]:
    return {(it.source, it.target) for it in Access(made).paths((), ())}
