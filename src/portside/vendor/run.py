"""A run of `portside vendor`: what is referred to, against what is pinned and kept."""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from portside.records import NamedTuple
from portside.vendor.address import ARCHIVE, ARTIFACT, GIT, Wanted
from portside.vendor.faults import DigestError, FetchError, LockError
from portside.vendor.fetch import Fetcher
from portside.vendor.lock import Lock, sorted_pins
from portside.vendor.pin import Pin, Place, Reference
from portside.vendor.references import Outside, inside, references
from portside.vendor.store import Store

NEW, KEPT, FETCHED, MOVED, GONE = "new", "kept", "fetched", "moved", "gone"
ABSENT, CHANGED, FAILED, UNPINNED = "absent", "changed", "failed", "unpinned"
"""Of content that is pinned and not here, that is not what was pinned, that cannot be had; and of
what is referred to and was not looked for, offline."""
_MOST = 1_000
_DEEPEST = 8
_WAIT = 600
_TREES = (GIT, ARCHIVE, ARTIFACT)
Key = tuple[str, ...]


class Outcome(NamedTuple):
    """What became of one thing that is wanted."""

    what: str
    wanted: Wanted
    places: tuple[Place, ...] = ()
    pin: Pin | None = None
    before: Pin | None = None
    error: str = ""
    left_out: tuple[str, ...] = ()


class Plan(NamedTuple):
    """What a run may do. `update` are the titles or addresses whose pins move; all for `("",)`."""

    update: tuple[str, ...] = ()
    offline: bool = False
    upstream: bool = False
    """Whether everything is fetched again, to be compared with its pin."""
    configuration: str = ""


class Result(NamedTuple):
    lock: Lock
    outcomes: tuple[Outcome, ...]

    def of(self, *whats: str) -> list[Outcome]:
        return [it for it in self.outcomes if it.what in whats]


class Vendoring:
    """Works off all references of the tree that `lock` stands in, and those of what is fetched."""

    def __init__(self, lock: Lock, fetcher: Fetcher, plan: Plan) -> None:
        self.lock = lock
        self.fetcher = fetcher
        self.plan = plan
        self._pins = lock.by_key()
        self._named: set[str] = set()

    def run(self) -> Result:
        """Everything that is referred to, pinned where it can be. Raises LockError for a name of
        `update` that nothing has.
        """
        wanted: dict[Key, list[Reference]] = {}
        done: dict[Key, Outcome] = {}
        pending = references(self.lock.root, self.lock.into, self.plan.configuration)
        for _ in range(_DEEPEST):
            _grouped(pending, wanted)
            pending = [*self._round(wanted, done)]
            if not pending:
                break
        self._all_named(wanted)
        outcomes = [_with_places(done[key], wanted[key]) for key in sorted(done)]
        gone = [it for it in self.lock.pins if it.wanted.key() not in wanted]
        outcomes += [Outcome(GONE, it.wanted, it.places, before=it) for it in gone]
        pins = (it.pin or it.before for it in outcomes if it.what != GONE)
        lock = self.lock._replace(pins=sorted_pins(it for it in pins if it is not None))
        return Result(lock, tuple(outcomes))

    def _round(
        self, wanted: Mapping[Key, list[Reference]], done: dict[Key, Outcome]
    ) -> Iterator[Reference]:
        """Work off what is new, and yield what that refers to in turn."""
        seen: set[tuple[Key, str]] = set()
        for key in sorted(set(wanted) - set(done)):
            if len(done) >= _MOST:
                raise LockError(f"more than {_MOST:,} things are referred to", where=self.lock.file)
            done[key] = self._one(wanted[key])
        for key, listed in wanted.items():
            pin = done[key].pin
            for it in listed:
                if pin is None or it.wanted.kind not in _TREES or (key, it.path) in seen:
                    continue
                seen.add((key, it.path))
                folder = self.fetcher.store.place(pin)
                if os.path.isdir(folder):
                    found = inside(Outside(it.wanted.url, folder, it.path))
                    yield from (one for one in found if one.wanted.key() not in done)

    def _one(self, listed: Sequence[Reference]) -> Outcome:
        wanted = listed[0].wanted
        pin = self._pins.get(wanted.key())
        trouble = next((it.trouble for it in listed if it.trouble), "")
        if trouble:
            return Outcome(FAILED, wanted, before=pin, error=trouble)
        try:
            if pin is not None and self._moves(wanted):
                return self._moved(wanted, pin)
            return self._pinned(pin) if pin is not None else self._new(listed)
        except DigestError as error:
            return Outcome(CHANGED, wanted, before=pin, error=str(error))
        except FetchError as error:
            return Outcome(FAILED, wanted, before=pin, error=str(error))

    def _pinned(self, pin: Pin) -> Outcome:
        wanted = pin.wanted
        if self.plan.upstream:
            self.fetcher.fetch(wanted, pin)
            return Outcome(KEPT, wanted, pin=pin)
        try:
            here = self.fetcher.store.verified(pin)
        except DigestError:
            if self.plan.offline:
                raise
            here = None
        if here:
            return Outcome(KEPT, wanted, pin=pin)
        if self.plan.offline:
            return Outcome(ABSENT, wanted, pin=pin)
        got = self.fetcher.fetch(wanted, pin)
        return Outcome(FETCHED, wanted, pin=pin, left_out=got.left_out)

    def _new(self, listed: Sequence[Reference]) -> Outcome:
        wanted = listed[0].wanted
        if self.plan.offline:
            said = "is not pinned, and nothing is fetched here: run portside vendor"
            return Outcome(UNPINNED, wanted, error=said)
        got = self.fetcher.fetch(wanted)
        return Outcome(NEW, wanted, pin=got.pin, left_out=got.left_out)

    def _moved(self, wanted: Wanted, before: Pin) -> Outcome:
        if self.plan.offline:
            said = "cannot be updated offline"
            return Outcome(FAILED, wanted, before=before, error=said)
        got = self.fetcher.fetch(wanted)
        same = (got.pin.version, got.pin.digest) == (before.version, before.digest)
        what = KEPT if same else MOVED
        return Outcome(what, wanted, pin=got.pin, before=before, left_out=got.left_out)

    def _moves(self, wanted: Wanted) -> bool:
        names = {wanted.title, wanted.url} & set(self.plan.update)
        self._named |= names
        return bool(names) or "" in self.plan.update

    def _all_named(self, wanted: Mapping[Key, list[Reference]]) -> None:
        for name in self.plan.update:
            known = {one.wanted.title for it in wanted.values() for one in it}
            urls = {one.wanted.url for it in wanted.values() for one in it}
            if name and name not in known | urls:
                hint = f"there are {', '.join(sorted(known))}" if known else "nothing is"
                said = f"nothing that is referred to is called {name}"
                raise LockError(said, where="--update", hint=hint, undone="no pin was moved")


def tidy(before: Lock, after: Lock, store: Store) -> None:
    """Take away what a folder of the tree keeps for pins that are no more."""
    kept = {store.place(it) for it in after.pins}
    for it in before.pins:
        if store.place(it) not in kept:
            store.drop(it)


@contextmanager
def alone(lock_file: str, folder: str) -> Iterator[None]:
    """Let no other run write the same lock meanwhile; `folder` is where runs wait for one another.

    Raises LockError where another takes too long.
    """
    name = hashlib.sha256(os.path.realpath(lock_file).encode("utf-8", "surrogateescape"))
    place = os.path.join(folder, f".running-{name.hexdigest()[:16]}")
    try:
        os.makedirs(folder, exist_ok=True)
        file = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LockError(f"cannot be written: {error.strerror}", where=folder) from error
    try:
        _wait(file, lock_file)
        yield
    finally:
        os.close(file)


def _wait(file: int, lock_file: str) -> None:
    ends = time.monotonic() + _WAIT
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError:
            if time.monotonic() > ends:
                said = "another portside vendor has been at it for ten minutes"
                raise LockError(said, where=lock_file, undone="nothing was fetched") from None
            time.sleep(0.1)


def _grouped(found: Iterable[Reference], wanted: dict[Key, list[Reference]]) -> None:
    for it in found:
        listed = wanted.setdefault(it.wanted.key(), [])
        if it not in listed:
            listed.append(it)


def _with_places(outcome: Outcome, listed: Sequence[Reference]) -> Outcome:
    places = tuple(sorted({it.place for it in listed}))
    pin = outcome.pin._replace(places=places) if outcome.pin else None
    before = outcome.before
    if before is not None and outcome.what in (CHANGED, FAILED):
        before = before._replace(places=places)
    return outcome._replace(places=places, pin=pin, before=before)
