"""The description of Kubernetes' types is whole: nothing too much, nothing missing, all exact."""

from __future__ import annotations

from typing import Any

import pytest

from tests.oracle import Answer, Oracle

pytestmark = pytest.mark.needs_oracle

SAMPLES: dict[str, object] = {
    "any": {"x": 1},
    "bool": True,
    "bytes": "AA==",
    "duration": "1s",
    "float64": 1.5,
    "int32": 1,
    "int64": 1,
    "intOrString": 1,
    "microTime": "2024-01-01T00:00:00.000001Z",
    "quantity": "1",
    "rawExtension": {"apiVersion": "v1", "kind": "ConfigMap"},
    "schemaOrBool": True,
    "schemaOrList": {},
    "schemaOrStringList": ["x"],
    "string": "x",
    "time": "2024-01-01T00:00:00Z",
}


def test_the_kinds_of_all_three_servers_are_described(oracle: Oracle) -> None:
    kinds = oracle.ask(op="types")["kinds"]
    assert kinds["apps/v1/Deployment"]["list"] is False
    assert kinds["v1/PodList"]["list"] is True
    assert "apiextensions.k8s.io/v1/CustomResourceDefinition" in kinds
    assert "apiregistration.k8s.io/v1/APIService" in kinds
    assert not any("__internal" in name for name in kinds)


def test_inlined_fields_stand_where_a_file_has_them(oracle: Oracle) -> None:
    structs = oracle.ask(op="types")["structs"]
    volume = {field["name"]: field for field in structs["k8s.io/api/core/v1.Volume"]}
    assert volume["emptyDir"]["type"]["pointer"] is True
    assert "volumeSource" not in volume


def test_an_object_with_every_field_described_is_decoded_strictly(oracle: Oracle) -> None:
    types = oracle.ask(op="types")
    objects = full_objects(types)
    answers = oracle.ask_many({"op": "strict", "object": value} for value in objects.values())
    assert dict(zip(objects, answers, strict=True)) == {name: {"errors": []} for name in objects}


def test_nothing_comes_back_that_was_not_described(oracle: Oracle) -> None:
    types = oracle.ask(op="types")
    objects = full_objects(types)
    answers = oracle.ask_many({"op": "default", "object": value} for value in objects.values())
    for name, answer in zip(objects, answers, strict=True):
        whole = {"type": "struct", "ref": types["kinds"][name]["ref"]}
        assert undescribed(answer["object"], whole, types["structs"]) == []


def full_objects(types: Answer) -> dict[str, dict[str, Any]]:
    """An object of every kind with every field set, a struct within itself left empty."""
    objects = {}
    for name, kind in types["kinds"].items():
        value = sample({"type": "struct", "ref": kind["ref"]}, types["structs"], frozenset())
        version = name.rpartition("/")[0]
        objects[name] = {**value, "apiVersion": version, "kind": kind["kind"]}
    return objects


def sample(described: Answer, structs: dict[str, Any], within: frozenset[str]) -> Any:
    match described["type"]:
        case "list":
            return [sample(described["items"], structs, within)]
        case "map":
            return {"key": sample(described["values"], structs, within)}
        case "struct":
            ref = described["ref"]
            fields = [] if ref in within else structs[ref]
            inside = within | {ref}
            return {field["name"]: sample(field["type"], structs, inside) for field in fields}
    return SAMPLES[described["type"]]


def undescribed(value: Any, described: Answer, structs: dict[str, Any]) -> list[tuple[str, str]]:
    """The struct and name of each field of a value that the description lacks."""
    match described["type"], value:
        case "list", [*items]:
            parts = [(item, described["items"]) for item in items]
        case "map", {**entries}:
            parts = [(entry, described["values"]) for entry in entries.values()]
        case "struct", {**entries}:
            fields = {field["name"]: field["type"] for field in structs[described["ref"]]}
            unknown = [(described["ref"], str(name)) for name in entries if name not in fields]
            if unknown:
                return unknown
            parts = [(entry, fields[name]) for name, entry in entries.items()]
        case _:
            return []
    return [one for item, inner in parts for one in undescribed(item, inner, structs)]
