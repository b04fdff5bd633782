"""Where content is kept: by its digest, in the user's cache or in a folder of the tree."""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from portside.vendor.address import ARCHIVE, ARTIFACT, CHART, FILE, GIT
from portside.vendor.faults import DigestError, FetchError
from portside.vendor.folder import digest_of_file, digest_of_folder
from portside.vendor.pin import Pin

_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 60
_ROOM = ".fetching-"
_OLD = 86_400
_ATTRIBUTES = ".gitattributes"
_AS_IT_IS = "# Written by portside vendor: what is pinned by digest keeps its bytes.\n* -text\n"


class Store:
    """The content of pins below `folder`; with `readable` names where people look at it."""

    __slots__ = ("_verified", "folder", "readable")

    def __init__(self, folder: str, *, readable: bool = False) -> None:
        self.folder = folder
        self.readable = readable
        self._verified: set[str] = set()

    def place(self, pin: Pin) -> str:
        """Where the content of `pin` is, if it is here: a file or a folder."""
        return os.path.join(self.folder, *self._box(pin), leaf(pin))

    def has(self, pin: Pin) -> bool:
        return bool(self.folder) and os.path.lexists(self.place(pin))

    def verified(self, pin: Pin) -> str | None:
        """The place of the content, checked against the digest once; None where it is not here.

        Raises DigestError for content that is not what was pinned.
        """
        place = self.place(pin)
        if place in self._verified:
            return place
        if not self.has(pin):
            return None
        found = digest_of(place)
        if found != pin.digest:
            hint = "remove it, and portside vendor fetches it anew"
            raise DigestError(pin.wanted.title, pin.digest, found, where=place, hint=hint)
        self._verified.add(place)
        return place

    @contextmanager
    def room(self) -> Iterator[str]:
        """A folder to fetch into, on the same disk, which is gone at the end."""
        if not self.folder:
            hint = (
                "set HOME or XDG_CACHE_HOME, or keep it in the tree: portside vendor --into vendor"
            )
            raise FetchError("there is no folder to keep it in", hint=hint)
        try:
            os.makedirs(self.folder, exist_ok=True)
            self._sweep()
            made = tempfile.mkdtemp(prefix=_ROOM, dir=self.folder)
        except OSError as error:
            said = f"cannot be written: {error.strerror}"
            raise FetchError(said, where=self.folder) from error
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def keep(self, pin: Pin, content: str) -> str:
        """Move `content`, a file or folder made in a `room`, to its place, whole or not at all."""
        place = self.place(pin)
        if os.path.lexists(place):
            if digest_of(place) == pin.digest:
                return place
            _remove(place)
        box = os.path.dirname(place)
        os.makedirs(box, exist_ok=True)
        if not _below(box, self.folder):
            said = "is led out of its folder by a symbolic link"
            raise FetchError(said, where=box, hint="remove the link")
        try:
            os.rename(content, place)
        except OSError:
            # Somebody else has just put the same there.
            if digest_of(place) != pin.digest:
                raise
        if self.readable:
            self._mark()
        return place

    def drop(self, pin: Pin) -> None:
        """Take the content of `pin` away; only what is in the tree, a cache is shared."""
        place = self.place(pin)
        if self.readable and os.path.lexists(place) and _below(os.path.dirname(place), self.folder):
            _remove(place)
            with suppress(OSError):
                os.removedirs(os.path.dirname(place))

    def _sweep(self) -> None:
        """Take away what runs left that were killed, a day ago or more."""
        with os.scandir(self.folder) as listing:
            for it in listing:
                if it.name.startswith(_ROOM) and time.time() - it.stat().st_mtime > _OLD:
                    shutil.rmtree(it.path, ignore_errors=True)

    def _box(self, pin: Pin) -> tuple[str, ...]:
        digest = pin.digest.removeprefix("sha256:")
        if not self.readable:
            return "sha256", digest[:2], digest
        version = pin.version[:12] if pin.wanted.kind == GIT else pin.version
        name = _plain(f"{pin.wanted.title}-{version.removeprefix('sha256:')}")
        return pin.wanted.kind, f"{name}-{digest[:12]}"

    def _mark(self) -> None:
        """Tell git to leave line ends alone."""
        place = os.path.join(self.folder, _ATTRIBUTES)
        if not os.path.lexists(place):
            with open(place, "x", encoding="utf-8") as file:
                file.write(_AS_IT_IS)


def leaf(pin: Pin) -> str:
    """What the content itself is called."""
    wanted = pin.wanted
    if wanted.kind == CHART:
        return f"{_plain(wanted.name)}-{_plain(pin.version)}.tgz"
    if wanted.kind == FILE:
        name = _plain(wanted.url.partition("?")[0].rstrip("/").rpartition("/")[2])
        return name if name.strip(".") else "content"
    return {GIT: "tree", ARCHIVE: "tree", ARTIFACT: "tree"}[wanted.kind]


def digest_of(place: str) -> str:
    """The digest of what is kept at `place`."""
    try:
        mode = os.lstat(place).st_mode
        if stat.S_ISDIR(mode):
            return digest_of_folder(place)
        return digest_of_file(place) if stat.S_ISREG(mode) else "something else than a file"
    except OSError as error:
        return f"what cannot be read ({error.strerror})"


def _below(path: str, folder: str) -> bool:
    return os.path.realpath(path).startswith(os.path.realpath(folder) + os.sep)


def _remove(place: str) -> None:
    if os.path.isdir(place) and not os.path.islink(place):
        shutil.rmtree(place)
    else:
        os.unlink(place)


def _plain(name: str) -> str:
    return _NO_NAME.sub("-", name.replace("+", "_"))[:_LONGEST].strip("-") or "content"
