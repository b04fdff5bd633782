"""CustomResourceDefinitions, and the API versions that they add."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portside.model.resource import Resource

DEFINITION = "CustomResourceDefinition"
GROUP = "apiextensions.k8s.io"
_MARK = DEFINITION.encode()


def names_one(data: bytes) -> bool:
    """Whether a file with these bytes may hold a definition."""
    return _MARK in data


def definitions(objects: Iterable[Resource]) -> Iterator[dict[str, Any]]:
    """The values of the definitions among `objects`."""
    return (it.value for it in objects if it.kind == DEFINITION and it.group == GROUP)


def defined_by(objects: Iterable[Resource]) -> tuple[str, ...]:
    """What the definitions among `objects` define."""
    return tuple(dict.fromkeys(one for it in definitions(objects) for one in defined(it)))


def defined(definition: Mapping[str, Any]) -> Iterator[str]:
    """What the API server serves once a CustomResourceDefinition is applied."""
    spec = _map(definition.get("spec"))
    group, kind = spec.get("group"), _map(spec.get("names")).get("kind")
    versions = spec.get("versions") or [{"name": spec.get("version"), "served": True}]
    for it in versions if isinstance(versions, list) else ():
        name = _map(it).get("name")
        if isinstance(name, str) and _map(it).get("served") is True:
            yield f"{group}/{name}"
            yield f"{group}/{name}/{kind}"


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
