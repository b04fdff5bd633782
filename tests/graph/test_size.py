"""Large applications: in a second or two, and with an end where it would be too much."""

from __future__ import annotations

import random
from typing import Any

import pytest

from portside.errors import SourceError
from portside.graph.network import NetworkObject, Reachability, reach
from tests.patience import within

Value = dict[str, Any]


def workload(number: int, tier: str) -> Value:
    labels = {"app": f"a{number}", "tier": tier}
    ports = [{"name": "http", "containerPort": 8000 + number % 50}]
    template = {"metadata": {"labels": labels}} | {
        "spec": {"containers": [{"name": "c", "image": "i", "ports": ports}]}
    }
    metadata = {"name": f"w{number}", "namespace": f"n{number % 10}"}
    return {"apiVersion": "apps/v1", "kind": "Deployment"} | {
        "metadata": metadata,
        "spec": {"template": template},
    }


def policy(number: int, chance: random.Random) -> Value:
    def peers() -> list[Value]:
        return [
            {"ipBlock": {"cidr": f"10.{chance.randrange(256)}.0.0/16"}},
            {
                "namespaceSelector": {},
                "podSelector": {"matchLabels": {"tier": chance.choice("pqr")}},
            },
        ]

    def ports() -> list[Value]:
        return [{"port": chance.choice([80, "http"])}]

    spec = {
        "podSelector": {"matchLabels": {"tier": chance.choice("pqr")}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": peers(), "ports": ports()} for _ in range(3)],
        "egress": [{"to": peers(), "ports": ports()} for _ in range(3)],
    }
    metadata = {"name": f"p{number}", "namespace": f"n{number % 10}"}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"} | {
        "metadata": metadata,
        "spec": spec,
    }


def objects(workloads: int, policies: int) -> list[NetworkObject]:
    chance = random.Random(7)
    made = [workload(number, chance.choice("pqr")) for number in range(workloads)]
    made += [policy(number, chance) for number in range(policies)]
    return [NetworkObject(it) for it in made]


def test_a_large_application_takes_seconds() -> None:
    given = objects(500, 200)
    with within(10):  # a second or two where nothing else runs
        made = Reachability.of(given)
        pairs = sum(1 for _ in made.connections())
    assert pairs > 100_000


def test_workloads_with_the_same_pods_are_judged_once() -> None:
    given = objects(1, 0)
    value = given[0].value
    many = [
        NetworkObject({**value, "metadata": {"name": f"w{number}", "namespace": "n0"}})
        for number in range(50)
    ]
    made = Reachability.of(many)
    assert len(made.workloads) == 50
    assert len(made.peers.pods) == 1 + 1, "the pod of all of them, and whoever forwards"
    assert len(list(made.connections())) == 50 * 49 + 50 * 2


def test_a_map_that_no_machine_holds_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "MOST_PAIRS", 20)
    made = Reachability.of(objects(5, 0))
    with pytest.raises(SourceError, match="the map has 96 pairs"):
        next(made.connections())
