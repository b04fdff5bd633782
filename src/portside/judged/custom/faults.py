"""What the API server refuses of a custom resource, or drops of it, by its schema.

Sources: k8s.io/apiextensions-apiserver, `pkg/apiserver/schema/pruning` (fields that are dropped,
which strict validation refuses), `schema/defaulting` (nulls that are dropped) and kube-openapi's
`validation/validate`. Not judged: `format`, and rules in CEL (`x-kubernetes-validations`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portside.judged.custom.values import (
    equal,
    fits_type,
    is_label,
    number_fault,
    shown,
    size_fault,
    text_fault,
    twin_fault,
)
from portside.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portside.judged.custom.schema import Schema

Path = tuple[str | int, ...]
UNKNOWN, MISTYPED, MISSING, INVALID = "unknown", "mistyped", "missing", "invalid"
_OF_EVERY_OBJECT = frozenset(("apiVersion", "kind", "metadata"))
_MOST_STEPS = 500_000
_MOST_FAULTS = 300
_MOST_LISTED, _LONGEST = 12, 40
"""Values of an enumeration that are shown, and characters of each."""


class Fault(NamedTuple):
    """One fault of an object: `what` is a word of the above, `said` goes on after the path."""

    what: str
    path: Path
    said: str
    meant: tuple[str, ...] = ()
    """The fields that there are, where one is unknown."""


class TooMuchError(Exception):
    """An object that takes more steps to judge than are spent on one."""


def faults(schema: Schema, value: dict[str, Any]) -> list[Fault]:
    """The faults of a whole object. Raises TooMuchError."""
    walk = _Walk()
    found: list[Fault] = []
    for fault in walk.faults(schema, value, (), whole=True):
        found.append(fault)
        if len(found) == _MOST_FAULTS:
            break
    return found


class _Walk:
    __slots__ = ("steps",)

    def __init__(self) -> None:
        self.steps = 0

    def faults(
        self, schema: Schema, value: Any, path: Path, *, whole: bool = False
    ) -> Iterator[Fault]:
        """The faults of `value`; `whole` says that it is an object with metadata of its own."""
        yield from self._own(schema, value, path)
        if type(value) is dict and fits_type(schema, value):
            yield from self._fields(schema, value, path, whole or schema.embedded)
        elif type(value) is list and schema.items is not None:
            for index, item in enumerate(value):
                yield from self.faults(schema.items, item, (*path, index))

    def _fields(
        self, schema: Schema, value: dict[str, Any], path: Path, whole: bool
    ) -> Iterator[Fault]:
        open_for_all = schema.preserve or schema.additional is True
        for name, item in value.items():
            here = (*path, name)
            if whole and name in _OF_EVERY_OBJECT:
                yield from _of_every_object(name, item, here)
                continue
            part = schema.properties.get(name)
            if part is None and not isinstance(schema.additional, bool):
                part = schema.additional
            if part is None:
                if not open_for_all:
                    yield Fault(UNKNOWN, here, "", tuple(schema.properties))
            elif item is not None or part.nullable:
                # A null where none may be is dropped.
                yield from self.faults(part, item, here)

    def _own(self, schema: Schema, value: Any, path: Path) -> Iterator[Fault]:
        """The faults of `value` itself, without those of what is in it."""
        self.steps += 1 + len(schema.enum or ())
        if self.steps > _MOST_STEPS:
            raise TooMuchError
        if value is None:
            if not schema.nullable:
                yield Fault(MISTYPED, path, f"null, expected {_expected(schema)}")
            return
        if not fits_type(schema, value):
            yield Fault(MISTYPED, path, f"{shown(value)}, expected {_expected(schema)}")
            return
        for said in _of_value(schema, value):
            yield Fault(INVALID, path, said)
        if type(value) is dict:
            yield from self._missing(schema, value, path)
        yield from self._combined(schema, value, path)

    def _missing(self, schema: Schema, value: dict[str, Any], path: Path) -> Iterator[Fault]:
        for name in schema.required:
            part = schema.properties.get(name)
            nullable = part is not None and part.nullable
            is_there = value.get(name) is not None or (name in value and nullable)
            if not is_there and not (part is not None and part.default):
                yield Fault(MISSING, (*path, name), "")
        if schema.embedded:
            yield from _of_embedded(schema, value, path)

    def _combined(self, schema: Schema, value: Any, path: Path) -> Iterator[Fault]:
        for part in schema.all_of:
            yield from self._checked(part, value, path)
        if schema.any_of and not any(self._holds(it, value) for it in schema.any_of):
            yield Fault(INVALID, path, "fits none of the forms that its schema allows")
        if schema.one_of:
            fitting = sum(self._holds(it, value) for it in schema.one_of)
            if fitting != 1:
                said = "none" if not fitting else f"{fitting}"
                yield Fault(INVALID, path, f"fits {said} of the forms of which it has to fit one")
        if schema.negated is not None and self._holds(schema.negated, value):
            yield Fault(INVALID, path, "has a form that its schema forbids")

    def _checked(self, schema: Schema, value: Any, path: Path) -> Iterator[Fault]:
        """The faults by a schema that only says more of a value: it makes no field unknown."""
        yield from self._own(schema, value, path)
        for part, item, step in _parts(schema, value):
            yield from self._checked(part, item, (*path, step))

    def _holds(self, schema: Schema, value: Any) -> bool:
        return next(self._checked(schema, value, ()), None) is None


def _parts(schema: Schema, value: Any) -> Iterator[tuple[Schema, Any, str | int]]:
    """(schema, value, step) of what stands in `value`, as far as the schema has a part for it."""
    if type(value) is dict:
        for name, item in value.items():
            part = schema.properties.get(name)
            if part is None and not isinstance(schema.additional, bool):
                part = schema.additional
            if part is not None and item is not None:
                yield part, item, name
    elif type(value) is list and schema.items is not None:
        yield from ((schema.items, item, index) for index, item in enumerate(value))


def _of_value(schema: Schema, value: Any) -> Iterator[str]:
    if schema.enum is not None and not any(equal(value, it) for it in schema.enum):
        listed = ", ".join(str(it)[:_LONGEST] for it in schema.enum[:_MOST_LISTED])
        yield f"is none of {listed}{', …' if len(schema.enum) > _MOST_LISTED else ''}"
    told = [size_fault(schema, value)]
    if type(value) is str and schema.pattern:
        told.append(text_fault(schema.pattern, value))
    elif type(value) is int or type(value) is float:
        told.append(number_fault(schema, value))
    elif type(value) is list and schema.list_type in ("map", "set"):
        told.append(twin_fault(schema, value))
    yield from filter(None, told)


def _expected(schema: Schema) -> str:
    words = {
        "array": "a list",
        "boolean": "true or false",
        "integer": "a whole number",
        "number": "a number",
        "object": "a map",
        "string": "text",
    }
    return "a whole number or text" if schema.int_or_string else words.get(schema.type, "a value")


def _of_embedded(schema: Schema, value: dict[str, Any], path: Path) -> Iterator[Fault]:
    """What an object within an object has to have of its own."""
    for name in ("apiVersion", "kind"):
        if not value.get(name) and name not in schema.required:
            yield Fault(MISSING, (*path, name), "")
    kind = value.get("kind")
    if type(kind) is str and kind and not is_label(kind.lower()):
        yield Fault(INVALID, (*path, "kind"), "is no name of a kind")


def _of_every_object(name: str, value: Any, path: Path) -> Iterator[Fault]:
    """The faults of apiVersion, kind and metadata, which are the same for all objects."""
    if name != "metadata":
        if type(value) is not str:
            yield Fault(MISTYPED, path, f"{shown(value)}, expected text")
        return
    from portside.judged.custom.metadata import metadata_faults

    for what, inner, said, meant in metadata_faults(value):
        yield Fault(what, (*path, *inner), said, meant)
