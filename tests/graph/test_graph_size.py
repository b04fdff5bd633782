"""Large and hostile applications: time is bounded, and what is left out is said."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from portside.graph import hops, model
from portside.graph.attack import Attack
from portside.graph.build import application as built
from portside.graph.choke import ChokePoints
from portside.graph.detours import Dominators
from portside.graph.network import NetworkObject, Reachability
from portside.graph.ways import MOST_STEPS, STEP
from portside.model.facts import Fact, Facts
from portside.model.finding import Finding
from portside.model.resource import reference
from tests.patience import within

BUDGET = 5.0
"""Seconds of one core; what is measured stands in the ADR."""


def fact(value: dict[str, object], number: int) -> Fact:
    ref = reference(value)
    key = f"{number}|{ref.kind}/{ref.namespace}/{ref.name}"
    return Fact(ref, value, file="all.yaml", key=key, place=(number, 1, 1), number=number)


def meta(name: str, namespace: str, **more: object) -> dict[str, object]:
    return {"name": name, "namespace": namespace, **more}


RBAC = "rbac.authorization.k8s.io/v1"


def large(sets: int, namespaces: int) -> Iterator[dict[str, object]]:
    """Five objects a set: a pod, its Service, policy, role and binding."""
    for at in range(sets):
        where, app = f"n{at % namespaces}", {"app": f"a{at}"}
        container = {"name": "c", "image": "i", "ports": [{"containerPort": 80}]}
        spec = {"serviceAccountName": f"s{at}", "containers": [container]}
        yield {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": meta(f"p{at}", where, labels=app),
            "spec": spec,
        }
        yield {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": meta(f"p{at}", where),
            "spec": {"selector": app, "ports": [{"port": 80}]},
        }
        yield {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": meta(f"p{at}", where),
            "spec": {
                "podSelector": {"matchLabels": app},
                "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": f"a{at // 2}"}}}]}],
            },
        }
        yield {
            "apiVersion": RBAC,
            "kind": "Role",
            "metadata": meta(f"r{at}", where),
            "rules": [
                {"apiGroups": [""], "resources": ["pods", "secrets"], "verbs": ["create", "get"]}
            ],
        }
        yield {
            "apiVersion": RBAC,
            "kind": "RoleBinding",
            "metadata": meta(f"r{at}", where),
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": f"r{at}"},
            "subjects": [{"kind": "ServiceAccount", "name": f"s{at}", "namespace": where}],
        }


def attacked(values: list[dict[str, object]]) -> Attack:
    facts = Facts([fact(it, at) for at, it in enumerate(values)], whole=True)
    findings: list[Finding] = []
    made = Attack(built(facts, findings))
    made.bands()
    ChokePoints(made).found()
    return made


def test_ten_thousand_objects_are_quick() -> None:
    for namespaces in (100, 1):
        values = list(large(2_000, namespaces))
        with within(BUDGET):
            made = attacked(values)
        assert len(made.application.graph.nodes) > 6_000


def test_policies_that_tell_all_pods_apart_are_followed_and_else_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = list(large(hops.MOST_ROWS + 50, 1))
    made = attacked(many)
    assert not made.application.graph.notes
    monkeypatch.setattr(hops, "MOST_PAIRS", 10)
    made = attacked(many)
    assert any("every other" in it for it in made.application.graph.notes)


@pytest.mark.parametrize("ways", ["grouped", "paired"])
def test_pods_connect_to_just_those_that_the_map_says(
    monkeypatch: pytest.MonkeyPatch, ways: str
) -> None:
    """Random policies in both directions, and two ways to hold the same answer."""
    if ways == "paired":
        monkeypatch.setattr(hops, "MOST_ROWS", 0)
    for seed in range(25):
        facts = Facts([fact(it, at) for at, it in enumerate(random_policies(seed))], whole=True)
        made = Attack(built(facts, []))
        reach = Reachability.of(NetworkObject.of_fact(it) for it in facts.listed)
        graph = made.application.graph
        for source in graph.of_kind(model.CONTAINER):
            distances = made.ways.ahead([source]).far
            home = graph.nodes[source].name.rpartition("/")[2]
            for target in graph.of_kind(model.WORKLOAD):
                name = graph.nodes[target].name.rpartition("/")[2]
                if name == home:
                    continue
                ports = reach.allowed(f"n/{home}[Pod]", f"n/{name}[Pod]")
                assert (distances[target] < STEP) == ports.has("TCP", 80), (seed, home, name)


def random_policies(seed: int) -> Iterator[dict[str, object]]:
    """Six pods that listen on 80, under policies for ports 80 and 81."""
    pick = random.Random(seed)
    for at in range(6):
        container = {"name": "c", "image": "i", "ports": [{"containerPort": 80}]}
        yield {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": meta(f"p{at}", "n", labels={"app": f"a{at}", "half": str(at % 2)}),
            "spec": {"containers": [container]},
        }
    for at in range(pick.randint(0, 5)):
        direction, peers = pick.choice((("ingress", "from"), ("egress", "to")))
        some = [
            {"podSelector": {"matchLabels": {"app": f"a{pick.randrange(6)}"}}}
            for _ in range(pick.randint(1, 3))
        ]
        rule: dict[str, object] = {peers: some}
        if pick.random() < 0.5:
            rule["ports"] = [{"port": 80 + pick.randrange(2)}]
        selector = {"matchLabels": {"app": f"a{pick.randrange(6)}"}}
        if pick.random() < 0.3:
            selector = {"matchLabels": {"half": "1"}}
        yield {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": meta(f"n{at}", "n"),
            "spec": {
                "podSelector": selector,
                "policyTypes": [direction.capitalize()],
                direction: [rule] if pick.random() < 0.8 else [],
            },
        }


def test_a_binding_of_many_subjects_to_many_roles_stays_small() -> None:
    subjects = [{"kind": "User", "name": f"u{at}"} for at in range(3_000)]
    rules = [
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"], "resourceNames": [f"n{at}"]}
        for at in range(500)
    ]
    values: list[dict[str, object]] = [
        {"apiVersion": RBAC, "kind": "ClusterRole", "metadata": {"name": "r"}, "rules": rules}
    ]
    values += [
        {
            "apiVersion": RBAC,
            "kind": "ClusterRoleBinding",
            "metadata": {"name": f"b{at}"},
            "roleRef": {"kind": "ClusterRole", "name": "r"},
            "subjects": subjects,
        }
        for at in range(20)
    ]
    with within(BUDGET):
        made = attacked(values)
    assert len(made.application.graph.edges) <= model.MOST_EDGES


def ingresses(number: int) -> Iterator[dict[str, object]]:
    """Pods of one namespace, each with a Service and an Ingress to it."""
    for at in range(number):
        container = {"name": "c", "image": "i", "ports": [{"containerPort": 80}]}
        backend = {"service": {"name": f"s{at}", "port": {"number": 80}}}
        yield {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": meta(f"p{at}", "n", labels={"app": f"a{at}"}),
            "spec": {"containers": [container]},
        }
        yield {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": meta(f"s{at}", "n"),
            "spec": {"selector": {"app": f"a{at}"}, "ports": [{"port": 80}]},
        }
        yield {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": meta(f"i{at}", "n"),
            "spec": {"defaultBackend": backend},
        }


def test_many_ingresses_of_one_namespace_are_quick() -> None:
    with within(BUDGET):
        made = attacked(list(ingresses(3_000)))
    assert len(made.application.graph.nodes) > 9_000


def chain(size: int) -> Iterator[dict[str, object]]:
    """Accounts of which each may act as the next."""
    for at in range(size):
        yield {
            "apiVersion": RBAC,
            "kind": "Role",
            "metadata": meta(f"r{at}", "n"),
            "rules": [
                {
                    "apiGroups": [""],
                    "resources": ["serviceaccounts"],
                    "verbs": ["impersonate"],
                    "resourceNames": [f"s{at + 1}"],
                }
            ],
        }
        yield {
            "apiVersion": RBAC,
            "kind": "RoleBinding",
            "metadata": meta(f"r{at}", "n"),
            "roleRef": {"kind": "Role", "name": f"r{at}"},
            "subjects": [{"kind": "ServiceAccount", "name": f"s{at}", "namespace": "n"}],
        }


def test_a_chain_of_identities_is_followed_and_shown_in_part() -> None:
    values = list(chain(4_000))
    pod = {"serviceAccountName": "s0", "containers": [{"name": "c", "image": "i"}]}
    values.append({"apiVersion": "v1", "kind": "Pod", "metadata": meta("p", "n"), "spec": pod})
    last = {"kind": "ServiceAccount", "name": "s4000", "namespace": "n"}
    values.append(
        {
            "apiVersion": RBAC,
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "admin"},
            "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [last],
        }
    )
    with within(BUDGET):
        made = attacked(values)
    ((_, path),) = made.worst_paths()
    assert (path.band, path.cost) == ("P2", 0)
    assert len(path.edges) == MOST_STEPS
    assert made.words(path).startswith("… → ")


def test_a_full_graph_says_that_it_is() -> None:
    graph = model.Graph()
    for at in range(model.MOST_EDGES + 2):
        graph.add(model.Edge(at, at + 1, "k", ""))
    assert len(graph.edges) == model.MOST_EDGES
    assert graph.notes == [f"more than {model.MOST_EDGES:,} steps: the rest are left out"]


def test_a_long_chain_has_its_dominators_and_does_not_recurse() -> None:
    size = 20_000
    after = [[at + 1] if at + 1 < size else [] for at in range(size)]
    before = [[at - 1] if at else [] for at in range(size)]
    found = Dominators(0, after, before)
    assert found.known
    assert next(iter(found.of(size - 1))) == size - 1
