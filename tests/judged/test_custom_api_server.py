"""A real API server refuses the custom resources that are at fault here, and takes the others.

A definition with every word of a structural schema, and objects of its kind made and mutated by
chance. `PORTSIDE_FUZZ` multiplies their number, `PORTSIDE_SEED` chooses others.
"""

from __future__ import annotations

import copy
import http
import os
from collections import Counter
from random import Random
from typing import Any

import pytest

from portside.judged.custom.definitions import Definitions
from tests.cluster import Cluster
from tests.judged.mutations import mistaken

pytestmark = pytest.mark.needs_cluster

COUNT = 600 * int(os.environ.get("PORTSIDE_FUZZ", "1"))
SEED = int(os.environ.get("PORTSIDE_SEED", "20261124"))
Json = dict[str, Any]

SPEC: Json = {
    "type": "object",
    "required": ["size", "owner"],
    "properties": {
        "size": {"type": "string", "enum": ["small", "large"], "default": "small"},
        "owner": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 8, "minLength": 2},
        "count": {"type": "integer", "minimum": 1, "maximum": 9, "exclusiveMaximum": True},
        "share": {"type": "number", "multipleOf": 2},
        "paid": {"type": "boolean", "nullable": True},
        "port": {
            "x-kubernetes-int-or-string": True,
            "anyOf": [{"type": "integer"}, {"type": "string"}],
            "pattern": "^[a-z]+$",
        },
        "labels": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "maxProperties": 3,
        },
        "anything": {
            "type": "object",
            "x-kubernetes-preserve-unknown-fields": True,
            "properties": {"known": {"type": "object", "properties": {"a": {"type": "integer"}}}},
        },
        "names": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
        "parts": {
            "type": "array",
            "minItems": 1,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["name"],
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string"}, "weight": {"type": "integer"}},
            },
        },
        "maybe": {
            "type": "array",
            "items": {"type": "string", "nullable": True},
        },
        "one": {
            "type": "object",
            "properties": {"left": {"type": "string"}, "right": {"type": "string"}},
            "oneOf": [{"required": ["left"]}, {"required": ["right"]}],
            "not": {"properties": {"left": {"enum": ["never"]}}, "required": ["left"]},
        },
        "all": {
            "type": "object",
            "properties": {"low": {"type": "integer"}, "high": {"type": "integer"}},
            "allOf": [
                {"properties": {"low": {"minimum": 0}}},
                {"properties": {"high": {"maximum": 10}}, "required": ["high"]},
            ],
        },
        "inner": {
            "type": "object",
            "x-kubernetes-embedded-resource": True,
            "x-kubernetes-preserve-unknown-fields": True,
        },
        "closed": {
            "type": "object",
            "x-kubernetes-embedded-resource": True,
            "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string"}}}},
        },
    },
}
DEFINITION: Json = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "baskets.shop.example.org"},
    "spec": {
        "group": "shop.example.org",
        "names": {"kind": "Basket", "plural": "baskets"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "required": ["spec"],
                        "properties": {
                            "spec": SPEC,
                            "status": {"type": "object", "properties": {"ok": {"type": "boolean"}}},
                        },
                    }
                },
            }
        ],
    },
}
FULL: Json = {
    "size": "large",
    "owner": "ada",
    "count": 3,
    "share": 4,
    "paid": None,
    "port": "http",
    "labels": {"a": "b"},
    "anything": {"goes": [1, {"x": None}], "known": {"a": 1}},
    "names": ["a", "b"],
    "parts": [{"name": "x", "weight": 1}, {"name": "y"}],
    "maybe": ["a", None],
    "one": {"left": "a"},
    "all": {"low": 1, "high": 2},
    "inner": {"apiVersion": "v1", "kind": "Foo", "metadata": {"name": "x"}, "free": 1},
    "closed": {"apiVersion": "v1", "kind": "Foo", "spec": {"a": "b"}},
}
_VALUES: tuple[Any, ...] = (
    *("small", "huge", "A", "never", "toolonganame", 0, 1, 5, 9, 11, -1, 0.5, 0.25, 3.0, 1e3),
    *(True, None, [], {}, [None], ["a", "a"], {"a": 1}, {"name": "x"}, [{"name": "x"}] * 2, [{}]),
)


def _made(chance: Random) -> Json:
    names = [name for name in FULL if chance.random() < 0.7 or name in ("owner", "size")]
    spec = {name: copy.deepcopy(FULL[name]) for name in names}
    value: Json = {
        "apiVersion": "shop.example.org/v1",
        "kind": "Basket",
        "metadata": {"name": "shop", "labels": {"a": "b"}},
        "spec": spec,
    }
    if chance.random() < 0.2:
        value["status"] = {"ok": True}
    for _ in range(chance.choice((0, 1, 1, 2))):
        if chance.random() < 0.5 and spec:
            name = chance.choice(list(spec))
            spec[name] = copy.deepcopy(chance.choice(_VALUES))
        else:
            value["spec"] = mistaken(spec, chance)
            spec = value["spec"]
    return value


def test_a_custom_resource_is_at_fault_where_the_api_server_refuses_it(cluster: Cluster) -> None:
    status, answer = cluster.create(DEFINITION)
    assert status == http.HTTPStatus.CREATED, answer
    try:
        _compare(cluster, cluster.namespace())
    finally:
        # Other tests ask this server what it says of kinds that nobody has defined.
        cluster.delete(DEFINITION)


def _compare(cluster: Cluster, namespace: str) -> None:
    probe: Json = {
        "apiVersion": "shop.example.org/v1",
        "kind": "Basket",
        "metadata": {"name": "shop"},
        "spec": {"owner": "ada"},
    }
    path = f"/apis/shop.example.org/v1/namespaces/{namespace}/baskets"
    cluster.wait_until(lambda: cluster.request("GET", path)[0] == http.HTTPStatus.OK)
    # A kind may be served a while before the list of what is served names it.
    cluster.wait_until(lambda: "Basket" in _kinds(cluster))
    cluster.wait_until(
        lambda: (
            cluster.create(probe, namespace=namespace, dry_run=True)[0] == http.HTTPStatus.CREATED
        )
    )
    definitions = Definitions([DEFINITION])
    chance = Random(SEED)
    seen: Counter[bool] = Counter()
    differing = []
    for _ in range(COUNT):
        value = _made(chance)
        status, answer = cluster.create(value, namespace=namespace, dry_run=True)
        refused = status != http.HTTPStatus.CREATED
        found = definitions.answer("shop.example.org/v1", "Basket", value).faults
        seen[refused] += 1
        if refused != bool(found):
            differing.append((value, found, answer.get("message", "")))
    assert min(seen.values()) > COUNT / 5
    assert differing[:3] == []


def _kinds(cluster: Cluster) -> list[str]:
    _, answer = cluster.request("GET", "/apis/shop.example.org/v1")
    return [it["kind"] for it in answer.get("resources", [])]
