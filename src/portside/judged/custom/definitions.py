"""The kinds that CustomResourceDefinitions declare, with the schemas of their versions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portside.judged.custom.faults import UNKNOWN, Fault, faults
from portside.judged.custom.schema import Schema, TooLargeError, read_schema
from portside.records import NamedTuple

_MOST_DEFINITIONS = 5000


class Answer(NamedTuple):
    """What the definitions say of an object: its faults, or why its version is not served."""

    faults: tuple[Fault, ...] = ()
    unserved: str = ""


class _Version:
    """A version of a kind; its schema is read where it is first needed."""

    __slots__ = ("_schema", "_written", "served", "takes_status")

    def __init__(self, written: dict[str, Any]) -> None:
        self.served = written.get("served") is not False
        apart = written.get("subresources")
        self.takes_status = type(apart) is not dict or apart.get("status") is None
        """Whether the status counts that an object has when it is created."""
        schema = written.get("schema")
        found = schema.get("openAPIV3Schema") if type(schema) is dict else None
        self._written: dict[str, Any] | None = found if type(found) is dict else None
        self._schema: Schema | None = None

    def schema(self) -> Schema | None:
        """None where it has none, or one that is too large."""
        if self._schema is None and self._written is not None:
            try:
                self._schema = read_schema(self._written)
            except TooLargeError:
                self._schema = None
            self._written = None
        return self._schema

    def faults(self, value: dict[str, Any]) -> list[Fault]:
        schema = self.schema()
        found = [] if schema is None else faults(schema, value)
        if self.takes_status:
            return found
        return [it for it in found if it.what == UNKNOWN or it.path[0] != "status"]


class Definitions:
    """All definitions that are known; several may declare the same kind, each in its own way."""

    __slots__ = ("_kinds",)

    def __init__(self, values: Iterable[dict[str, Any]]) -> None:
        self._kinds: dict[tuple[str, str], list[dict[str, _Version]]] = {}
        for number, value in enumerate(values):
            if number < _MOST_DEFINITIONS:
                self._add(value)

    def joined(self, values: Iterable[dict[str, Any]]) -> Definitions:
        """These and more."""
        made = Definitions(values)
        for key, declared in self._kinds.items():
            made._kinds.setdefault(key, []).extend(declared)
        return made

    def declares(self, group: str, kind: str) -> bool:
        return (group, kind) in self._kinds

    def answer(self, version: str, kind: str, value: dict[str, Any]) -> Answer:
        """What they say of an object of this API version and kind, which one of them declares.

        Where several declare the kind, the one that finds the least counts: nobody can say which
        of them the cluster has. Raises TooMuchError.
        """
        group, _, name = version.rpartition("/")
        declared = self._kinds[group, kind]
        served = [it[name] for it in declared if name in it and it[name].served]
        if not served:
            return Answer(unserved=_served(declared))
        least: list[Fault] | None = None
        for it in served:
            found = it.faults(value)
            if least is None or len(found) < len(least):
                least = found
        return Answer(tuple(least or ()))

    def _add(self, value: dict[str, Any]) -> None:
        spec = value.get("spec")
        if value.get("apiVersion") != "apiextensions.k8s.io/v1" or type(spec) is not dict:
            return
        names, versions = spec.get("names"), spec.get("versions")
        group = spec.get("group")
        if type(names) is not dict or type(versions) is not list or type(group) is not str:
            return
        made = {str(it.get("name")): _Version(it) for it in versions if type(it) is dict}
        kind = names.get("kind")
        if made and type(kind) is str:
            self._kinds.setdefault((group, kind), []).append(made)


def _served(declared: list[dict[str, _Version]]) -> str:
    names = sorted({name for it in declared for name, version in it.items() if version.served})
    return f"its definition serves {', '.join(names) or 'no version'}"
