"""Large and hostile applications: time is bounded, and what is left out is said."""

from __future__ import annotations

import time
from collections.abc import Iterator

from portside.graph import lateral, model
from portside.graph.attack import Attack
from portside.graph.build import application as built
from portside.graph.choke import ChokePoints
from portside.graph.detours import Dominators
from portside.model.facts import Fact, Facts
from portside.model.finding import Finding
from portside.model.resource import reference

BUDGET = 8.0
"""Seconds; what is measured stands in the ADR, and other work may run beside."""


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


def attacked(values: list[dict[str, object]]) -> tuple[Attack, float]:
    facts = Facts([fact(it, at) for at, it in enumerate(values)], whole=True)
    started = time.perf_counter()
    findings: list[Finding] = []
    made = Attack(built(facts, findings))
    made.bands()
    ChokePoints(made).found()
    return made, time.perf_counter() - started


def test_ten_thousand_objects_are_quick() -> None:
    for namespaces in (100, 1):
        made, seconds = attacked(list(large(2_000, namespaces)))
        assert len(made.application.graph.nodes) > 6_000
        assert seconds < BUDGET, f"{seconds:.1f} s in {namespaces} namespaces"


def test_policies_that_tell_all_pods_apart_count_as_none_and_that_is_said() -> None:
    made, _ = attacked(list(large(lateral.MOST_ROWS + 50, 1)))
    assert any("every other" in it for it in made.application.graph.notes)


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
    made, seconds = attacked(values)
    assert len(made.application.graph.edges) <= model.MOST_EDGES
    assert seconds < BUDGET


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
