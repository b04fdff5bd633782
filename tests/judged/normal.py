"""The oracle's object without what is only the encoder's: nulls and empty structs of no pointer.

Told by the types, not by the look: an empty map behind a pointer (`emptyDir: {}`) means something.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.oracle import Answer

_YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).isoformat()
SCHEMAS = ("schemaOrBool", "schemaOrList", "schemaOrStringList")


class Types:
    """The oracle's description of all kinds."""

    def __init__(self, described: Answer) -> None:
        self.kinds: dict[str, Any] = described["kinds"]
        self.structs: dict[str, Any] = described["structs"]

    def root(self, value: dict[str, Any]) -> dict[str, Any] | None:
        """The type of a whole object; None where its kind is not Kubernetes' own."""
        kind = self.kinds.get(f"{value.get('apiVersion')}/{value.get('kind')}")
        return None if kind is None else {"type": "struct", "ref": kind["ref"]}

    def fields(self, described: dict[str, Any], around: str = "") -> dict[str, dict[str, Any]]:
        """The types of a struct's fields; of a schema's where `described` may hold one."""
        ref = described.get("ref") or around
        return {it["name"]: it["type"] for it in self.structs[ref]}

    def normal(self, value: Any, described: dict[str, Any], around: str = "") -> Any:
        """`value` without what the encoder added; `around` is the struct it stands in."""
        kind = described["type"]
        if kind == "list" and type(value) is list:
            return [self.normal(it, described["items"], around) for it in value]
        if kind == "map" and type(value) is dict:
            inner = described["values"]
            return {key: self.normal(it, inner, around) for key, it in value.items()}
        if kind in SCHEMAS:
            return self._schema(value, around)
        if kind == "struct" and type(value) is dict:
            return self._struct(value, described["ref"])
        return value

    def _schema(self, value: Any, around: str) -> Any:
        if type(value) is list:
            return [self._schema(it, around) for it in value]
        return self._struct(value, around) if type(value) is dict else value

    def _struct(self, value: dict[str, Any], ref: str) -> dict[str, Any]:
        kept = {}
        for field in self.structs[ref]:
            name, described = field["name"], field["type"]
            if value.get(name) is None or _is_of_the_clock(name, value[name]):
                continue
            inner = self.normal(value[name], described, ref)
            is_plain = described["type"] == "struct" and not described.get("pointer")
            if inner == {} and is_plain:
                continue
            kept[name] = inner
        return kept


def _is_of_the_clock(name: str, value: Any) -> bool:
    """The server takes the time of a taint from its clock, which the judged form does not have."""
    return name == "timeAdded" and type(value) is str and value > _YESTERDAY


def same(one: Any, other: Any) -> bool:
    """Equality that tells true from 1."""
    if type(one) is dict and type(other) is dict:
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if type(one) is list and type(other) is list:
        return len(one) == len(other) and all(map(same, one, other))
    return (type(one) is bool) == (type(other) is bool) and bool(one == other)
