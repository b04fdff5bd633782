"""What `recommended` says of real manifests: little of hardened charts, much of the goat."""

from __future__ import annotations

from functools import cache

from benchmarks.noise import Tree, most, reasons, trees
from portside.model.severity import CRITICAL, HIGH, MEDIUM
from tests.shared import shared


@cache
def judged() -> list[Tree]:
    shared("corpora")
    return trees()


def above(name: str, severity: int) -> list[str]:
    (tree,) = (it for it in judged() if it.name == name)
    return sorted(it.rule for it in tree.findings if it.severity >= severity)


def test_hardened_charts_are_near_silent() -> None:
    assert above("chart cert-manager", MEDIUM) == []
    assert above("chart nginx", MEDIUM) == ["public-load-balancer", "secret-in-repository"]


def test_the_goat_is_loud() -> None:
    assert len(above("madhuakula-kubernetes-goat", HIGH)) > 20
    assert len(above("madhuakula-kubernetes-goat", CRITICAL)) > 5


def test_each_of_the_most_frequent_rules_has_its_reason() -> None:
    assert {rule for rule, _ in most(judged())} <= reasons().keys()
