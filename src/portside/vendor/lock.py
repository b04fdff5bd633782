"""`portside.lock`: the pins of a tree, read strictly and written in one way only."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping

from portside.policy.section import Section, open_section
from portside.records import NamedTuple
from portside.vendor.address import KINDS, Wanted, trouble_of
from portside.vendor.faults import LockError
from portside.vendor.folder import leads_out
from portside.vendor.pin import Pin, Place

_LARGEST = 8 << 20
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9/._+@-]*(?:[:][A-Za-z0-9/._+@-]+)*")
_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_KEYS = ("kind", "url", "name", "wants", "version", "digest", "size", "for")
_HEAD = """\
# Written by portside vendor: what this tree refers to outside itself, pinned by its content.
# A pin is moved by portside vendor --update NAME, not by hand.
version: 1
"""


class Lock(NamedTuple):
    """The pins of the tree that `file` stands in; `into` is the folder of it that keeps them."""

    file: str
    pins: tuple[Pin, ...] = ()
    into: str = ""
    """Empty where the user's cache keeps them."""

    @property
    def root(self) -> str:
        return os.path.dirname(self.file) or "."

    def by_key(self) -> Mapping[tuple[str, ...], Pin]:
        return {it.wanted.key(): it for it in self.pins}


def read_lock(file: str) -> Lock:
    """The lock in `file`; one without pins where there is no such file. Raises LockError."""
    try:
        with open(file, "rb") as opened:
            data = opened.read(_LARGEST + 1)
    except FileNotFoundError:
        return Lock(file)
    except OSError as error:
        raise LockError(f"cannot be opened: {error.strerror}", where=file) from error
    return parse_lock(data, file)


def parse_lock(data: bytes, file: str) -> Lock:
    """The lock that `data` is, the content of `file`. Raises LockError."""
    if len(data) > _LARGEST:
        raise LockError(f"is larger than {_LARGEST:,} bytes", where=file)
    section = open_section(data, file, LockError)
    section.only(("version", "into", "sources"))
    if section.get("version", int) != 1:
        section.fail("expected 1: a newer portside wrote it", "version")
    into = section.text("into")
    if into and leads_out(into):
        section.reject("leads out of the tree", "into")
    pins = tuple(_pin(it) for it in section.sections("sources"))
    _once(section, pins)
    return Lock(file, pins, into)


def text_of(lock: Lock) -> str:
    """The lock as it is written: sorted, a key a line, the same for the same pins."""
    return "".join(_lines(lock))


def write_lock(lock: Lock) -> bool:
    """Replace the file by the lock, at once; False where it says so already. Raises LockError."""
    text = text_of(lock).encode()
    fresh = f"{lock.file}.{os.getpid()}.tmp"
    try:
        with open(lock.file, "rb") as file:
            if file.read(_LARGEST + 1) == text:
                return False
    except OSError:
        pass
    try:
        with open(fresh, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, lock.file)
    except OSError as error:
        if os.path.lexists(fresh):
            os.unlink(fresh)
        said = f"cannot be written: {error.strerror}"
        raise LockError(said, where=lock.file, undone="no pin was changed") from error
    return True


def sorted_pins(pins: Iterable[Pin]) -> tuple[Pin, ...]:
    return tuple(sorted(pins, key=lambda it: it.wanted.key()))


def _pin(section: Section) -> Pin:
    section.only(_KEYS)
    kind = section.word("kind", KINDS)
    url = section.required("url")
    problem = trouble_of(url)
    if problem:
        section.reject(problem, "url")
    digest = section.required("digest")
    if not _DIGEST.fullmatch(digest):
        section.reject("expected sha256: and 64 hexadecimal digits", "digest")
    wanted = Wanted(kind, url, section.text("name"), section.text("wants"))
    places = tuple(_place(section, at, it) for at, it in enumerate(section.texts("for")))
    size = section.get("size", int, 0)
    return Pin(wanted, section.text("version"), digest, size, places)


def _place(section: Section, at: int, text: str) -> Place:
    file, colon, line = text.rpartition(":")
    if not colon or not line.isdecimal() or len(line) > 9:
        section.reject("expected FILE:LINE", "for", at)
    return Place(file, int(line))


def _once(section: Section, pins: Iterable[Pin]) -> None:
    known: set[tuple[str, ...]] = set()
    for at, it in enumerate(pins):
        if it.wanted.key() in known:
            section.fail("is pinned twice", "sources", at)
        known.add(it.wanted.key())


def _lines(lock: Lock) -> Iterator[str]:
    yield _HEAD
    if lock.into:
        yield f"into: {_scalar(lock.into)}\n"
    yield "sources:\n" if lock.pins else "sources: []\n"
    for it in sorted_pins(lock.pins):
        wanted = it.wanted
        yield f"  - kind: {wanted.kind}\n    url: {_scalar(wanted.url)}\n"
        for key, value in (("name", wanted.name), ("wants", wanted.version)):
            if value:
                yield f"    {key}: {_scalar(value)}\n"
        if it.version:
            yield f"    version: {_scalar(it.version)}\n"
        yield f"    digest: {it.digest}\n    size: {it.size}\n    for:\n"
        for place in sorted(set(it.places)):
            yield f"      - {_scalar(str(place))}\n"


def _scalar(text: str) -> str:
    """A text as YAML has it: bare where every reader takes it for a text, else in quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return json.dumps(text)
