"""Fingerprints: short forms of findings' identities, told apart where two are the same."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portside.model.finding import Finding


class Prints:
    """Fingerprints of the findings of one report.

    Two objects of one name in a file have findings of one identity; the second gets a number. As
    an identity names its file, those of the file at hand are all that is remembered.
    """

    __slots__ = ("_file", "_seen")

    def __init__(self) -> None:
        self._file = ""
        self._seen: dict[str, int] = {}

    def numbered(self, it: Finding) -> tuple[str, int]:
        """The hash of its identity, and how many findings of that identity there are with it."""
        if it.file != self._file:
            self._file = it.file
            self._seen.clear()
        number = self._seen[it.identity] = self._seen.get(it.identity, 0) + 1
        return sha256(it.identity.encode("utf-8", "surrogatepass")).hexdigest(), number

    def unique(self, it: Finding) -> str:
        """A hash that no other finding of the report has."""
        print_, number = self.numbered(it)
        return print_ if number == 1 else sha256(f"{print_}:{number}".encode()).hexdigest()

    def of(self, it: Finding) -> dict[str, str]:
        """SARIF's partialFingerprints. GitHub knows an alert again by `primaryLocationLineHash`."""
        print_, number = self.numbered(it)
        return {
            "portsideIdentity/v1": print_,
            "primaryLocationLineHash": f"{print_[:16]}:{number}",
        }
