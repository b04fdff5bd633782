"""Where the boxes of a picture stand: in columns by what they are, in rows near their like."""

from __future__ import annotations

from portside.graph.drawing.view import View
from portside.records import NamedTuple

COLUMNS = {
    **{"internet": 0, "user": 0, "group": 0, "policy": 0, "ingress": 1, "service": 2},
    **{"workload": 3, "container": 3, "account": 4, "role": 5, "secret": 6, "hub": 6, "jewel": 7},
}
WIDTH, HEIGHT, GAP, LANE = 250, 34, 14, 90
_SWEEPS = 6


class Spot(NamedTuple):
    """The upper left corner of a box."""

    x: int
    y: int


def laid_out(drawn: View) -> list[Spot]:
    """A spot for each box, in the order of the boxes."""
    columns: dict[int, list[int]] = {}
    for at, box in enumerate(drawn.boxes):
        columns.setdefault(COLUMNS.get(box.kind, 3), []).append(at)
    rows = {at: float(row) for listed in columns.values() for row, at in enumerate(listed)}
    near: list[list[int]] = [[] for _ in drawn.boxes]
    for arrow in drawn.arrows:
        near[arrow.source].append(arrow.target)
        near[arrow.target].append(arrow.source)
    for _ in range(_SWEEPS):
        for listed in columns.values():
            listed.sort(key=lambda at: (_middle(at, near, rows), at))
            for row, at in enumerate(listed):
                rows[at] = row * (len(drawn.boxes) / max(1, len(listed)))
    spots = [Spot(0, 0)] * len(drawn.boxes)
    for order, (_, listed) in enumerate(sorted(columns.items())):
        for row, at in enumerate(listed):
            spots[at] = Spot(20 + order * (WIDTH + LANE), 20 + row * (HEIGHT + GAP))
    return spots


def _middle(at: int, near: list[list[int]], rows: dict[int, float]) -> float:
    others = near[at]
    return sum(rows[it] for it in others) / len(others) if others else rows[at]
