"""Results of files as plain tuples, which marshal writes and reads: between processes and runs."""

from __future__ import annotations

from typing import Any

from portside.model.facts import Fact
from portside.model.finding import (
    Comment,
    FileFate,
    FileResult,
    Finding,
    ObjectFate,
    ResourceRef,
    Undecided,
    Unread,
)


def pack(result: FileResult) -> tuple[Any, ...]:
    """`result` as tuples of plain values; references to one resource stay one object."""
    refs: dict[ResourceRef, tuple[str, ...]] = {}

    def ref(it: ResourceRef) -> tuple[str, ...]:
        found = refs.get(it)
        if found is None:
            found = refs[it] = tuple(it)
        return found

    return (
        tuple(result.fate),
        [(*it[:2], ref(it[2]), *it[3:]) for it in result.objects],
        [(*it[:3], ref(it[3]), *it[4:]) for it in result.findings],
        [(it[0], ref(it[1]), *it[2:]) for it in result.undecided],
        [tuple(it) for it in result.unread],
        [(*it[:5], it[5] and ref(it[5]), *it[6:]) for it in result.comments],
        [_packed(it, ref(it.ref)) for it in result.facts],
    )


def _packed(it: Fact, ref: tuple[str, ...]) -> tuple[Any, ...]:
    known = it.place, it.number, it.doubtful, it.places, it.is_bare
    return ref, it.value, it.file, it.object_key(), *known


def _fact(ref: ResourceRef, packed: Any) -> Fact:
    _, value, file, key, place, number, doubtful, places, bare = packed
    return Fact(
        ref,
        value,
        file=file,
        key=key,
        place=place,
        number=number,
        doubtful=doubtful,
        places=places,
        bare=bare,
    )


def unpack(packed: Any) -> FileResult:
    """The result that `pack` made `packed` from. Raises TypeError or ValueError for others."""
    fate, objects, findings, undecided, unread, comments, facts = packed
    refs: dict[Any, ResourceRef] = {}

    def ref(parts: Any) -> ResourceRef:
        found = refs.get(parts)
        if found is None:
            found = refs[parts] = ResourceRef._make(parts)
        return found

    return FileResult(
        FileFate._make(fate),
        tuple(ObjectFate._make((*it[:2], ref(it[2]), *it[3:])) for it in objects),
        tuple(Finding._make((*it[:3], ref(it[3]), *it[4:])) for it in findings),
        tuple(Undecided(it[0], ref(it[1]), *it[2:]) for it in undecided),
        tuple(Unread._make(it) for it in unread),
        tuple(Comment._make((*it[:5], ref(it[5]) if it[5] else None, *it[6:])) for it in comments),
        tuple(_fact(ref(it[0]), it) for it in facts),
    )
