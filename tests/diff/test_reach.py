"""Who reaches whom and who may do what, before a change and after it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.diff.repositories import Repo
from tests.scanning import portside
from tests.shared import shared

WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      serviceAccountName: NAME
      containers:
        - name: main
          image: registry.example.org/NAME:1.0
          ports: [{containerPort: 8080}]
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 8080}]}]
"""
RBAC = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: KIND
metadata: {name: web, namespace: shop}
rules: RULES
---
apiVersion: rbac.authorization.k8s.io/v1
kind: KINDBinding
metadata: {name: web, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: KIND, name: web}
subjects: [{kind: ServiceAccount, name: web, namespace: shop}]
"""
READ = '[{apiGroups: [""], resources: [configmaps], verbs: [get, list]}]'
EVERYTHING = '[{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]'
Row = dict[str, Any]


def workload(name: str) -> str:
    return WORKLOAD.replace("NAME", name)


def rbac(rules: str, kind: str = "Role") -> str:
    text = RBAC.replace("KIND", kind).replace("RULES", rules)
    if kind == "Role":
        return text
    return text.replace("name: web, namespace: shop}\nr", "name: web}\nr")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "shop")
    made.write(web=workload("web"), db=workload("db"), policy=POLICY, rbac=rbac(READ)).commit()
    return made


def connections(repo: Repo, *words: str) -> list[tuple[str, str, str]]:
    rows: list[Row] = repo.diff(*words).report["connections"]
    return [(it["change"], it["source"], it["target"]) for it in rows]


def test_a_policy_that_goes_opens_what_it_closed(repo: Repo) -> None:
    (repo.folder / "policy.yaml").unlink()

    found = connections(repo)

    assert ("changed", "shop/web[Deployment]", "shop/db[Deployment]") in found
    assert ("added", "0.0.0.0-255.255.255.255[External]", "shop/db[Deployment]") in found
    assert connections(repo, "--no-reach") == []


def test_a_policy_that_comes_closes(repo: Repo) -> None:
    repo.write(more=POLICY.replace("name: db", "name: web").replace("app: db", "app: web"))

    assert {kind for kind, _, _ in connections(repo)} <= {"removed", "changed"}


def test_another_label_leads_elsewhere(repo: Repo) -> None:
    repo.write(web=workload("web").replace("labels: {app: web}", "labels: {app: web, x: y}"))
    assert connections(repo) == []

    repo.write(web=workload("web").replace("app: web", "app: shop"))
    assert ("removed", "shop/web[Deployment]", "shop/db[Deployment]") in connections(repo)


def test_a_new_image_or_more_replicas_change_neither(repo: Repo) -> None:
    repo.write(web=workload("web").replace("1.0", "2.0").replace("replicas: 1", "replicas: 3"))

    report = repo.diff().report

    assert report["summary"]["objects"]["changed"] == 1
    assert (report["connections"], report["rights"], report["paths"]) == ([], [], [])


PAIRS = [
    ("netpol_named_port_test", "new_online_boutique"),
    ("anp_test_4", "anp_test_5"),
    ("anp_banp_core_test", "banp_test_core_ingress_tcp_swapping_rules"),
    ("cudn_test_2", "acs_security_frontend_demos"),
    ("ipblockstest_4", "ipblockstest_4"),
]


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_connections_are_those_of_network_diff(before: str, after: str, tmp_path: Path) -> None:
    """Real applications, as two commits and as two folders."""
    tests = shared("corpora/netpol-analyzer/tests")
    repo = Repo(tmp_path / "shop")
    for name in (before, after):
        repo.git("rm", "-q", "-r", "--ignore-unmatch", ".")
        for path in (tests / name).rglob("*.y*ml"):
            repo.put(str(path.relative_to(tests / name)), path.read_bytes())
        repo.git("add", "-A")
        repo.git("commit", "-q", "--allow-empty", "-m", name)
    expected = portside(tests, "network", "diff", "-o", "json", "--allow-unread", before, after)

    found = repo.diff("HEAD~1..HEAD", "--allow-unread").report["connections"]

    assert [it.pop("environments") for it in found] == [[] for _ in found]
    assert found == json.loads(expected.out)["changes"]
    assert bool(found) is (before != after)


def rights(repo: Repo, kind: str = "added") -> list[tuple[str, str, str, str]]:
    rows: list[Row] = repo.diff().report["rights"]
    return [
        (it["subject"], ", ".join(it["verbs"]), it["what"], it["scope"])
        for it in rows
        if it["kind"] == kind
    ]


def test_rights_that_are_gained_and_lost(repo: Repo) -> None:
    rules = '[{apiGroups: [""], resources: [configmaps, secrets], verbs: [get]}]'
    repo.write(rbac=rbac(rules))
    web = "ServiceAccount shop/web"

    assert rights(repo) == [(web, "get", "secrets", "namespace shop")]
    assert rights(repo, "removed") == [(web, "list", "configmaps", "namespace shop")]


def test_a_right_in_the_whole_cluster_is_more_than_in_a_namespace(repo: Repo) -> None:
    repo.write(rbac=rbac(READ, "ClusterRole"))
    web = "ServiceAccount shop/web"

    assert rights(repo) == [(web, "get, list", "configmaps", "the whole cluster")]
    assert rights(repo, "removed") == []


def test_who_has_everything_gains_nothing_by_more(repo: Repo) -> None:
    repo.write(rbac=rbac(EVERYTHING)).commit()
    more = rbac(READ).replace("metadata: {name: web", "metadata: {name: more")
    repo.write(more=more.replace("kind: Role, name: web", "kind: Role, name: more"))

    assert rights(repo) == []
    (repo.folder / "rbac.yaml").unlink()
    assert rights(repo, "removed") == [
        ("ServiceAccount shop/web", "*", "everything", "namespace shop")
    ]


def test_a_way_to_every_right(repo: Repo) -> None:
    repo.write(rbac=rbac(EVERYTHING, "ClusterRole"))

    report = repo.diff().report

    web = {"kind": "added", "source": "ServiceAccount shop/web", "environments": []}
    assert web | {"target": "every right in the cluster"} in report["paths"]
    assert "ServiceAccount shop/web can become: every right in the cluster" in repo.say().out


def test_a_role_without_its_rules_is_called_by_its_name(repo: Repo) -> None:
    repo.write(rbac=rbac(READ).replace("kind: Role, name: web", "kind: ClusterRole, name: edit"))

    assert ("ServiceAccount shop/web", "role", "what ClusterRole edit gives", "namespace shop") in (
        rights(repo)
    )
