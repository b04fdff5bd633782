"""What was vendored, looked up offline: nothing here reaches out, and every answer is verified."""

from __future__ import annotations

import os
from collections.abc import Iterator

from portside.sources.lock import nearest
from portside.vendor import semver
from portside.vendor.address import CHART, FILE, GIT, Wanted, artifact, located, plain
from portside.vendor.lock import Lock, read_lock
from portside.vendor.pin import Pin
from portside.vendor.store import Store


class Vendored:
    """The content that a `portside.lock` pins.

    Every look-up gives a path, or None where nothing is pinned or its content is not here; it
    raises DigestError where the content is not what was pinned.
    """

    __slots__ = ("_pins", "lock", "store")

    def __init__(self, lock: Lock, cache: str) -> None:
        self.lock = lock
        self.store = store_of(lock, cache)
        self._pins = lock.by_key()

    def __call__(self, reference: str) -> str | None:
        """What Kustomize or `extends` mean by a remote text: a file or a folder."""
        found = located(reference)
        if found is None:
            return None
        kept = self.of(found.wanted)
        if kept is None or not found.path:
            return kept
        below = os.path.join(kept, found.path)
        real = os.path.realpath(below)
        inside = real.startswith(os.path.realpath(kept) + os.sep)
        return below if inside and os.path.exists(below) else None

    def of(self, wanted: Wanted) -> str | None:
        """The content of what is wanted, exactly as it is written."""
        pin = self._pins.get(wanted.key())
        return self.store.verified(pin) if pin else None

    def git(self, address: str, revision: str = "") -> str | None:
        """The folder of a Git repository at a revision, as Argo CD and Flux refer to it."""
        return self.of(Wanted(GIT, address, version="" if revision == "HEAD" else revision))

    def artifact(self, address: str, version: str = "") -> str | None:
        """The folder that an OCI artifact holds."""
        return self.of(artifact(address, version))

    def file(self, address: str) -> str | None:
        return self.of(Wanted(FILE, address))

    def chart(self, repository: str, name: str, version: str = "") -> str | None:
        """The packed chart of a repository or registry: in the range as written, else one in it."""
        exact = self.of(chart(repository, name, version))
        return exact or next(self._charts(repository, name, version), None)

    def _charts(self, repository: str, name: str, version: str) -> Iterator[str]:
        asked = chart(repository, name).key()[:3]
        for key, pin in self._pins.items():
            if key[:3] == asked and _fits(version, pin):
                found = self.store.verified(pin)
                if found:
                    yield found

    def sources(self) -> dict[str, str]:
        """The folders of Git repositories and charts by their addresses, as `--source` gives them.

        Left out is what is pinned at several revisions: there the revision has to be said.
        """
        found: dict[str, list[str]] = {}
        for pin in self.lock.pins:
            wanted = pin.wanted
            kept = self.store.verified(pin) if wanted.kind in (CHART, GIT) else None
            if kept and wanted.kind == CHART:
                address = f"{wanted.url.rstrip('/')}/{wanted.name}"
                found.setdefault(address, []).append(os.path.dirname(kept))
            elif kept:
                found.setdefault(wanted.url, []).append(kept)
        return {address: places[0] for address, places in found.items() if len(set(places)) == 1}

    def is_pinned(self, reference: str) -> bool:
        """Whether the lock has a pin for the text, wherever its content is."""
        found = located(reference)
        return found is not None and found.wanted.key() in self._pins

    def holds(self, path: str) -> str:
        """The folder of vendored content that `path` is in; empty where it is in none."""
        found = self._holder(path)
        return found[1] if found is not None else ""

    def called(self, path: str) -> str:
        """What people call the vendored file or folder at `path`: as it is addressed, without the
        scheme, wherever it is kept. Empty for what is not vendored.
        """
        found = self._holder(path)
        if found is None:
            return ""
        pin, place = found
        below = os.path.relpath(os.path.realpath(path), place).replace(os.sep, "/")
        address = plain(pin.wanted.url).partition("://")[2].rpartition("@")[2]
        if pin.wanted.kind == CHART:
            below = os.path.basename(place)
        return address if below == "." else f"{address}/{below}"

    def _holder(self, path: str) -> tuple[Pin, str] | None:
        real = os.path.realpath(path)
        for pin in self.lock.pins:
            place = os.path.realpath(self.store.place(pin))
            if real == place or real.startswith(place + os.sep):
                return pin, place
        return None


def chart(repository: str, name: str, version: str = "") -> Wanted:
    """A chart; an address without a scheme is a registry's, as Argo CD writes it."""
    url = repository.rstrip("/")
    return Wanted(CHART, url if "://" in url else f"oci://{url}", name, version)


def open_vendored(folder: str, cache: str) -> Vendored | None:
    """What the nearest `portside.lock` at or above `folder` pins; None where there is none.

    `cache` is the user's cache folder, or empty. Raises LockError.
    """
    file = nearest(folder)
    return Vendored(read_lock(file), cache) if file else None


def store_of(lock: Lock, cache: str) -> Store:
    """Where the content of the lock is kept."""
    if lock.into:
        return Store(os.path.join(lock.root, lock.into), readable=True)
    return Store(os.path.join(cache, "vendored") if cache else "")


def _fits(wanted: str, pin: Pin) -> bool:
    try:
        return semver.takes_in(wanted, pin.version)
    except semver.BadRangeError:
        return False
