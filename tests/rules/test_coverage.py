"""Every control of the catalogue has a rule, or a reason why it is judged elsewhere."""

from __future__ import annotations

import csv

from portside.policy.checkout import builtin_rules
from tests.shared import shared
from tools.coverage_page import ELSEWHERE, FAMILIES, controls, page


def test_a_control_that_files_can_show_has_a_rule() -> None:
    judged = {key for rule in builtin_rules() for key in rule.controls}
    left = [it["id"] for it in controls() if it["id"] not in judged and not it["elsewhere"]]
    assert left == []


def test_a_control_without_a_rule_says_where_it_is_judged() -> None:
    for it in controls():
        assert it["id"][0] in FAMILIES
        assert not it["elsewhere"] or (it["elsewhere"] in ELSEWHERE and it["subject"])
    assert "## Access (RBAC)" in page()


def test_rules_name_controls_that_exist() -> None:
    known = {it["id"] for it in controls()}
    assert {key for rule in builtin_rules() for key in rule.controls} <= known


def test_the_controls_are_those_of_the_catalogue() -> None:
    with shared("controls.csv").open(encoding="utf-8") as lines:
        rows = {
            it["id"].removeprefix("TF-"): (it["tier"], it["severity"])
            for it in csv.DictReader(lines)
        }
    assert {it["id"]: (it["tier"], it["severity"]) for it in controls()} == rows
