"""What a change of objects does to who reaches whom."""

from __future__ import annotations

from collections.abc import Iterator

from portside.graph.network.addresses import WHOLE
from portside.graph.network.connections import NONE, ConnectionSet
from portside.graph.network.entrances import CONTROLLER, GATEWAY
from portside.graph.network.intervals import Intervals, pieces
from portside.graph.network.peers import Piece
from portside.graph.network.policy import EGRESS, INGRESS
from portside.graph.network.reach import IPV4_ONLY, Reachability
from portside.records import NamedTuple

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


class Change(NamedTuple):
    """A connection that is not what it was."""

    source: str
    target: str
    before: ConnectionSet
    after: ConnectionSet

    @property
    def kind(self) -> str:
        if not self.before:
            return ADDED
        return CHANGED if self.after else REMOVED


def difference(
    before: Reachability, after: Reachability, families: tuple[int, ...] = IPV4_ONLY
) -> Iterator[Change]:
    """Every connection that is not the same in both, in the order of the peers' names.

    Addresses are cut where either map cuts them, and joined again where the answer is the same.
    """
    before.check_size()
    after.check_size()
    inside = sorted({*before.workloads, *after.workloads})
    outside = {it: _cut(before, after, it, families) for it in (INGRESS, EGRESS)}
    forwarders = {source for source, _ in (*before.entrances, *after.entrances)}
    everybody = [*inside, *(it.title for it in outside[EGRESS])]
    for source in sorted([*inside, *forwarders]):
        targets = inside if source in forwarders else everybody
        then, now = (_reached(it, source, targets) for it in (before, after))
        for target in inside:
            if then.get(target) != now.get(target):
                yield Change(source, target, then.get(target, NONE), now.get(target, NONE))
        if source not in forwarders:
            answers = [(then.get(it.title), now.get(it.title)) for it in outside[EGRESS]]
            for title, *sets in _joined(outside[EGRESS], answers):
                yield Change(source, title, *sets)
    yield from _entering(before, after, inside, outside[INGRESS])


def _entering(
    before: Reachability, after: Reachability, inside: list[str], cut: list[Piece]
) -> Iterator[Change]:
    """The changes of what enters from outside."""
    rows = [[_reached(it, piece.title, inside) for it in (before, after)] for piece in cut]
    for target in inside:
        answers = [(then.get(target), now.get(target)) for then, now in rows]
        for title, *sets in _joined(cut, answers):
            yield Change(title, target, *sets)


def _reached(reach: Reachability, source: str, targets: list[str]) -> dict[str, ConnectionSet]:
    """What `source` reaches of `targets`; nothing where it is a workload of the other map."""
    outside = source.endswith("[External]")
    if not outside and source not in reach.workloads and source not in (CONTROLLER, GATEWAY):
        return {}
    there = [it for it in targets if it in reach.workloads or it.endswith("[External]")]
    return {it.target: it.ports for it in reach.opened(source, there)}


def _joined(
    cut: list[Piece], answers: list[tuple[ConnectionSet | None, ConnectionSet | None]]
) -> Iterator[tuple[str, ConnectionSet, ConnectionSet]]:
    """The pieces whose two answers differ, neighbours that agree as one."""
    made: list[tuple[Piece, ConnectionSet, ConnectionSet]] = []
    for piece, answer in zip(cut, answers, strict=True):
        then, now = (it or NONE for it in answer)
        if made and made[-1][0].family == piece.family and made[-1][1:] == (then, now):
            made[-1] = (made[-1][0]._replace(last=piece.last), then, now)
        else:
            made.append((piece, then, now))
    return ((piece.title, then, now) for piece, then, now in made if then != now)


def _cut(
    before: Reachability, after: Reachability, direction: str, families: tuple[int, ...]
) -> list[Piece]:
    made: list[Piece] = []
    for family in families:
        ranges: list[Intervals] = [
            ((it.first, it.last),)
            for reach in (before, after)
            for it in reach.peers.pieces[direction]
            if it.family == family
        ]
        made += [Piece(family, first, last) for first, last in pieces(WHOLE[family], ranges)]
    return made
