"""Findings that are new, fixed or unchanged, by what they are called in identities (D8).

An object that moves to another file, or whose file gets another name, keeps its findings. What
only became visible (it followed from another that is fixed) was there; what was excused where it
stands, and is not any more, is new.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import TYPE_CHECKING

from portside.diff.model import NEW, UNCHANGED, Compared

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Excuse, Finding

    Said = tuple[Finding, Excuse | None]
    Key = Callable[[Finding], Hashable | None]


def compared(before: Evaluation, after: Evaluation, renamed: Mapping[str, str]) -> Compared:
    """The findings of `after`, each with its state, and those that are fixed.

    `renamed` leads from a file's name in identities to its name today.
    """
    then, now = list(before.findings()), list(after.findings())
    pairs = _Pairs(then, now)
    pairs.join(_exact, _exact)
    if renamed:
        pairs.join(lambda it: _renamed(it, renamed), _exact)
    pairs.join(_logical, _logical)
    states = tuple(_state(it, pairs.before(at)) for at, it in enumerate(now))
    return Compared(states, tuple(pairs.gone()))


class _Pairs:
    """Each finding of today with the one of before that it is, as far as that is known."""

    __slots__ = ("_found", "_left", "_now", "_then")

    def __init__(self, then: list[Said], now: list[Said]) -> None:
        self._then = then
        self._now = now
        self._left = set(range(len(then)))
        self._found: dict[int, int] = {}

    def join(self, then: Key, now: Key) -> None:
        """Pair those that have the same key; findings with the key None stay alone."""
        by_key: defaultdict[Hashable, list[int]] = defaultdict(list)
        for at in sorted(self._left, reverse=True):
            key = then(self._then[at][0])
            if key is not None:
                by_key[key].append(at)
        if not by_key:
            return
        for at, (finding, _) in enumerate(self._now):
            if at not in self._found:
                known = by_key.get(now(finding))
                if known:
                    self._found[at] = known.pop()
                    self._left.discard(self._found[at])

    def before(self, at: int) -> Said | None:
        found = self._found.get(at)
        return None if found is None else self._then[found]

    def gone(self) -> Iterator[Said]:
        return (self._then[at] for at in sorted(self._left))


def _exact(it: Finding) -> Hashable:
    return it.rule, it.identity


def _renamed(it: Finding, renamed: Mapping[str, str]) -> Hashable | None:
    file, bar, rest = it.identity[len(it.rule) + 1 :].partition("|")
    now = renamed.get(file)
    return (it.rule, f"{it.rule}|{now}{bar}{rest}") if now is not None else None


def _logical(it: Finding) -> Hashable | None:
    """The finding without its file; None for one that is about a file and no object."""
    if not it.resource.api_version:
        return None
    return it.rule, it.identity[len(it.rule) + 1 :].partition("|")[2]


def _state(now: Said, then: Said | None) -> str:
    if then is None:
        return NEW
    counts = now[1] is None and not now[0].covered_by
    return NEW if counts and then[1] is not None else UNCHANGED
