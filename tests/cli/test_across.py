"""Rules across objects in a scan: over files, over processes, and where only a part is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanning import Answer, portside

CANARY = "canary-7f3a91"

POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  podSelector: {matchLabels: {app: api}}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: shop, labels: {app: api}}
spec:
  containers: [{name: api, image: "registry.example.org/api:2.1"}]
"""
RULE = "policy-selects-nothing"


def said(folder: Path, *options: str) -> tuple[list[tuple[str, int, int]], list[str]]:
    """Where the rule finds something, and the kinds of the objects it is undecided about."""
    report = scan(folder, *options).report
    places = [
        (Path(it["file"]).name, it["line"], it["column"])
        for it in report["findings"]
        if it["rule"] == RULE
    ]
    return places, [it["resource"]["kind"] for it in report["undecided"] if it["rule"] == RULE]


def scan(folder: Path, *options: str) -> Answer:
    """A scan by all rules that leaves its cache beside the folder."""
    return portside(folder, "scan", "--profile", "auditor", "-o", "json", *options, ".")


def test_an_object_of_another_file_counts(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY)
    assert said(tmp_path) == ([("policy.yaml", 5, 3)], [])
    (tmp_path / "pod.yaml").write_text(POD)
    assert said(tmp_path) == ([], [])


def test_what_is_a_part_leaves_absence_undecided(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY)
    assert said(tmp_path, "--part") == ([], ["NetworkPolicy"])


def test_what_went_unread_makes_the_rest_a_part(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "broken.yaml").write_text("apiVersion: v1\nkind: [Pod\n")
    assert said(tmp_path) == ([], ["NetworkPolicy"])


def test_facts_come_from_all_processes_and_from_the_cache(tmp_path: Path) -> None:
    for number in range(250):
        text = POLICY.replace("name: api,", f"name: api-{number},")
        (tmp_path / f"{number:03}.yaml").write_text(text)
    places, undecided = said(tmp_path)
    assert (len(places), undecided) == (250, [])
    assert said(tmp_path) == (places, [])
    (tmp_path / "pod.yaml").write_text(POD)
    assert said(tmp_path) == ([], [])


def test_a_finding_across_objects_can_be_excused_where_it_stands(tmp_path: Path) -> None:
    comment = f"  # portside:ignore {RULE} until=2099-01-01 its pods come later\n"
    text = POLICY.replace("  podSelector", f"{comment}  podSelector")
    (tmp_path / "policy.yaml").write_text(text)
    assert scan(tmp_path).excused(RULE) == [True]


def test_values_of_secrets_are_not_kept_for_other_objects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, cache = tmp_path / "shop", tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setenv("PORTSIDE_CACHE_DIR", str(cache))
    for number in range(60):
        (folder / f"{number:03}.yaml").write_text(POLICY)
    secret = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData: {{a: {CANARY}}}\n"
    (folder / "secret.yaml").write_text(secret)
    (folder / "map.yaml").write_text(secret.replace("Secret", "ConfigMap").replace("stringD", "d"))
    used = f"{{name: api, env: [{{name: A, value: {CANARY}}}], args: [{CANARY}], "
    pod = POD.replace("{name: api, ", used, 2).replace("namespace", "annotations: {a: CANARY}, n")
    (folder / "pod.yaml").write_text(pod.replace("CANARY", CANARY))
    ran = scan(folder)
    kept = [it.read_bytes() for it in cache.rglob("*") if it.is_file()]
    assert kept
    assert not any(CANARY.encode() in data for data in kept)
    assert CANARY not in ran.out + ran.err
