"""`portside network`: the map, what a change does to it, why; and what each of them lacks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from tests.cli.running import portside

SHOP = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front, namespace: shop}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress, Egress]
  ingress:
    - from: [{podSelector: {matchLabels: {app: web}}}]
      ports: [{port: 5432}]
"""
CILIUM = (
    "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: shop}\n"
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "app.yaml").write_text(SHOP)
    (tmp_path / "policy.yaml").write_text(POLICY)
    return tmp_path


def listed(shop: Path, *words: str) -> dict[str, Any]:
    ran = portside("network", "list", "-o", "json", *words, cwd=shop)
    assert ran.code == 0, ran.err
    value: dict[str, Any] = json.loads(ran.out)
    return value


def test_the_map_is_a_line_for_each_connection(shop: Path) -> None:
    ran = portside("network", "list", ".", cwd=shop)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == snapshot("""\
0.0.0.0-255.255.255.255[External] => shop/web[Deployment] : All Connections
shop/web[Deployment] => 0.0.0.0-255.255.255.255[External] : All Connections
shop/web[Deployment] => shop/db[StatefulSet] : TCP 5432
{ingress-controller} => shop/web[Deployment] : TCP 8080
""")


def test_json_has_the_same_connections_and_says_what_is_missing(shop: Path) -> None:
    text = portside("network", "list", cwd=shop).out.splitlines()
    value = listed(shop)
    assert list(value) == ["version", "connections", "incomplete", "notes"]
    assert value["version"] == 1
    rows = [f"{it['source']} => {it['target']} : {it['ports']}" for it in value["connections"]]
    assert rows == text
    assert value["incomplete"] == value["notes"] == []
    assert listed(shop, "policy.yaml", "--allow-unread")["connections"] == []


def test_the_other_formats_say_the_same(shop: Path) -> None:
    markdown = portside("network", "list", "-o", "md", cwd=shop).out
    assert "| `shop/web[Deployment]` | `shop/db[StatefulSet]` | TCP 5432 |\n" in markdown
    dot = portside("network", "list", "-o", "dot", cwd=shop).out
    assert '"shop/web[Deployment]" -> "shop/db[StatefulSet]" [label="TCP 5432"];\n' in dot
    assert dot.startswith("digraph network {")
    assert dot.endswith("}\n")


def test_addresses_of_the_other_family_are_listed_when_asked_for(shop: Path) -> None:
    six = "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff[External]"
    sources = {it["source"] for it in listed(shop, "--ip-family", "ipv6")["connections"]}
    assert six in sources
    assert "0.0.0.0-255.255.255.255[External]" not in sources
    both = {it["source"] for it in listed(shop, "--ip-family", "dual")["connections"]}
    assert {six, "0.0.0.0-255.255.255.255[External]"} <= both


def test_rules_about_addresses_that_are_not_listed_are_noted(shop: Path) -> None:
    block = "    - from: [{ipBlock: {cidr: 'fd00::/8'}}]\n"
    (shop / "policy.yaml").write_text(POLICY + block)
    ran = portside("network", "list", cwd=shop)
    assert ran.code == 0
    assert ran.err == "note: addresses of IPv6: rules name some: --ip-family dual lists them\n"
    dual = portside("network", "list", "--ip-family", "dual", cwd=shop)
    assert dual.err == ""
    assert "fd00::-fdff:" in dual.out
    explained = portside("network", "explain", "fd00::1", "db", cwd=shop)
    assert (explained.code, explained.err) == (0, "")
    assert "ingress rule 2, allows All Connections" in explained.out


def test_what_is_not_taken_into_account_makes_the_map_incomplete(shop: Path) -> None:
    (shop / "cilium.yaml").write_text(CILIUM)
    ran = portside("network", "list", "-o", "json", cwd=shop)
    assert ran.code == 3
    assert ran.err == snapshot("""\
cilium.yaml:1: CiliumNetworkPolicy shop/c: its rules are not taken into account
1 not taken into account: the map is incomplete (exit 3)
""")
    assert json.loads(ran.out)["incomplete"] == [
        {
            "what": "CiliumNetworkPolicy shop/c",
            "reason": "its rules are not taken into account",
            "file": "cilium.yaml",
            "line": 1,
        }
    ]
    ran = portside("network", "list", "--allow-unread", cwd=shop)
    assert ran.code == 0
    assert "its rules are not taken into account" in ran.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a\n", "bad.yaml:"),
        (POLICY.replace("port: 5432", "port: 0"), "bad.yaml:9: NetworkPolicy shop/db: the API"),
        (POLICY.replace("{app: db}", "{app: 7}"), "podSelector.matchLabels.app is"),
        (SHOP.replace("containerPort: 8080", "containerPort: http"), "containerPort is"),
    ],
)
def test_what_cannot_be_read_is_said_and_never_just_absent(
    shop: Path, text: str, said: str
) -> None:
    (shop / "bad.yaml").write_text(text)
    ran = portside("network", "list", "-o", "json", cwd=shop)
    assert ran.code == 3
    assert said in ran.err
    assert json.loads(ran.out)["incomplete"]
    assert portside("network", "list", "--allow-unread", cwd=shop).code == 0


def test_nothing_to_read_is_said(tmp_path: Path) -> None:
    ran = portside("network", "list", cwd=tmp_path)
    assert (ran.code, ran.out) == (0, "")
    assert "no Kubernetes object" in ran.err


def test_a_difference_tells_added_removed_and_changed(shop: Path, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for it in (old, new):
        it.mkdir()
        (it / "app.yaml").write_text(SHOP)
    (old / "policy.yaml").write_text(POLICY)
    changed = POLICY.replace("port: 5432", "port: 5433").replace(", Egress", "")
    block = "    - from: [{ipBlock: {cidr: 10.0.0.0/8}}]\n"
    (new / "policy.yaml").write_text(changed + block)
    ran = portside("network", "diff", "old", "new", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == snapshot("""\
+ shop/db[StatefulSet] => shop/web[Deployment] : All Connections
+ shop/db[StatefulSet] => 0.0.0.0-255.255.255.255[External] : All Connections
~ shop/web[Deployment] => shop/db[StatefulSet] : TCP 5432 -> TCP 5433
+ 10.0.0.0-10.255.255.255[External] => shop/db[StatefulSet] : All Connections
""")
    back = json.loads(portside("network", "diff", "new", "old", "-o", "json", cwd=tmp_path).out)
    assert [it["change"] for it in back["changes"]] == ["removed", "removed", "changed", "removed"]
    assert back["changes"][0]["before"] == "All Connections"
    assert back["changes"][0]["after"] is None
    assert back["workloads"] == {"added": [], "removed": []}
    table = portside("network", "diff", "old", "new", "-o", "md", cwd=tmp_path).out
    row = "| changed | `shop/web[Deployment]` | `shop/db[StatefulSet]` | TCP 5432 | TCP 5433 |"
    assert row in table.splitlines()


def test_no_difference_is_said(shop: Path) -> None:
    assert portside("network", "diff", ".", ".", cwd=shop) == (
        0,
        "the same connections are allowed\n",
        "",
    )


def test_a_difference_with_a_map_that_is_not_whole_ends_in_3(shop: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "c.yaml").write_text(SHOP + "---\n" + CILIUM)
    ran = portside("network", "diff", "app.yaml", "other", "-o", "json", cwd=shop)
    assert ran.code == 3
    value = json.loads(ran.out)["incomplete"]
    assert (len(value["before"]), len(value["after"])) == (0, 1)


def test_an_explanation_names_each_rule_and_its_line(shop: Path) -> None:
    ran = portside("network", "explain", "web", "db", cwd=shop)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == snapshot("""\
shop/web[Deployment] => shop/db[StatefulSet] : TCP 5432
  leaving shop/web[Deployment]: All Connections
    no NetworkPolicy selects it for egress: all is allowed
  entering shop/db[StatefulSet]: TCP 5432
    NetworkPolicy shop/db, ingress rule 1, allows TCP 5432
      policy.yaml:8
    NetworkPolicies select it: what none of them allows is denied
""")
    denied = portside("network", "explain", "shop/db", "10.0.0.1", cwd=shop)
    assert denied.out == snapshot("""\
shop/db[StatefulSet] => 10.0.0.1-10.0.0.1[External] : No Connections
  leaving shop/db[StatefulSet]: No Connections
    NetworkPolicy shop/db selects it, and no rule of it is about this connection
      policy.yaml:1
    NetworkPolicies select it: what none of them allows is denied
""")
    front = portside("network", "explain", "{ingress-controller}", "web", cwd=shop).out
    assert "Ingress shop/front leads to TCP 8080 through Service shop/web\n    app.yaml:27" in front
    nothing = portside("network", "explain", "{gateway}", "web", cwd=shop).out
    assert "nothing here leads to it" in nothing


def test_an_explanation_as_json_has_the_rules(shop: Path) -> None:
    ran = portside("network", "explain", "web", "db", "-o", "json", cwd=shop)
    (it,) = json.loads(ran.out)["explanations"]
    assert it["ports"] == "TCP 5432"
    leaving, entering = it["sides"]
    assert (leaving["ports"], leaving["isolated"], leaving["rules"]) == (
        "All Connections",
        False,
        [],
    )
    assert entering["rules"] == [
        {
            "policy": "NetworkPolicy shop/db",
            "rule": "ingress rule 1",
            "effect": "allow",
            "ports": "TCP 5432",
            "file": "policy.yaml",
            "line": 8,
        }
    ]


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        (("wbe", "db"), "did you mean web?"),
        (("web", "10.0.0.0/99"), "no workload is called 10.0.0.0/99, and it is no address"),
        (("10.0.0.1", "10.0.0.2"), "neither end is a workload"),
        (("web", "{ingress-controller}"), "it only connects to workloads"),
    ],
)
def test_an_end_that_is_nobody_is_a_usage_error(
    shop: Path, ends: tuple[str, str], said: str
) -> None:
    ran = portside("network", "explain", *ends, cwd=shop)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "nothing was explained" in ran.err


def test_a_name_of_several_workloads_is_a_usage_error(shop: Path) -> None:
    (shop / "more.yaml").write_text(SHOP.replace("namespace: shop", "namespace: other"))
    ran = portside("network", "explain", "web", "shop/db", cwd=shop)
    assert ran.code == 2
    assert "other/web[Deployment], shop/web[Deployment]" in ran.err
    assert portside("network", "explain", "other/web", "shop/db", cwd=shop).code == 0


def test_a_command_that_is_none_is_answered_with_those_there_are() -> None:
    assert "portside network explain" in portside("network").out
    ran = portside("network", "lits")
    assert ran.code == 2
    assert "did you mean list?" in ran.err
    assert "portside network list -o dot shop/ | dot -Tsvg" in portside("network", "list", "-h").out


def test_lists_are_taken_apart(tmp_path: Path) -> None:
    pod = {"metadata": {"name": "p", "labels": {"a": "b"}}} | {
        "spec": {"containers": [{"name": "c", "image": "i"}]}
    }
    (tmp_path / "l.json").write_text(
        json.dumps({"apiVersion": "v1", "kind": "PodList", "items": [pod]})
    )
    assert "default/p[Pod]" in portside("network", "list", cwd=tmp_path).out
