"""A pin: what something outside was when it was fetched, and who refers to it."""

from __future__ import annotations

from portside.records import NamedTuple
from portside.vendor.address import Wanted


class Place(NamedTuple):
    """Where a file of the tree refers to something: below the root, with `/`."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Pin(NamedTuple):
    """`wanted` as it was found: `version` is what it came to (a version, a commit, a digest)."""

    wanted: Wanted
    version: str
    digest: str
    """sha256 of the content: of a file its bytes, of a folder its names and files."""
    size: int
    places: tuple[Place, ...] = ()


class Reference(NamedTuple):
    """That a place refers to something outside; `trouble` is why it cannot be fetched."""

    wanted: Wanted
    place: Place
    path: str = ""
    """The path below what is wanted that is meant."""
    trouble: str = ""
