"""`scan --rules` and `rule-folders:`: rules of one's own in every way a scan runs and reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import portside
from tests.patience import within

DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {}\n"
RULE = "team-label-missing"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "web.yaml").write_text(DEPLOYMENT)
    assert portside("rules", "new", RULE, cwd=tmp_path).code == 0
    return tmp_path


def change(shop: Path, old: str, new: str) -> None:
    file = shop / "rules" / "team_label_missing.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def found(shop: Path, *words: str, files: str = "web.yaml") -> list[dict[str, Any]]:
    env = {"PORTSIDE_CACHE_DIR": str(shop / ".cache")}
    ran = portside("scan", "-o", "json", *words, files, cwd=shop, env=env)
    assert ran.code in (0, 1), ran.err
    return [it for it in json.loads(ran.out)["findings"] if it["rule"] == RULE]


def test_the_configuration_names_folders_relative_to_itself(shop: Path) -> None:
    assert found(shop) == []
    (shop / "portside.yaml").write_text("rule-folders: [rules]\n")
    assert len(found(shop)) == 1
    (shop / "below").mkdir()
    ran = portside("scan", "../web.yaml", cwd=shop / "below")
    assert RULE in ran.out


def test_the_configuration_sets_what_an_own_rule_declares(shop: Path) -> None:
    config = (
        f"rule-folders: [rules]\nrules: {{{RULE}: {{severity: low, params: {{label: owner}}}}}}\n"
    )
    (shop / "portside.yaml").write_text(config)
    assert [(it["severity"], it["message"]) for it in found(shop)] == [
        ("low", "has no label owner")
    ]
    (shop / "portside.yaml").write_text(config.replace("label: owner", "lable: owner"))
    ran = portside("scan", "web.yaml", cwd=shop)
    assert ran.code == 2
    assert "did you mean label?" in ran.err


def test_a_changed_rule_is_asked_anew_whatever_is_cached(shop: Path) -> None:
    (shop / "many").mkdir()
    for number in range(60):
        (shop / "many" / f"{number}.yaml").write_text(DEPLOYMENT)
    for _ in range(2):
        messages = {it["message"] for it in found(shop, "--rules", "rules", files="many")}
        assert messages == {"has no label team"}
    change(shop, "has no label", "lacks the label")
    messages = {it["message"] for it in found(shop, "--rules", "rules", files="many")}
    assert messages == {"lacks the label team"}
    assert found(shop, files="many") == []


def test_many_files_are_judged_by_many_processes_all_the_same(shop: Path) -> None:
    (shop / "many").mkdir()
    for number in range(400):
        (shop / "many" / f"{number}.yaml").write_text(DEPLOYMENT)
    listed = found(shop, "--rules", "rules", "--no-cache", files="many")
    assert len(listed) == 400
    assert not list((shop / ".cache").glob("**/*")), "--no-cache wrote something"


@pytest.mark.parametrize("report", ["text", "sarif", "junit", "gitlab", "github", "markdown"])
def test_every_report_has_the_words_of_an_own_rule(report: str, shop: Path) -> None:
    ran = portside("scan", "-o", report, "--rules", "rules", "web.yaml", cwd=shop)
    assert ran.code == 1
    assert RULE in ran.out


def test_a_pattern_that_backtracks_is_no_trap(shop: Path) -> None:
    change(shop, "require: has(object.metadata.labels) && params.label in object.metadata.labels",
           "require: object.metadata.name.matches('^(a+)+$')")  # fmt: skip
    (shop / "web.yaml").write_text(DEPLOYMENT.replace("name: web", f"name: {'a' * 5000}!"))
    with within(5):
        ran = portside("scan", "--rules", "rules", "web.yaml", cwd=shop)
    assert ran.code in (1, 3)


def test_a_rule_that_crashes_leaves_its_object_unread_and_the_others_judged(shop: Path) -> None:
    change(shop, "object.metadata.labels)", "object.metadata.labels.a.b.c)")
    ran = portside("scan", "--rules", "rules", "web.yaml", "-o", "json", cwd=shop)
    report = json.loads(ran.out)
    doubts = [it["rule"] for it in report["undecided"]] + [it["what"] for it in report["unread"]]
    assert any(RULE in it for it in doubts)
    assert not [it for it in report["findings"] if it["rule"] == RULE]


def test_an_error_in_a_rule_ends_the_scan_before_it_begins(shop: Path) -> None:
    change(shop, "params.label in", "parms.label in")
    ran = portside("scan", "--rules", "rules", "web.yaml", cwd=shop)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("rules/team_label_missing.yaml:24:1: require: undeclared reference")
    assert ran.err.endswith("nothing was scanned\n")


def test_a_waiver_excuses_from_an_own_rule(shop: Path) -> None:
    (shop / "web.yaml").write_text(f"# portside:ignore {RULE} not ours\n{DEPLOYMENT}")
    waived = [it["waived"] for it in found(shop, "--rules", "rules")]
    assert [it["kind"] for it in waived] == ["comment"]
