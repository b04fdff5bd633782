"""Graphs of small clusters written for a test."""

from __future__ import annotations

from collections.abc import Iterable

from portside.cli.config import load_config
from portside.cli.graph_facts import made_of
from portside.graph.attack import Attack
from portside.graph.build import Application
from portside.graph.model import Edge
from portside.sources.manifest import parse

CLOSED = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: closed}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
"""
"""No pod of the namespace `closed` connects to any other."""
LIMITS = load_config("", []).limits


def application(*manifests: str, whole: bool = True) -> Application:
    """The graph of these files, each a YAML text."""
    items = [parse(text.encode(), f"app/{at}.yaml") for at, text in enumerate(manifests)]
    made, unread = made_of(items, LIMITS, "", whole=whole, cached=None)
    assert not unread, unread
    return made


def attack(*manifests: str) -> Attack:
    return Attack(application(*manifests))


def edges(made: Application, kind: str) -> list[Edge]:
    return [it for it in made.graph.edges if it.kind == kind and it.cost is not None]


def steps(made: Application, kind: str) -> set[str]:
    """The steps of a kind as `SOURCE > TARGET`."""
    nodes = made.graph.nodes
    return {f"{nodes[it.source].title} > {nodes[it.target].title}" for it in edges(made, kind)}


def rules(made: Application, them: Iterable[Edge]) -> set[str]:
    return {made.faults[fault].rule for it in them for fault in it.faults}


def bands(made: Attack) -> dict[str, str]:
    """By rule: the worst band of its findings on paths."""
    found: dict[str, str] = {}
    for fault, path in made.bands().items():
        rule = made.application.faults[fault].rule
        found[rule] = min(path.band, found.get(rule, path.band))
    return found


def pod(name: str = "web", spec: str = "", container: str = "", namespace: str = "shop") -> str:
    """A pod without a token; `spec` and `container` are fields in flow style."""
    spec = f", {spec}" if spec else ""
    container = f", {container}" if container else ""
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: {name}, namespace: {namespace}, labels: {{app: {name}}}}}
spec: {{automountServiceAccountToken: false{spec}, containers: [{{name: c, image: i{container}}}]}}
"""


def service(name: str = "web", spec: str = "type: LoadBalancer", namespace: str = "shop") -> str:
    return f"""
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{selector: {{app: {name}}}, ports: [{{port: 80}}], {spec}}}
"""


def role(rules_: str, name: str = "r", kind: str = "ClusterRole") -> str:
    """A role with these rules in flow style, bound to the ServiceAccount shop/app."""
    where = "" if kind == "ClusterRole" else ", namespace: shop"
    return f"""
apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}
metadata: {{name: {name}{where}}}
rules: [{rules_}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}Binding
metadata: {{name: {name}{where}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {kind}, name: {name}}}
subjects: [{{kind: ServiceAccount, name: app, namespace: shop}}]
"""


def rule(group: str, resources: str, verbs: str, names: str = "") -> str:
    named = f", resourceNames: [{names}]" if names else ""
    return f'{{apiGroups: ["{group}"], resources: [{resources}], verbs: [{verbs}]{named}}}'


def privileged(name: str = "web", namespace: str = "shop") -> str:
    return pod(name, container="securityContext: {privileged: true}", namespace=namespace)
