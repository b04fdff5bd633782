"""A structural schema of a CustomResourceDefinition, read once and bounded in size.

Source: k8s.io/apiextensions-apiserver, `pkg/apiserver/schema` (what a structural schema is) and
`pkg/apis/apiextensions/v1/types_jsonschema.go` (its words). A word that the API server would refuse
in a definition, or of the wrong type, says nothing here: the definition itself has its findings.
"""

from __future__ import annotations

from typing import Any

_MOST_DEEP = 60
_MOST_NODES = 200_000
NO_BOUND = None
_TYPES = frozenset(("object", "array", "string", "integer", "number", "boolean"))
Number = int | float


class TooLargeError(Exception):
    """A schema that is nested too deep, or has too many parts, to be judged by."""


class Schema:
    """One part of a schema. What is absent is None, empty or False."""

    __slots__ = (
        *("additional", "all_of", "any_of", "default", "embedded", "enum"),
        *("exclusive_maximum", "exclusive_minimum", "int_or_string", "items", "list_keys"),
        *("list_type", "maximum", "minimum", "most", "multiple_of", "negated", "nullable"),
        *("one_of", "least", "pattern", "preserve", "properties", "required", "type"),
    )

    def __init__(self, written: dict[str, Any]) -> None:
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
        self.properties: dict[str, Schema] = {}
        self.additional: Schema | bool = False
        self.items: Schema | None = None
        self.all_of: tuple[Schema, ...] = ()
        self.any_of: tuple[Schema, ...] = ()
        self.one_of: tuple[Schema, ...] = ()
        self.negated: Schema | None = None


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
    return _Reader().read(written, 0)


class _Reader:
    __slots__ = ("nodes",)

    def __init__(self) -> None:
        self.nodes = 0

    def read(self, written: dict[str, Any], depth: int) -> Schema:
        self.nodes += 1
        if depth > _MOST_DEEP or self.nodes > _MOST_NODES:
            raise TooLargeError
        made = Schema(written)
        properties = written.get("properties")
        if type(properties) is dict:
            made.properties = {
                name: self.read(it, depth + 1)
                for name, it in properties.items()
                if type(it) is dict
            }
        additional = written.get("additionalProperties")
        if type(additional) is dict:
            made.additional = self.read(additional, depth + 1)
        else:
            made.additional = additional is True
        made.items = self._one(written.get("items"), depth)
        made.negated = self._one(written.get("not"), depth)
        made.all_of = self._several(written.get("allOf"), depth)
        made.any_of = self._several(written.get("anyOf"), depth)
        made.one_of = self._several(written.get("oneOf"), depth)
        return made

    def _one(self, written: Any, depth: int) -> Schema | None:
        return self.read(written, depth + 1) if type(written) is dict else None

    def _several(self, written: Any, depth: int) -> tuple[Schema, ...]:
        listed = written if type(written) is list else ()
        return tuple(self.read(it, depth + 1) for it in listed if type(it) is dict)
