"""An object as a policy sees it is what Kubernetes' own encoder makes of it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from portside.judged import admit
from portside.policy.apitypes.encode import encoded
from tests.oracle import Oracle
from tests.shared import shared

pytestmark = pytest.mark.needs_oracle

Json = dict[str, Any]


def real_objects() -> Iterator[Json]:
    for path in sorted(shared("corpora/realworld").rglob("*.yaml")):
        try:
            documents = list(yaml.load_all(path.read_text(encoding="utf-8"), yaml.CSafeLoader))
        except (yaml.YAMLError, UnicodeDecodeError, ValueError):
            continue
        for it in documents:
            if isinstance(it, dict) and it.get("kind") and it.get("apiVersion"):
                yield it


def test_real_objects_are_shown_as_the_encoder_writes_them(oracle: Oracle) -> None:
    values = [json.loads(json.dumps(it, default=str)) for it in real_objects()]
    answers = oracle.ask_many([{"op": "default", "object": it} for it in values])
    known = [
        (it, answer["object"])
        for it, answer in zip(values, answers, strict=True)
        if "object" in answer
    ]
    assert len(known) > 500
    for value, answer in known:
        assert shown(value) == answer


def shown(value: Json) -> Json:
    """`value` in the judged form, as a policy sees it."""
    made = copy.deepcopy(value)
    admit(made)
    return encoded(made, made["apiVersion"], made["kind"])


def pod(container: Json) -> Json:
    return {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [container]}}


@pytest.mark.parametrize(
    "value",
    [
        pod({"name": "a", "resources": {"limits": {"cpu": 0.5, "memory": "1024Mi"}}}),
        pod({"name": "a", "resources": {"limits": {"cpu": "0.1", "memory": "1e3"}}}),
        pod({"name": "a", "stdin": False, "args": [], "env": [{"name": "A", "value": ""}]}),
        pod({"name": "a", "securityContext": {}, "ports": [{}]}),
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role"},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "subjects": []},
        {"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 80}]}},
        {"apiVersion": "v1", "kind": "ConfigMap", "data": {}, "immutable": False},
        {"apiVersion": "v1", "kind": "Namespace", "spec": {}},
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": {"ingress": [{}]}},
        {"apiVersion": "apps/v1", "kind": "Deployment"},
        {"apiVersion": "batch/v1", "kind": "CronJob", "spec": {"suspend": False}},
    ],
    ids=lambda it: it["kind"],
)
def test_the_edges_of_the_encoder(oracle: Oracle, value: Json) -> None:
    assert shown(value) == oracle.ask(op="default", object=value)["object"]


def test_a_quantity_is_spelt_as_kubernetes_spells_it(oracle: Oracle) -> None:
    for text in ("0.5", "1024Mi", "1000m", "1e3", "100.50", "0", "1Gi", "0.1Gi", "123456789k"):
        shown = encoded(pod({"name": "a", "resources": {"limits": {"cpu": text}}}), "v1", "Pod")
        found = shown["spec"]["containers"][0]["resources"]["limits"]["cpu"]
        assert found == oracle.ask(op="quantity", text=text)["canonical"]


def test_a_custom_resource_stays_as_it_is_written() -> None:
    value = {"apiVersion": "example.org/v1", "kind": "Widget", "spec": {"a": None, "b": []}}
    assert encoded(value, "example.org/v1", "Widget") is value
