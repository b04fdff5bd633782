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
    RenderedPart,
    Rendering,
    ResourceRef,
    Step,
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
        [_finding(it, ref(it[3])) for it in result.findings],
        [(it[0], ref(it[1]), *it[2:]) for it in result.undecided],
        [tuple(it) for it in result.unread],
        [(*it[:5], it[5] and ref(it[5]), *it[6:]) for it in result.comments],
        [_packed(it, ref(it.ref)) for it in result.facts],
        result.rendering and _rendering(result.rendering),
    )


def _finding(it: Finding, ref: tuple[str, ...]) -> tuple[Any, ...]:
    if not it.chain:
        return (*it[:3], ref, *it[4:])
    chain = tuple(tuple(step) for step in it.chain)
    return (*it[:3], ref, *it[4:_CHAIN], chain, *it[_CHAIN + 1 :])


_CHAIN = Finding._fields.index("chain")


def _found(packed: Any, ref: ResourceRef) -> Finding:
    found = Finding._make((*packed[:3], ref, *packed[4:]))
    if found.chain:
        found = found._replace(chain=tuple(Step._make(it) for it in found.chain))
    return found


def _rendering(it: Rendering) -> tuple[Any, ...]:
    return tuple(it._replace(parts=[tuple(part) for part in it.parts]))  # type: ignore[arg-type]


def _unpacked(packed: Any) -> Rendering | None:
    if packed is None:
        return None
    made = Rendering._make(packed)
    return made._replace(parts=tuple(RenderedPart._make(it) for it in made.parts))


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
    fate, objects, findings, undecided, unread, comments, facts, made = packed
    refs: dict[Any, ResourceRef] = {}

    def ref(parts: Any) -> ResourceRef:
        found = refs.get(parts)
        if found is None:
            found = refs[parts] = ResourceRef._make(parts)
        return found

    return FileResult(
        FileFate._make(fate),
        tuple(ObjectFate._make((*it[:2], ref(it[2]), *it[3:])) for it in objects),
        tuple(_found(it, ref(it[3])) for it in findings),
        tuple(Undecided(it[0], ref(it[1]), *it[2:]) for it in undecided),
        tuple(Unread._make(it) for it in unread),
        tuple(Comment._make((*it[:5], ref(it[5]) if it[5] else None, *it[6:])) for it in comments),
        tuple(_fact(ref(it[0]), it) for it in facts),
        _unpacked(made),
    )
