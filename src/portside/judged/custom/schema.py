"""A structural schema of a CustomResourceDefinition, bounded in size, and read as far as asked.

Source: k8s.io/apiextensions-apiserver, `pkg/apiserver/schema` (what a structural schema is) and
`pkg/apis/apiextensions/v1/types_jsonschema.go` (its words). A word that the API server would refuse
in a definition, or of the wrong type, says nothing here: the definition itself has its findings.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_MOST_DEEP = 60
_MOST_NODES = 200_000
NO_BOUND = None
_MAPS = ("properties",)
_ONES = ("additionalProperties", "items", "not")
_LISTS = ("allOf", "anyOf", "oneOf")
_TYPES = frozenset(("object", "array", "string", "integer", "number", "boolean"))
Number = int | float


class TooLargeError(Exception):
    """A schema that is nested too deep, or has too many parts, to be judged by."""


class Schema:
    """One part of a schema. What is absent is None, empty or False.

    The parts in it are read when they are first asked for: objects use few of them.
    """

    __slots__ = (
        *("_additional", "_items", "_properties", "_written", "all_of", "any_of", "default"),
        *("embedded", "enum", "exclusive_maximum", "exclusive_minimum", "int_or_string"),
        *("least", "list_keys", "list_type", "maximum", "minimum", "most", "multiple_of"),
        *("negated", "nullable", "one_of", "pattern", "preserve", "required", "type"),
    )

    def __init__(self, written: dict[str, Any]) -> None:
        self._written = written
        kind = written.get("type")
        self.type = kind if type(kind) is str and kind in _TYPES else ""
        self.nullable = written.get("nullable") is True
        self.preserve = written.get("x-kubernetes-preserve-unknown-fields") is True
        self.int_or_string = written.get("x-kubernetes-int-or-string") is True
        self.embedded = written.get("x-kubernetes-embedded-resource") is True
        self.list_type = written.get("x-kubernetes-list-type")
        self.list_keys = _texts(written.get("x-kubernetes-list-map-keys"))
        self.default = written.get("default") is not None
        self.required = _texts(written.get("required"))
        enum = written.get("enum")
        self.enum: list[Any] | None = enum if type(enum) is list and enum else None
        pattern = written.get("pattern")
        self.pattern = pattern if type(pattern) is str else ""
        self.minimum = _number(written.get("minimum"))
        self.maximum = _number(written.get("maximum"))
        self.multiple_of = _number(written.get("multipleOf"))
        self.exclusive_minimum = written.get("exclusiveMinimum") is True
        self.exclusive_maximum = written.get("exclusiveMaximum") is True
        self.least = _sizes(written, "minLength", "minItems", "minProperties")
        self.most = _sizes(written, "maxLength", "maxItems", "maxProperties")
        self.all_of = _several(written.get("allOf"))
        self.any_of = _several(written.get("anyOf"))
        self.one_of = _several(written.get("oneOf"))
        negated = written.get("not")
        self.negated = Schema(negated) if type(negated) is dict else None
        self._properties: dict[str, Schema] | None = None
        self._additional: Schema | bool | None = None
        self._items: Schema | bool | None = None

    @property
    def properties(self) -> dict[str, Schema]:
        """The fields that are declared."""
        if self._properties is None:
            declared = self._written.get("properties")
            listed = declared.items() if type(declared) is dict else ()
            self._properties = {name: Schema(it) for name, it in listed if type(it) is dict}
        return self._properties

    @property
    def additional(self) -> Schema | bool:
        """What any other field is, or whether it may be anything."""
        if self._additional is None:
            written = self._written.get("additionalProperties")
            self._additional = Schema(written) if type(written) is dict else written is True
        return self._additional

    @property
    def items(self) -> Schema | None:
        """What the items of a list are."""
        if self._items is None:
            written = self._written.get("items")
            self._items = Schema(written) if type(written) is dict else False
        return None if isinstance(self._items, bool) else self._items


def _several(written: Any) -> tuple[Schema, ...]:
    listed = written if type(written) is list else ()
    return tuple(Schema(it) for it in listed if type(it) is dict)


def _texts(written: Any) -> tuple[str, ...]:
    return tuple(it for it in written if type(it) is str) if type(written) is list else ()


def _number(written: Any) -> Number | None:
    return written if type(written) in (int, float) else NO_BOUND


def _sizes(written: dict[str, Any], *names: str) -> tuple[int | None, int | None, int | None]:
    """The bounds of a text, a list and a map."""
    text, listed, mapped = (written.get(it) for it in names)
    return _whole(text), _whole(listed), _whole(mapped)


def _whole(written: Any) -> int | None:
    return written if type(written) is int else NO_BOUND


def read_schema(written: dict[str, Any]) -> Schema:
    """The schema that `written` (openAPIV3Schema) is. Raises TooLargeError."""
    pending = [(written, 0)]
    nodes = 0
    while pending:
        part, depth = pending.pop()
        nodes += 1
        if depth > _MOST_DEEP or nodes > _MOST_NODES:
            raise TooLargeError
        pending += ((it, depth + 1) for it in _parts(part))
    return Schema(written)


def _parts(written: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schemas that stand in a schema."""
    for key, held in written.items():
        if key in _MAPS and type(held) is dict:
            yield from (it for it in held.values() if type(it) is dict)
        elif key in _ONES and type(held) is dict:
            yield held
        elif key in _LISTS and type(held) is list:
            yield from (it for it in held if type(it) is dict)
