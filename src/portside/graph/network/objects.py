"""What the network is made of, as it is handed in, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portside.model.facts import Fact
from portside.model.place import FieldPath
from portside.model.resource import Resource, reference
from portside.records import NamedTuple


class NetworkObject(NamedTuple):
    """An object: its value, the file it stands in, and where in it a field is."""

    value: dict[str, Any]
    file: str = ""
    place: Callable[[FieldPath], tuple[int, int]] | None = None
    """Line and column of the field at a path, counted from 1."""

    @classmethod
    def of(cls, resource: Resource) -> NetworkObject:
        return cls(resource.value, resource.file, resource.place)

    @classmethod
    def of_fact(cls, fact: Fact) -> NetworkObject:
        """From what a scan keeps of an object, which has the place of the whole of it only."""
        return cls(fact.value, fact.file, lambda _: fact.place[:2])

    def line(self, path: FieldPath = ()) -> int:
        return 0 if self.place is None else self.place(path)[0]

    @property
    def group(self) -> str:
        """The group that it names: what the API server refuses has no place in the map."""
        return reference(self.value).api_version.rpartition("/")[0]

    @property
    def kind(self) -> str:
        return reference(self.value).kind

    @property
    def name(self) -> str:
        return reference(self.value).name

    @property
    def namespace(self) -> str:
        """Where it is created; `default` where the manifest names none."""
        return reference(self.value).namespace or "default"

    @property
    def spec(self) -> dict[str, Any]:
        spec = self.value.get("spec")
        return spec if type(spec) is dict else {}


class Fault(NamedTuple):
    """Something the map is without, or that qualifies it: what, and why."""

    what: str
    reason: str
    file: str
    line: int

    def __str__(self) -> str:
        place = ":".join(str(it) for it in (self.file, self.line) if it)
        return f"{place}: {self.what}: {self.reason}" if place else f"{self.what}: {self.reason}"


class Refused(Exception):  # noqa: N818 - it says what the API server does
    """An object that the API server would refuse, and the field that is to blame."""

    def __init__(self, path: FieldPath, reason: str) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason


def mapping(value: object, path: FieldPath) -> dict[str, Any]:
    """`value`, which has to be a map; absent and null are an empty one."""
    if value is None:
        return {}
    if type(value) is not dict:
        raise Refused(path, f"{_last(path)} is no map")
    return value


def listing(value: object, path: FieldPath) -> list[Any]:
    """`value`, which has to be a list; absent and null are an empty one."""
    if value is None:
        return []
    if type(value) is not list:
        raise Refused(path, f"{_last(path)} is no list")
    return value


def texts(value: object, path: FieldPath) -> tuple[str, ...]:
    """`value`, which has to be a list of texts."""
    made = tuple(listing(value, path))
    if any(type(it) is not str for it in made):
        raise Refused(path, f"{_last(path)} is no list of texts")
    return made


def number(value: object, path: FieldPath, least: int, most: int) -> int:
    """`value`, which has to be a whole number in these bounds."""
    if type(value) is not int or not least <= value <= most:
        raise Refused(path, f"{_last(path)} is no number from {least} to {most}")
    return value


def _last(path: FieldPath) -> str:
    names = [step for step in path if isinstance(step, str)]
    return names[-1] if names else "it"
