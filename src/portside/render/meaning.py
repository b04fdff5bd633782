"""What an expression of a template may stand for, without executing it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from portside.records import NamedTuple

if TYPE_CHECKING:
    from portside.model.place import FieldPath

ROOT, VALUES, DICT, LIST, TEXT, MANY, NONE = (
    "root",
    "values",
    "dict",
    "list",
    "text",
    "many",
    "none",
)
ANY: Final = -1
"""In a path: some item of a list, or some key of a map."""
_GLOBAL = "global"
_MOST_PARTS = 40


class Meaning(NamedTuple):
    """One of the kinds above.

    `path` is the key of the values that it is, or (a root) the key that the chart's values stand
    under; `items` are those of a dict, `parts` those of a list or what it may be of many.
    """

    kind: str
    path: FieldPath = ()
    items: Mapping[str, Meaning] = {}
    parts: tuple[Meaning, ...] = ()
    text: str = ""
    straight: bool = True


NOTHING: Final = Meaning(NONE)


class Key(NamedTuple):
    """A key of the values that an expression reads."""

    path: FieldPath
    straight: bool


def many(parts: Iterable[Meaning], straight: bool = True) -> Meaning:
    """Any of `parts`, the likeliest first."""
    kept = tuple(it for it in parts if it.kind != NONE)[:_MOST_PARTS]
    if len(kept) == 1 and straight:
        return kept[0]
    return Meaning(MANY, parts=kept, straight=straight) if kept else NOTHING


def field(of: Meaning, names: tuple[str, ...]) -> Meaning:
    """What `.a.b` of it is."""
    if not names or of.kind == NONE:
        return of
    if of.kind == VALUES:
        return of._replace(path=(*of.path, *names))
    if of.kind == DICT:
        return field(of.items.get(names[0], NOTHING), names[1:])
    if of.kind == MANY:
        return many((field(it, names) for it in of.parts), of.straight)
    if of.kind == ROOT:
        return _of_root(of, names)
    return NOTHING


def _of_root(root: Meaning, names: tuple[str, ...]) -> Meaning:
    if names[0] == "Subcharts" and len(names) > 1:
        return field(root._replace(path=(*root.path, names[1])), names[2:])
    if names[0] != "Values":
        return NOTHING
    if names[1:2] == (_GLOBAL,):
        return Meaning(VALUES, names[1:])
    return Meaning(VALUES, (*root.path, *names[1:]))


def element(of: Meaning) -> Meaning:
    """What an item of it is."""
    if of.kind == VALUES:
        return of._replace(path=(*of.path, ANY))
    if of.kind == LIST:
        return many(of.parts)
    if of.kind == DICT:
        return many(of.items.values())
    if of.kind == MANY:
        return many((element(it) for it in of.parts), of.straight)
    return NOTHING


def keys(of: Meaning, straight: bool = True, depth: int = 0) -> Iterator[Key]:
    """Every key of the values in it, in order."""
    straight = straight and of.straight
    if of.kind == VALUES and of.path:
        yield Key(of.path, straight)
    elif depth < _MOST_PARTS:
        for it in (*of.parts, *of.items.values()):
            yield from keys(it, straight and of.kind == MANY, depth + 1)
