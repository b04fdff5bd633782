"""`portside graph`, `portside access paths` and `portside scan --paths` on files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from tests.cli.running import portside
from tests.graph.attacking import CLOSED, pod, privileged, role, rule, service

APP = f"{privileged()}---{service()}---{pod('quiet', namespace='closed')}---{CLOSED}"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "app.yaml").write_text(APP.lstrip())
    return tmp_path


def test_graph_writes_the_paths_and_each_step(shop: Path) -> None:
    ran = portside("graph", ".", cwd=shop)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == snapshot(
        """\
P0  internet → Service shop/web → Pod shop/web → container c of Pod shop/web → root on a node

NetworkPolicy closed/deny → Pod closed/quiet: selects
internet → Service shop/web: by a load balancer for anybody  [P0]
Service shop/web → Pod shop/web: leads to  [P0]
Pod closed/quiet → ServiceAccount closed/default: runs as
Pod shop/web → ServiceAccount shop/default: runs as
Pod shop/web → root on a node: c: runs privileged  [P0]
"""
    )


@pytest.mark.parametrize(
    ("output", "start"),
    [("dot", "digraph application {"), ("mermaid", "flowchart LR"), ("html", "<!DOCTYPE html>")],
)
def test_graph_writes_pictures(shop: Path, output: str, start: str) -> None:
    ran = portside("graph", "-o", output, cwd=shop)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[0] == start
    only = portside("graph", "--paths", "-o", output, cwd=shop).out
    assert "quiet" in ran.out
    assert "quiet" not in only


def test_what_could_not_be_read_makes_the_graph_incomplete(shop: Path) -> None:
    (shop / "broken.yaml").write_text("kind: [\n")
    ran = portside("graph", cwd=shop)
    assert ran.code == 3
    assert "broken.yaml" in ran.err
    assert "the graph is incomplete" in ran.err
    assert "that a path is not here says nothing" in ran.err
    assert portside("graph", "--allow-unread", cwd=shop).code == 0


def test_graph_reads_standard_input() -> None:
    ran = portside("graph", "-", stdin=APP)
    assert ran.code == 0
    assert "root on a node" in ran.out


def rights(folder: Path) -> Path:
    creates = role(rule("", "secrets", "list"))
    user = pod("api", spec="serviceAccountName: app").replace(
        "automountServiceAccountToken: false, ", ""
    )
    (folder / "rights.yaml").write_text(f"{creates}---{user}".lstrip())
    return folder


def test_access_paths_says_who_comes_to_what_an_attacker_is_after(tmp_path: Path) -> None:
    ran = portside("access", "paths", cwd=rights(tmp_path))
    assert (ran.code, ran.err) == (0, "")
    head, first, second, last, blank = ran.out.split("\n", 4)
    assert head == "ServiceAccount shop/app can become: every Secret of the cluster"
    assert first == (
        "  ServiceAccount shop/app → ClusterRole r everywhere: by ClusterRoleBinding r"
        "  rights.yaml:6"
    )
    assert second == (
        "  ClusterRole r everywhere → any Secret everywhere: may read the values"
        "  rights.yaml:1  [cluster-wide-secret-access]"
    )
    assert last == "  any Secret everywhere → every Secret of the cluster: all of them"
    assert blank == "\n"


def test_access_paths_from_and_to(tmp_path: Path) -> None:
    folder = rights(tmp_path)
    report = json.loads(portside("access", "paths", "--from", "api", "-o", "json", cwd=folder).out)
    assert [it["to"] for it in report["paths"]] == [
        "ServiceAccount shop/app",
        "every Secret of the cluster",
    ]
    assert report["paths"][1]["steps"][0]["kind"] == "IDENTITY_ASSUME"
    assert report["incomplete"] == report["notes"] == []
    both = portside("access", "paths", "--from", "shop/app", "--to", "secrets", cwd=folder)
    assert both.out.startswith("ServiceAccount shop/app can become: every Secret")
    none = portside("access", "paths", "--to", "cluster-admin", cwd=folder)
    assert (none.code, none.out) == (0, "no path\n")


def test_a_name_that_is_nobodys_is_an_error_with_a_hint(tmp_path: Path) -> None:
    ran = portside("access", "paths", "--from", "shop/ap", cwd=rights(tmp_path))
    assert ran.code == 2
    assert ran.err == snapshot(
        """\
portside: nothing here is called shop/ap
  did you mean shop/app?  portside graph shows what there is
  no path was looked for
"""
    )
    assert "commands: paths" in portside("access", "path").err


def found(folder: Path, *words: str) -> dict[str, dict[str, object]]:
    ran = portside("scan", "-o", "json", *words, cwd=folder)
    return {it["rule"]: it for it in json.loads(ran.out)["findings"]}


def test_a_scan_has_bands_where_they_are_asked_for(shop: Path) -> None:
    assert {it["band"] for it in found(shop).values()} == {None}
    made = found(shop, "--paths")
    assert made["privileged-container"]["band"] == "P0"
    assert str(made["privileged-container"]["via"]).startswith("internet → Service shop/web")
    assert made["run-as-non-root"]["band"] == "P3"


def test_what_the_graph_does_not_follow_has_no_band(shop: Path) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "shop"}}
    secret |= {"data": {"password": "aHVudGVyMi1sb25n"}}
    (shop / "secret.json").write_text(json.dumps(secret))
    assert found(shop, "--paths")["secret-in-repository"]["band"] is None


def test_the_profile_and_waivers_decide_no_step(shop: Path) -> None:
    (shop / "portside.yaml").write_text("version: 1\nrules: {public-load-balancer: {off: true}}\n")
    made = found(shop, "--paths", "--profile", "pss:baseline")
    assert "public-load-balancer" not in made
    assert made["privileged-container"]["band"] == "P0"


def test_a_part_gives_no_verdict_that_there_is_no_path(shop: Path) -> None:
    ran = portside("scan", "--paths", "--part", "-o", "json", cwd=shop)
    made = {it["rule"]: it for it in json.loads(ran.out)["findings"]}
    assert made["privileged-container"]["band"] == "P0"
    assert made["run-as-non-root"]["band"] is None
    assert "attack paths: what was scanned is a part" in ran.err


def test_the_summary_names_bands_and_choke_points(shop: Path) -> None:
    ran = portside("scan", "-o", "summary", cwd=shop)
    assert "P0  2 findings, within 3 days" in ran.out
    assert "1 of 1 paths  app.yaml:4  privileged-container: " in ran.out


def test_a_scan_of_standard_input_has_bands() -> None:
    ran = portside("scan", "--paths", "-o", "json", "-", stdin=APP)
    bands = {it["rule"]: it["band"] for it in json.loads(ran.out)["findings"]}
    assert bands["privileged-container"] == "P0"


def test_no_value_of_a_secret_is_in_any_output(tmp_path: Path) -> None:
    canary = "c4n4ry-value"
    value = "YzRuNHJ5LXZhbHVl"
    container = (
        f"env: [{{name: PASSWORD, value: {canary}}}], args: [--password={canary}], "
        "envFrom: [{secretRef: {name: keys}}]"
    )
    keys = (
        "apiVersion: v1\nkind: Secret\n"
        f"metadata: {{name: keys, namespace: shop, annotations: {{note: {canary}}}}}\n"
        f"data: {{password: {value}}}\nstringData: {{other: {canary}}}\n"
    )
    text = (
        f"{pod(container=container)}---{service()}---{role(rule('', 'secrets', 'get'))}---\n{keys}"
    )
    (tmp_path / "app.yaml").write_text(text.lstrip())
    runs: list[tuple[str, ...]] = [("graph", "-o", it) for it in ("text", "dot", "mermaid", "html")]
    runs += [("access", "paths", "-o", "json"), ("scan", "--paths", "-o", "json")]
    for words in runs:
        ran = portside(*words, cwd=tmp_path)
        assert "keys" in ran.out or words[0] == "access"
        assert canary not in ran.out + ran.err, words
        assert value not in ran.out + ran.err, words
