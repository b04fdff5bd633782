"""Versions that Kubernetes 1.37 has no types for any more, read by those of their successor.

extensions/v1beta1, apps/v1beta1 and the like are not here: their types are still in Kubernetes,
and the judged form is made with them. Of the rest (autoscaling/v2beta2, policy/v1beta1 of a kind
that is gone...) the newest version of the same kind tells what is null and what is of a wrong
type; a field that it does not have stays as written, and nothing is added: nobody can say what the
server would have done. A kind without a successor, as PodSecurityPolicy, stays as it is written.
"""

from __future__ import annotations

from typing import Any

from portside.judged import scalar
from portside.judged.reading import DeepStruct, Entries, Items, OpenStruct, Struct
from portside.judged.types import MODULES

_opened: dict[int, Struct] = {}


def successor(version: str, kind: str) -> Struct | None:
    """How an object of a version without types is read; None where there is no successor."""
    group, slash, _ = version.rpartition("/")
    if version in MODULES or not slash:
        return None
    for newer in reversed(_in_order(group)):
        module = f"portside.judged.types.{MODULES[newer]}"
        found = __import__(module, fromlist=("KINDS",)).KINDS.get(kind)
        if found is not None:
            return _open(found)
    return None


def _in_order(group: str) -> list[str]:
    """The versions of a group from the oldest: v1alpha1, v1beta1, v1beta2, v1, v2."""
    versions = [it for it in MODULES if it.rpartition("/")[0] == group]
    return sorted(versions, key=_age)


def _age(version: str) -> tuple[int, str]:
    name = version.rpartition("/")[2]
    return (0 if "alpha" in name else 1 if "beta" in name else 2), name


def _open(struct: Struct) -> Struct:
    """The same struct without defaults, and open for fields it does not have."""
    known = _opened.get(id(struct.fields))
    if known is None:
        known = OpenStruct({}, struct.kept)
        _opened[id(struct.fields)] = known
        known.fields.update((name, _open_field(it)) for name, it in struct.fields.items())
    return known


def _open_field(field: Any) -> Any:
    if isinstance(field, DeepStruct):
        return field
    if isinstance(field, Struct):
        return _open(field)
    if type(field) in (Items, Entries):
        return type(field)(_open_field(field.of), True)
    return _KEPT.get(id(field), field)


_KEPT: dict[int, Any] = {
    id(it): kept
    for it, kept in (
        (scalar.INT32, scalar.INT32_KEPT),
        (scalar.INT64, scalar.INT64_KEPT),
        (scalar.BYTES, scalar.BYTES_KEPT),
        (scalar.TEXTS, scalar.TEXTS_KEPT),
        (scalar.TEXT_MAP, scalar.TEXT_MAP_KEPT),
    )
}
"""Nothing but nulls and wrong types is left out of a retired version."""
