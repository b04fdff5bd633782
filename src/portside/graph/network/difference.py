"""What a change of objects does to who reaches whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from portside.graph.network.addresses import WHOLE
from portside.graph.network.connections import NONE, ConnectionSet
from portside.graph.network.intervals import Intervals, pieces
from portside.graph.network.peers import Piece
from portside.graph.network.policy import EGRESS, INGRESS
from portside.graph.network.reach import IPV4_ONLY, Reachability

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
    inside = sorted({*before.workloads, *after.workloads})
    outside = {it: _cut(before, after, it, families) for it in (INGRESS, EGRESS)}
    forwarders = {source for source, _ in (*before.entrances, *after.entrances)}
    for source in sorted([*inside, *forwarders]):
        for target in inside:
            if source != target:
                yield from _change(before, after, source, target)
        if source not in forwarders:
            yield from _joined(before, after, source, outside[EGRESS], leaving=True)
    for target in inside:
        yield from _joined(before, after, target, outside[INGRESS], leaving=False)


def _change(
    before: Reachability, after: Reachability, source: str, target: str
) -> Iterator[Change]:
    then, now = _allowed(before, source, target), _allowed(after, source, target)
    if then != now:
        yield Change(source, target, then, now)


def _allowed(reach: Reachability, source: str, target: str) -> ConnectionSet:
    try:
        return reach.allowed(source, target)
    except KeyError:  # a workload that only the other map has
        return NONE


def _joined(
    before: Reachability, after: Reachability, pod: str, cut: list[Piece], *, leaving: bool
) -> Iterator[Change]:
    """The changes between a workload and the addresses outside, neighbours that agree as one."""
    pending: tuple[Piece, ConnectionSet, ConnectionSet] | None = None
    for piece in [*cut, None]:
        then = now = NONE
        if piece is not None:
            ends = (pod, piece.title) if leaving else (piece.title, pod)
            then, now = _allowed(before, *ends), _allowed(after, *ends)
            if pending and pending[0].family == piece.family and pending[1:] == (then, now):
                pending = (pending[0]._replace(last=piece.last), then, now)
                continue
        if pending and pending[1] != pending[2]:
            title = pending[0].title
            yield Change(*((pod, title) if leaving else (title, pod)), *pending[1:])
        pending = (piece, then, now) if piece is not None else None


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
