"""Bands and choke points: what they are on small clusters, and what they may never do."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portside.graph.attack import Attack
from portside.graph.build import Application
from portside.graph.choke import ChokePoints
from portside.graph.model import ACCOUNT, CONTAINER, INTERNET, JEWEL, Edge, Graph
from portside.model.finding import Finding, ResourceRef
from tests.graph.attacking import (
    application,
    attack,
    bands,
    edges,
    pod,
    privileged,
    role,
    rule,
    rules,
    service,
    steps,
)

DENY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [%s]}
"""
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"


def test_an_exposed_privileged_pod_is_p0() -> None:
    made = attack(f"{privileged()}---{service()}")
    assert bands(made) == {"privileged-container": "P0", "public-load-balancer": "P0"}
    (path,) = {made.words(it) for it in made.bands().values()}
    assert path == (
        "internet → Service shop/web → Pod shop/web → container c of Pod shop/web → root on a node"
    )


def test_one_hop_further_is_p1_and_without_an_entry_it_is_p2() -> None:
    behind = f"{pod()}---{service()}---{privileged('db')}"
    made = bands(attack(behind))
    assert made["privileged-container"] == made["public-load-balancer"] == "P1"
    assert bands(attack(f"{pod()}---{privileged('db')}"))["privileged-container"] == "P2"


def test_two_hops_or_a_closed_network_leave_p2() -> None:
    closed = attack(f"{pod()}---{service()}---{privileged('db')}", DENY % "Ingress")
    assert bands(closed)["privileged-container"] == "P2"
    assert "public-load-balancer" not in bands(closed)
    egress = attack(f"{pod()}---{service()}---{privileged('db')}", DENY % "Egress")
    assert bands(egress)["privileged-container"] == "P2"


def test_the_findings_of_an_open_network_are_on_the_path_over_it() -> None:
    made = attack(f"{pod()}---{service()}---{privileged('db')}", NAMESPACE)
    said = bands(made)
    assert said["namespace-without-ingress-deny"] == "P1"
    assert said["namespace-without-egress-deny"] == "P1"
    steps_in = [it for it in edges(made.application, "LATERAL") if it.faults]
    assert "namespace-without-ingress-deny" in rules(made.application, steps_in)


ALLOW_ALL = DENY % "Ingress" + "  ingress: [{}]\n"


def test_a_policy_that_allows_everything_is_on_the_path_over_it() -> None:
    text = ALLOW_ALL.replace("spec: {podSelector: {}, policyTypes: [Ingress]}\n", "spec:\n")
    text += "  podSelector: {}\n  policyTypes: [Ingress]\n"
    made = attack(f"{pod()}---{service()}---{privileged('db')}", text)
    assert bands(made)["policy-allows-all-ingress"] == "P1"


def test_a_policy_for_one_port_lets_a_pod_be_reached_that_listens_there_only() -> None:
    policy = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress: [{from: [{podSelector: {}}], ports: [{port: %s}]}]
"""
    database = pod(
        "db", container="ports: [{containerPort: 5432}], securityContext: {privileged: true}"
    )
    cluster = f"{pod()}---{service()}---{database}"
    assert bands(attack(cluster, policy % 5432))["privileged-container"] == "P1"
    assert bands(attack(cluster, policy % 9999))["privileged-container"] == "P2"


def test_a_pod_on_the_network_of_its_node_is_open_to_outside_whatever_policies_say() -> None:
    host = pod(
        spec="hostNetwork: true",
        container="ports: [{containerPort: 80}], securityContext: {privileged: true}",
    )
    made = attack(f"{host}---{service()}", DENY % "Ingress")
    assert bands(made)["privileged-container"] == "P0"
    assert any("on the network of its node" in it for it in made.application.graph.notes)


def test_an_open_interface_needs_no_bug() -> None:
    redis = privileged("redis").replace("image: i", 'image: "redis:7.4"')
    made = attack(f"{redis}---{service('redis')}")
    assert bands(made)["sensitive-interface-exposed"] == "P0"
    assert {it.cost for it in made.bands().values()} == {0}


def test_an_ingress_is_an_entry_unless_it_is_internal_or_its_pods_are_closed() -> None:
    ingress = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: edge, namespace: shop, annotations: {%s}}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
"""
    web = privileged().replace("image: i", "image: i, ports: [{containerPort: 80}]")
    inside = f"{web}---{service(spec='type: ClusterIP')}"
    assert bands(attack(inside, ingress % ""))["privileged-container"] == "P0"
    internal = "alb.ingress.kubernetes.io/scheme: internal"
    assert bands(attack(inside, ingress % internal))["privileged-container"] == "P2"
    assert bands(attack(inside, ingress % "", DENY % "Ingress"))["privileged-container"] == "P2"


def test_a_token_leads_on_to_what_its_account_may_do() -> None:
    holder = pod(spec="serviceAccountName: app").replace(
        "automountServiceAccountToken: false, ", ""
    )
    made = attack(f"{holder}---{service()}---{role(rule('', 'secrets', 'list'))}")
    said = bands(made)
    assert said["cluster-wide-secret-access"] == said["public-load-balancer"] == "P0"
    assert "every Secret of the cluster" in {made.words(it)[-27:] for it in made.bands().values()}
    without = attack(f"{pod(spec='serviceAccountName: app')}---{service()}")
    assert not bands(without)


def test_people_who_are_let_into_a_namespace_are_an_entry_and_administrators_are_none() -> None:
    binding = """
apiVersion: rbac.authorization.k8s.io/v1
kind: %s
metadata: {name: b%s}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %s}
subjects: [{kind: Group, name: people, apiGroup: rbac.authorization.k8s.io}]
"""
    tenants = attack(binding % ("RoleBinding", ", namespace: shop", "edit"), NAMESPACE)
    assert bands(tenants) == {"pod-security-not-enforced": "P1"}
    administrators = attack(binding % ("ClusterRoleBinding", "", "cluster-admin"))
    assert not bands(administrators)


def test_the_anonymous_are_outside_and_everybody_is_a_tenant() -> None:
    bound = role(rule("", "nodes/proxy", "get")).replace(
        "{kind: ServiceAccount, name: app, namespace: shop}", "{kind: Group, name: %s}"
    )
    assert bands(attack(bound % '"system:unauthenticated"'))["nodes-proxy-access"] == "P0"
    assert bands(attack(bound % '"system:authenticated"'))["nodes-proxy-access"] == "P1"
    assert bands(attack(bound % '"somebody"')) == {}


def test_what_is_labelled_a_crown_jewel_is_one() -> None:
    written = """
apiVersion: v1
kind: Secret
metadata: {name: keys, namespace: shop, labels: {portside.dev/crown-jewel: "%s"}}
"""
    holder = pod(container="envFrom: [{secretRef: {name: keys}}]")
    cluster = f"{holder}---{service()}---"
    assert bands(attack(cluster + written % "true")) == {"public-load-balancer": "P0"}
    assert bands(attack(cluster + written % "false")) == {}
    tagged = NAMESPACE.replace("shop}", 'shop, labels: {portside.dev/crown-jewel: "true"}}')
    assert bands(attack(cluster + written % "false", tagged))["public-load-balancer"] == "P0"


def test_a_right_that_only_leads_back_to_where_it_is_held_is_on_no_path() -> None:
    """Who may enter pods of a namespace in which he has the only one gains nothing by it."""
    holder = pod(spec="serviceAccountName: app").replace(
        "automountServiceAccountToken: false, ", ""
    )
    enters = role(rule("", "pods/exec", "create"), kind="Role")
    made = attack(f"{holder}---{enters}---{privileged('other', 'elsewhere')}")
    assert "pod-exec-access" not in bands(made)
    two = attack(f"{holder}---{enters}---{privileged('db')}")
    assert bands(two)["pod-exec-access"] == "P2"


def test_a_waiver_takes_no_step_away() -> None:
    excused = privileged().replace(
        "labels:",
        'annotations: {portside.dev/ignore: "privileged-container: a reason"}, labels:',
    )
    assert bands(attack(f"{excused}---{service()}"))["privileged-container"] == "P0"


def test_a_quiet_application_has_entries_and_no_path() -> None:
    made = attack(f"{pod()}---{service()}", NAMESPACE)
    assert steps(made.application, "EXPOSURE") == {"internet > Service shop/web"}
    assert not bands(made)
    assert not list(made.worst_paths())
    assert not ChokePoints(made).found()


def test_a_choke_point_cuts_what_it_says() -> None:
    """The one LoadBalancer in front of three pods is worth more than each of them."""
    pods = [privileged(name).replace(f"app: {name}", "app: web") for name in ("a", "b", "c")]
    other = f"{privileged('d')}---{service('d')}"
    made = attack("---".join([*pods, service(), other]))
    counted = ChokePoints(made)
    found = counted.found()
    first = found[0]
    assert made.application.faults[first.fault].rule == "public-load-balancer"
    assert made.application.faults[first.fault].resource.name == "web"
    for choke in found:
        cut = {
            number
            for number, edge in enumerate(made.application.graph.edges)
            if choke.fault in edge.faults
        }
        assert counted.count(cut) == choke.all_paths - choke.paths
        left = ChokePoints(Attack(mended(made.application, choke.fault)))
        assert left.all_paths == choke.all_paths - choke.paths


FINDING = Finding("r", 0, "", ResourceRef("", "", "", ""), (), (), "", 0, 0, 0, "r|x|")


@st.composite
def graphs(draw: st.DrawFn) -> Application:
    """Any graph of up to nine nodes, with faults on some of its steps."""
    made = Graph()
    nodes = [made.node(INTERNET, "", "internet")]
    nodes += [made.node(CONTAINER, "", f"c{at}") for at in range(draw(st.integers(1, 4)))]
    nodes += [made.node(ACCOUNT, "", f"a{at}") for at in range(draw(st.integers(0, 3)))]
    jewels = [made.node(JEWEL, "", f"j{at}") for at in range(draw(st.integers(1, 2)))]
    pairs = st.tuples(st.sampled_from(nodes), st.sampled_from([*nodes[1:], *jewels]))
    for source, target in draw(st.lists(pairs, max_size=18)):
        faults = tuple(sorted(draw(st.sets(st.integers(0, 4), max_size=2))))
        cost = draw(st.sampled_from([0, 0, 1, 2, None]))
        made.add(Edge(source, target, f"k{len(made.edges)}", "", cost, faults))
    tenants = tuple(it for it in nodes if made.nodes[it].kind == ACCOUNT)[:1]
    return Application(made, [FINDING] * 5, tenants, whole=True)


def mended(made: Application, fault: int) -> Application:
    graph = Graph()
    graph.nodes = list(made.graph.nodes)
    graph._numbers.update({node: at for at, node in enumerate(graph.nodes)})
    graph.edges = [it for it in made.graph.edges if fault not in it.faults]
    return made._replace(graph=graph)


@settings(max_examples=300, deadline=None)
@given(graphs(), st.integers(0, 4))
def test_mending_a_finding_makes_no_band_worse(made: Application, fault: int) -> None:
    before, after = Attack(made).bands(), Attack(mended(made, fault)).bands()
    assert fault not in after
    for other, path in after.items():
        assert other in before
        assert (before[other].band, before[other].cost) <= (path.band, path.cost)


@settings(max_examples=300, deadline=None)
@given(graphs())
def test_bands_hold_for_every_path_without_a_loop(made: Application) -> None:
    """Each path without a loop, followed by hand, rates the faults on it no worse than said."""
    said = Attack(made).bands()
    starts = {made.graph.find(INTERNET, "", "internet"): "internet"}
    starts |= dict.fromkeys(made.tenants, "tenant")
    starts |= dict.fromkeys(made.graph.of_kind(CONTAINER), "container")
    for start, kind in starts.items():
        assert start is not None
        for path in _simple(made.graph, start, ()):
            cost = sum(it.cost or 0 for it in path)
            band = "P2"
            if kind == "internet":
                band = {0: "P0", 1: "P0", 2: "P1"}.get(cost, "P2")
            elif kind == "tenant" and cost == 0:
                band = "P1"
            for edge in path:
                for fault in edge.faults:
                    assert said[fault].band <= band


def _simple(graph: Graph, node: int, gone: tuple[Edge, ...]) -> list[list[Edge]]:
    found = []
    met = {node, *(it.source for it in gone)}
    for edge in graph.edges:
        if edge.source != node or edge.cost is None or edge.target in met:
            continue
        if graph.nodes[edge.target].kind == JEWEL:
            found.append([*gone, edge])
        else:
            found += _simple(graph, edge.target, (*gone, edge))
    return found


@settings(max_examples=200, deadline=None)
@given(graphs())
def test_every_choke_point_cuts_what_it_says_in_any_graph(made: Application) -> None:
    counted = ChokePoints(Attack(made))
    for choke in counted.found():
        left = ChokePoints(Attack(mended(made, choke.fault))).all_paths
        assert counted.all_paths - left == choke.paths > 0


KNOBS = (
    ("securityContext: {privileged: true}", "securityContext: {privileged: false}"),
    ("type: LoadBalancer", "type: ClusterIP"),
    ('resources: ["*"]', "resources: [pods]"),
    ("automountServiceAccountToken: true", "automountServiceAccountToken: false"),
    ("shareProcessNamespace: true", "shareProcessNamespace: false"),
    ("path: /etc", "path: /srv/data"),
)
CLUSTER = """
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  automountServiceAccountToken: true
  serviceAccountName: app
  shareProcessNamespace: true
  volumes: [{name: h, hostPath: {path: /etc}}]
  containers:
    - {name: a, image: i}
    - {name: b, image: i, volumeMounts: [{name: h, mountPath: /h}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec:
  automountServiceAccountToken: false
  containers: [{name: c, image: i, securityContext: {privileged: true}}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}], type: LoadBalancer}
---
"""
MANIFEST = CLUSTER + role('{apiGroups: [""], resources: ["*"], verbs: [get, list]}')


@pytest.mark.parametrize("knobs", [it for size in (1, 2) for it in combinations(KNOBS, size)])
def test_mending_a_manifest_makes_no_band_of_it_worse(
    knobs: tuple[tuple[str, str], ...],
) -> None:
    before = _by_identity(attack(MANIFEST))
    text = MANIFEST
    for bad, good in knobs:
        assert bad in text
        text = text.replace(bad, good)
    for identity, band in _by_identity(attack(text)).items():
        assert before.get(identity, "P3") <= band, identity


def _by_identity(made: Attack) -> dict[str, str]:
    found = dict.fromkeys((it.identity for it in made.application.faults), "P3")
    for fault, path in made.bands().items():
        identity = made.application.faults[fault].identity
        found[identity] = min(found[identity], path.band)
    return found


def test_a_part_of_an_application_says_so() -> None:
    assert not application(pod(), whole=False).whole
