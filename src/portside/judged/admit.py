"""Nulls read, types checked and defaults applied, in place.

The judged form of a kind of Kubernetes is what the API server hands to admission policies: the
object decoded, completed and encoded again, but for the nulls and the empty structs that are only
the encoder's. What is of a wrong type, and so refused by the server, is left out (an item of a list
becomes what a null would be), so that whoever reads the judged form meets no wrong type; it is
told in `Admitted.mistyped`, and a rule that needs the field is undecided.
"""

from __future__ import annotations

from typing import Any

from portside.judged.reading import (
    DEFERRED,
    MISSING,
    UNKNOWN,
    Notes,
    OpenStruct,
    Problems,
    Struct,
)
from portside.judged.types import MODULES, NEWEST

Path = tuple[str | int, ...]


class Admitted:
    """What was found while an object took on its judged form.

    `known` says whether its kind is one of Kubernetes' own, `typed` whether its version is, too;
    other kinds stay as they are written. `mistyped` are (path, expected, got) of the fields that
    the API server refuses for their type, `unknown` those the kind does not have, which the server
    ignores: they are gone. `newer` are fields that the version judged for does not have yet, with
    the first minor version that does; they stay. `missing` are fields that it has to have.
    `unserved` says why that version has no such kind, where it is one of Kubernetes' own groups.
    `notes` are what was added and taken out, to be kept as long as the object is (see there).
    """

    __slots__ = (
        *("known", "missing", "mistyped", "newer", "notes", "typed", "unknown", "unserved"),
    )

    def __init__(self, known: bool, typed: bool, notes: Notes) -> None:
        self.known = known
        self.typed = typed
        self.notes = notes
        self.mistyped: tuple[tuple[Path, str, str], ...] = ()
        self.unknown: tuple[Path, ...] = ()
        self.missing: tuple[Path, ...] = ()
        self.newer: tuple[tuple[Path, int], ...] = ()
        self.unserved = ""

    @property
    def at_fault(self) -> bool:
        """Whether the API server would refuse the object, or lose something of it."""
        return bool(self.mistyped or self.unknown or self.missing or self.newer or self.unserved)

    def is_defaulted(self, value: dict[str, Any], path: Path) -> bool:
        """Whether the field at `path` of the object `value` is the server's and nobody's text."""
        added = {(id(box), key) for box, key in self.notes if box is not None}
        for step in path:
            if (id(value), step) in added:
                return True
            try:
                value = value[step]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                return False
        return False


_AS_WRITTEN = Admitted(False, False, Notes())


def admit(value: dict[str, Any], minor: int = NEWEST) -> Admitted:
    """Give the object `value` its judged form in place, and tell what was found.

    `minor` is the version whose fields it may have; the form is always that of the newest.
    """
    version, kind = value.get("apiVersion"), value.get("kind")
    if type(version) is not str or type(kind) is not str:
        return _AS_WRITTEN
    struct = struct_of(version, kind)
    if struct is None:
        return _as_written(version, kind, minor)
    notes = Notes()
    admitted = Admitted(True, type(struct) is not OpenStruct, notes)
    if minor < NEWEST or not admitted.typed:
        admitted.unserved = _why_unserved(version, kind, admitted.typed, minor)
    kept: frozenset[Path] = frozenset()
    if minor < NEWEST and admitted.typed:
        from portside.judged.versions import differences

        admitted.newer, kept = differences(struct, value, minor)
    if "sops" in value:
        kept |= _of_sops(value["sops"])
    problems = struct.read(value, None, None, notes)
    if problems:
        _sort(problems, admitted, kept)
    return admitted


def _as_written(version: str, kind: str, minor: int) -> Admitted:
    """An object that Kubernetes has no types for: a custom one, or one that nobody serves."""
    group = version.rpartition("/")[0]
    # Only such groups can be Kubernetes' own.
    if "." in group and not group.endswith(".k8s.io"):
        return _AS_WRITTEN
    unserved = _why_unserved(version, kind, False, minor)
    if not unserved:
        return _AS_WRITTEN
    admitted = Admitted(False, False, Notes())
    admitted.unserved = unserved
    return admitted


def _why_unserved(version: str, kind: str, typed: bool, minor: int) -> str:
    from portside.judged.kinds import why_unserved

    return why_unserved(version, kind, typed, minor)


def struct_of(version: str, kind: str) -> Struct | None:
    """How an object of this kind is read; None where Kubernetes has no such kind."""
    module = MODULES.get(version)
    struct = None if module is None else (_LOADED.get(module) or _kinds(module)).get(kind)
    if struct is None:
        from portside.judged.retired import successor

        struct = successor(version, kind)
    return struct


def _of_sops(value: Any) -> frozenset[Path]:
    """What SOPS writes beside an object that it encrypts, and takes out when it decrypts it."""
    encrypted = type(value) is dict and "mac" in value and "lastmodified" in value
    return frozenset([("sops",)]) if encrypted else frozenset()


_LOADED: dict[str, dict[str, Struct]] = {}
"""The kinds of the modules that were asked for."""


def _kinds(module: str) -> dict[str, Struct]:
    name = f"portside.judged.types.{module}"
    # Not importlib, which costs a scan of one file more than the tables do.
    kinds: dict[str, Struct] = __import__(name, fromlist=("KINDS",)).KINDS
    _LOADED[module] = kinds
    return kinds


def _sort(problems: Problems, admitted: Admitted, kept: frozenset[Path]) -> None:
    """Note each problem where it belongs, after what was too deep has been read too."""
    mistyped: list[tuple[Path, str, str]] = []
    unknown: list[Path] = []
    missing: list[Path] = []
    pending = problems
    while pending:
        deeper: Problems = []
        for path, expected, got in pending:
            if expected is UNKNOWN:
                unknown.append(path)
            elif expected is MISSING:
                missing.append(path)
            elif expected is DEFERRED:
                above = path[:-1]
                item, struct = got
                said = struct.read(item, None, None, admitted.notes) or ()
                deeper += [((*above, *inner), what, got) for inner, what, got in said]
            else:
                mistyped.append((path, expected, got))
        pending = deeper
    admitted.mistyped = tuple(mistyped)
    # A field that only the successor of a version lacks is not unknown.
    if admitted.typed:
        admitted.unknown = tuple(it for it in unknown if it not in kept)
    # The server takes nothing of the status of an object that is created.
    admitted.missing = tuple(it for it in missing if it[0] != "status")
