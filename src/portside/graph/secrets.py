"""Secrets: the tokens that some hold, and those that are what an attacker is after."""

from __future__ import annotations

from portside.graph.faults import Faults
from portside.graph.model import JEWEL, SECRET, Edge, Graph, named
from portside.graph.pods import TAG
from portside.graph.subjects import Subjects
from portside.graph.table import TOKEN_SECRET
from portside.model.facts import Facts
from portside.model.fields import text

_ACCOUNT = "kubernetes.io/service-account.name"


def add_secrets(graph: Graph, facts: Facts, subjects: Subjects, faults: Faults) -> None:
    """Add the Secrets that are written down, and where they lead."""
    tagged = {it.name for it in facts.of("Namespace") if it.labels.get(TAG) == "true"}
    for fact in facts.of("Secret"):
        namespace, place = named(fact.namespace), (fact.file, fact.place[0])
        node = graph.node(SECRET, namespace, fact.name)
        account = text(fact.value, "metadata", "annotations", _ACCOUNT)
        if account and text(fact.value, "type") == "kubernetes.io/service-account-token":
            found = faults.of(fact.object_key(), (TOKEN_SECRET,))
            target = subjects.account(fact.namespace, account)
            why = "holds its token for ever"
            graph.add(Edge(node, target, "TOKEN_STEAL", why, 0, found, *place))
        if fact.labels.get(TAG) == "true":
            jewel = graph.node(JEWEL, namespace, f"Secret {namespace}/{fact.name}")
            graph.add(Edge(node, jewel, "JEWEL", "is what it is about", 0, (), *place))
    for number in graph.of_kind(SECRET):
        node_namespace = graph.nodes[number].namespace
        if node_namespace in tagged:
            jewel = graph.node(JEWEL, node_namespace, f"the Secrets of {node_namespace}")
            graph.add(Edge(number, jewel, "JEWEL", "is one of them", 0))
