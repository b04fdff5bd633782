"""Which fields of a struct an object has to have: what OpenAPI says, and what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.judged_hooks import short

if TYPE_CHECKING:
    from tools.judged_facts import Catalogue, Facts

NOT_ASKED: dict[str, tuple[str, ...]] = {
    "CSIDriver": ("spec",),
    "CSINode": ("spec",),
    "CSINodeSpec": ("drivers",),
    "CustomResourceDefinitionVersion": ("served", "storage"),
    "EvictionResponder": ("priority",),
    "GroupResource": ("group",),
    "HTTPHeader": ("value",),
    "ISCSIPersistentVolumeSource": ("lun",),
    "ISCSIVolumeSource": ("lun",),
    "LimitRange": ("spec",),
    "LimitRangeSpec": ("limits",),
    "PodFailurePolicy": ("rules",),
    "PreferredSchedulingTerm": ("preference",),
    "ResourcePool": ("generation",),
    "ScaleIOPersistentVolumeSource": ("secretRef",),
    "ScaleIOVolumeSource": ("secretRef",),
    "SleepAction": ("seconds",),
    "Sysctl": ("value",),
    "TokenRequest": ("audience",),
}
"""Required by the document alone: a real API server takes objects without them.

Of every version of a type. Told by a dry run of objects that lack one field, as are most of those
that are asked for (`tests/judged/test_required_api_server.py`).
"""


def required_fields(
    catalogue: Catalogue, facts: dict[str, Facts], versions: dict[str, Any]
) -> dict[str, tuple[str, ...]]:
    """For each struct its required fields, in Go's order.

    A field with a default of its own is not among them. One that holds a struct in place is, where
    that struct has required fields: the server sees no difference between `{}` and nothing.
    """
    found: dict[str, tuple[str, ...]] = {}

    def of(ref: str) -> tuple[str, ...]:
        if ref not in found:
            found[ref] = ()
            said = versions.get(short(ref), {}).get("required", ())
            found[ref] = tuple(
                field["name"]
                for field in catalogue.structs[ref]
                if _is_asked(ref, field["name"])
                and not facts[ref].absent.get(field["name"])
                and (field["name"] in said or _holds(field["type"]))
            )
        return found[ref]

    def _holds(described: dict[str, Any]) -> bool:
        in_place = described["type"] == "struct" and not described.get("pointer")
        return in_place and bool(of(described["ref"]))

    for ref in sorted(catalogue.structs):
        of(ref)
    return {ref: names for ref, names in found.items() if names}


def _is_asked(ref: str, name: str) -> bool:
    # The server takes nothing of the status of an object that is created.
    is_list = name == "items" and ref.endswith("List")
    return not (
        is_list
        or name in ("status", "metadata")
        or name in NOT_ASKED.get(ref.rpartition(".")[2], ())
    )
