"""What a kustomization refers to by a path or an address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.place import FieldPath

_LISTS = (
    *("resources", "bases", "components", "crds", "configurations"),
    *("generators", "transformers", "validators", "patchesStrategicMerge"),
)
_WITH_PATHS = ("patches", "patchesJson6902", "replacements")


def references(value: Mapping[str, Any]) -> Iterator[tuple[FieldPath, str]]:
    """Every path and address in the kustomization; what stands in it in full is none."""
    for field in _LISTS:
        for index, text in enumerate(_list(value.get(field))):
            if type(text) is str and "\n" not in text.strip():
                yield (field, index), text
    for field in _WITH_PATHS:
        for index, one in enumerate(_list(value.get(field))):
            if type(one) is dict and type(one.get("path")) is str:
                yield (field, index, "path"), one["path"]
    openapi = value.get("openapi")
    if type(openapi) is dict and type(openapi.get("path")) is str:
        yield ("openapi", "path"), openapi["path"]


def _list(value: Any) -> list[Any]:
    return value if type(value) is list else []
