"""Findings that are new, fixed or unchanged, by what they are called in identities (D8).

An object that moves to another file, or whose file gets another name, keeps its findings. What
only became visible (it followed from another that is fixed) was there; what was excused where it
stands, and is not any more, is new. What was there in one environment is new in another that there
was before; in an environment that is new itself it is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from portside.diff.model import NEW, UNCHANGED, Compared
from portside.records import NamedTuple

if TYPE_CHECKING:
    from portside.model.evaluation import Evaluation
    from portside.model.finding import Excuse, Finding, ResourceRef

    Said = tuple[Finding, Excuse | None]
    Key = Callable[[Finding], Hashable | None]

Known = Mapping[str, frozenset[str]]
"""By what charts and overlays are called in identities: the names of their environments."""


class Environments(NamedTuple):
    """The environments of both sides."""

    before: Known = MappingProxyType({})
    after: Known = MappingProxyType({})
    failed: Known = MappingProxyType({})
    """Those of the new side of which nothing is known: what was there is not fixed."""


NONE = Environments()


def compared(
    before: Evaluation,
    after: Evaluation,
    renamed: Mapping[str, str],
    known: Environments = NONE,
) -> Compared:
    """The findings of `after`, each with its state, and those that are fixed.

    `renamed` leads from the name of a file, a chart or an overlay in identities to its name today.
    """
    then, now = list(before.findings()), list(after.findings())
    pairs = _Pairs(then, now)
    pairs.join(_said, _said)
    pairs.join(_exact, _exact)
    if renamed:
        pairs.join(lambda it: _renamed(it, renamed), _exact)
    stays, was_there = _Places(after, known.after), _Places(before, known.before)
    pairs.join(lambda it: None if stays.hold(it) else _logical(it), _logical)
    pairs.join(_logical, lambda it: None if was_there.hold(it) else _logical(it))
    if not (known.before or known.after):
        states = tuple(_state(it, pairs.before(at)) for at, it in enumerate(now))
        return Compared(states, tuple(pairs.gone()))
    return _ByEnvironment(pairs, (then, now), known, renamed).compared()


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

    def numbers(self) -> dict[int, int]:
        """By the numbers of findings of before: those of the findings of today that they are."""
        return {number: at for at, number in self._found.items()}

    def before(self, at: int) -> Said | None:
        found = self._found.get(at)
        return None if found is None else self._then[found]

    def gone(self) -> Iterator[Said]:
        return (self._then[at] for at in sorted(self._left))


class _Places:
    """Where objects are: an object that stays where it is has not moved to where another is."""

    def __init__(self, side: Evaluation, known: Known) -> None:
        self._known = known
        self._side = side
        self._objects: set[tuple[str, ResourceRef]] | None = None

    def hold(self, it: Finding) -> bool:
        """Whether its object is there, or the chart or overlay that it is made by."""
        if _root(it) in self._known:
            return True
        if self._objects is None:
            self._objects = {
                (one.file, one.resource) for file in self._side.files for one in file.objects
            }
        return (it.file, it.resource) in self._objects


class _ByEnvironment:
    """Findings held against each other in each environment by itself."""

    def __init__(
        self,
        pairs: _Pairs,
        said: tuple[list[Said], list[Said]],
        known: Environments,
        renamed: Mapping[str, str],
    ) -> None:
        self._pairs = pairs
        self._then, self._now = said
        self._known = known.before, known.after
        self._failed = known.failed
        self._renamed = renamed
        self._all = tuple(frozenset[str]().union(*it.values()) for it in self._known)
        self._as = self._called_today()
        self._held: tuple[defaultdict[Hashable, set[str]], ...] = (
            defaultdict(set),
            defaultdict(set),
        )
        for it, _ in self._then:
            self._held[0][self._key(it)] |= self._names(it, 0)
        for it, _ in self._now:
            self._held[1][_exact(it)] |= self._names(it, 1)

    def compared(self) -> Compared:
        states, new_in = [], {}
        for at, said in enumerate(self._now):
            state, gained = self._state(at, said)
            states.append(state)
            if gained:
                new_in[at] = gained
        return Compared(tuple(states), tuple(self._gone()), new_in)

    def _called_today(self) -> dict[Hashable, Hashable]:
        """What findings of before are called today, where that is another name."""
        found: dict[Hashable, Hashable] = {}
        for at, (it, _) in enumerate(self._now):
            was = self._pairs.before(at)
            if was is not None and was[0].identity != it.identity:
                found.setdefault(_exact(was[0]), _exact(it))
        return found

    def _key(self, then: Finding) -> Hashable:
        return self._as.get(_exact(then), _exact(then))

    def _names(self, it: Finding, side: int) -> frozenset[str]:
        """The environments that it holds in: all there are, where it names none."""
        if it.environments:
            return frozenset(it.environments)
        return self._there(it, side)

    def _there(self, it: Finding, side: int) -> frozenset[str]:
        """The environments that there are of what its object is made of."""
        return self._known[side].get(_root(it), self._all[side])

    def _state(self, at: int, said: Said) -> tuple[str, tuple[str, ...]]:
        it, _ = said
        then = self._pairs.before(at)
        state = _state(said, then)
        held = self._held[0].get(_exact(it))
        if held is None or not self._is_rendered(it, then):
            return state, ()
        names = self._names(it, 1)
        there = self._existed(it, then)
        gained = tuple(name for name in _ordered(it, names) if name in there and name not in held)
        if gained:
            return NEW, gained if len(gained) < len(names) else ()
        # The same in other words: it is one for each environment.
        return (UNCHANGED, ()) if then is None else (state, ())

    def _existed(self, it: Finding, then: Said | None) -> frozenset[str]:
        return self._there(then[0] if then is not None else it, 0)

    def _is_rendered(self, it: Finding, then: Said | None) -> bool:
        """Whether it is about an object that environments may have otherwise."""
        told = it.environments or (then is not None and then[0].environments)
        return bool(told) or any(_root(it) in known for known in self._known)

    def _gone(self) -> Iterator[Said]:
        paired = self._pairs.numbers()
        for number, (it, excuse) in enumerate(self._then):
            at = paired.get(number)
            held = self._held[1].get(self._key(it))
            failed = self._failed.get(self._renamed.get(_root(it), _root(it)), frozenset())
            if not self._is_rendered(it, self._now[at] if at is not None else None):
                if at is None:
                    yield it, excuse
            elif held is not None or failed:
                lost = self._lost(it, held or set(), failed)
                if lost:
                    yield it._replace(environments=lost), excuse
            elif at is None:
                yield it, excuse

    def _lost(self, it: Finding, held: set[str], failed: frozenset[str]) -> tuple[str, ...]:
        """The environments that it held in, and does not, of those that there are."""
        root = self._renamed.get(_root(it), _root(it))
        there = self._known[1].get(root, self._all[1])
        names = _ordered(it, self._names(it, 0))
        return tuple(one for one in names if one in there - failed and one not in held)


def _ordered(it: Finding, names: frozenset[str]) -> tuple[str, ...]:
    return it.environments or tuple(sorted(names))


def _root(it: Finding) -> str:
    """The file, or the chart or overlay, that its object stands in, as identities have it."""
    return it.object_key.partition("|")[0]


def _said(it: Finding) -> Hashable:
    return it.rule, it.identity, it.message, it.environments


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
