"""Sets of whole numbers as sorted intervals that do not touch: ports and addresses.

Every function takes and gives such sets in this one form, so that equal sets are equal tuples.
"""

from __future__ import annotations

from collections.abc import Iterable

Intervals = tuple[tuple[int, int], ...]
"""(first, last) pairs, both included."""


def intervals(pairs: Iterable[tuple[int, int]]) -> Intervals:
    """The numbers of all `pairs`, which may overlap and come in any order; empty ones are left."""
    made: list[tuple[int, int]] = []
    for first, last in sorted(pairs):
        if first > last:
            continue
        if made and first <= made[-1][1] + 1:
            if last > made[-1][1]:
                made[-1] = (made[-1][0], last)
        else:
            made.append((first, last))
    return tuple(made)


def union(a: Intervals, b: Intervals) -> Intervals:
    if not a or not b or a == b:
        return a or b
    return intervals(a + b)


def intersection(a: Intervals, b: Intervals) -> Intervals:
    made: list[tuple[int, int]] = []
    i = j = 0
    while i < len(a) and j < len(b):
        first, last = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if first <= last:
            made.append((first, last))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return tuple(made)


def difference(a: Intervals, b: Intervals) -> Intervals:
    """What is in `a` and not in `b`."""
    made: list[tuple[int, int]] = []
    j = 0
    for start, last in a:
        first = start
        while j < len(b) and b[j][1] < first:
            j += 1
        k = j
        while k < len(b) and b[k][0] <= last:
            if first < b[k][0]:
                made.append((first, b[k][0] - 1))
            first = b[k][1] + 1
            k += 1
        if first <= last:
            made.append((first, last))
    return tuple(made)


def contains(a: Intervals, b: Intervals) -> bool:
    """Whether every number of `b` is in `a`."""
    return not difference(b, a)


def pieces(whole: tuple[int, int], cuts: Iterable[Intervals]) -> list[tuple[int, int]]:
    """`whole` cut wherever one of the sets begins or ends.

    Each piece lies wholly inside or wholly outside of each interval of each set.
    """
    first, last = whole
    starts = {first}
    for cut in cuts:
        for low, high in cut:
            starts.add(low)
            starts.add(high + 1)
    ordered = sorted(start for start in starts if first <= start <= last)
    ends = [*(start - 1 for start in ordered[1:]), last]
    return list(zip(ordered, ends, strict=True))
