"""Every mapped item has a file that makes it unmet and one that makes it met (standards.md 3.4).

What a fixture is called, and what else it is about, stands in fixtures.yaml.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from portside.compliance.judge import MET, NOT_JUDGED, NOT_MET, Assessment
from portside.policy import builtin
from portside.policy.framework import (
    SILENT_WITHOUT,
    Item,
    framework_names,
    load_framework,
    rules_by_item,
)
from tests.compliance.conftest import assessed, book
from tests.compliance.fixtures import HERE, fixtures
from tests.shared import shared

LISTED: dict[str, Any] = yaml.safe_load((HERE / "fixtures.yaml").read_text())
IMPLICATIONS: dict[str, str] = LISTED.pop("implications")
MAPPED = [
    pytest.param(name, item, id=f"{name} {item.id}")
    for name in framework_names()
    for item in load_framework(name).items
    if book(name).by_item[item.id]
]
NO_FRAMEWORK = (
    *("CIS-Docker", "OWASP-CICD", "SLSA-1.2"),
    # kubescape's members of its NSA list that the guidance has no chapter for.
    "NSA-CISA(via kubescape",
)
"""Beginnings of references that are to no framework here."""


@cache
def _held(name: str, fixture: str) -> Assessment:
    it = fixtures()[fixture]
    return assessed(name, it.text, it.file, whole=it.whole)


def _states(found: Assessment, state: str) -> set[str]:
    return {it.item.id for it in found.verdicts if it.state == state}


@pytest.mark.parametrize(("name", "item"), MAPPED)
def test_failing_fixture_makes_this_item_unmet_and_no_other_but_those_listed(
    name: str, item: Item
) -> None:
    listed = LISTED[name][item.id]
    others = {*listed.get("also", ()), *listed.get("implied", ())}
    assert _states(_held(name, listed["fails"]), NOT_MET) == {item.id, *others}
    if listed.get("implied"):
        assert IMPLICATIONS[listed["fails"]]


@pytest.mark.parametrize(("name", "item"), MAPPED)
def test_other_items_that_are_unmet_with_it_are_about_the_same_rule(name: str, item: Item) -> None:
    listed = LISTED[name][item.id]
    found = {it.item.id: it for it in _held(name, listed["fails"]).verdicts}
    own = {part.rule for part in found[item.id].evidence if part.findings}
    for other in listed.get("also", ()):
        assert own & {part.rule for part in found[other].evidence if part.findings}, other


@pytest.mark.parametrize(("name", "item"), MAPPED)
def test_passing_fixture_makes_the_item_met(name: str, item: Item) -> None:
    assert item.id in _states(_held(name, LISTED[name][item.id]["passes"]), MET)


def test_fixtures_are_listed_for_mapped_items_only() -> None:
    mapped = {(it.values[0], it.values[1].id) for it in MAPPED}  # type: ignore[union-attr]
    assert {(name, item) for name, items in LISTED.items() for item in items} == mapped


@pytest.mark.parametrize("name", framework_names())
def test_every_item_is_about_rules_or_says_where_it_is_judged(name: str) -> None:
    by_item = book(name).by_item
    for it in load_framework(name).items:
        assert bool(by_item[it.id]) != bool(it.elsewhere), it.id


@pytest.mark.parametrize("name", framework_names())
def test_items_have_ids_and_titles_of_their_own(name: str) -> None:
    framework = load_framework(name)
    assert framework.id == name
    assert len({it.id for it in framework.items}) == len(framework.items)
    assert len({it.title for it in framework.items}) == len(framework.items)


@pytest.mark.parametrize("name", framework_names())
def test_what_a_framework_leaves_out_or_adds_are_rules_that_do_or_do_not_name_the_item(
    name: str,
) -> None:
    texts = builtin.texts()
    for it in load_framework(name).items:
        naming = {rule for rule, text in texts.items() if it.reference in text.frameworks}
        assert set(it.left_out) <= naming, it.id
        assert not set(it.rules) & naming, it.id
        assert {*it.rules, *it.only} <= set(texts), it.id


def test_every_reference_of_a_rule_is_to_an_item() -> None:
    items = {it.reference for name in framework_names() for it in load_framework(name).items}
    for text in builtin.texts().values():
        for reference in text.frameworks:
            # A namespace's label chooses a level; Pod Security has no control of that name.
            known = reference in items or reference == "PSS:baseline"
            assert known or reference.startswith(NO_FRAMEWORK), (text.id, reference)


def test_memory_and_judgement_are_marked() -> None:
    by_name = {name: load_framework(name) for name in framework_names()}
    memory = {name for name, it in by_name.items() if not it.confirmed}
    assert memory == {
        *("attack-containers", "iso27001-2022", "nist-800-190", "pci-dss-4.0.1", "soc2"),
    }
    judged = {name for name, it in by_name.items() if it.judgement}
    theirs = {it for it in by_name if it.startswith(("cis-", "pss:"))}
    assert judged == set(by_name) - theirs


def test_rules_that_are_silent_until_configured_are_known() -> None:
    silent = {
        text.id: name
        for text in builtin.texts().values()
        for name, _, _, said in text.params
        if "empty: the rule says nothing" in said
    }
    assert silent == SILENT_WITHOUT


@pytest.mark.parametrize("level", ["baseline", "restricted"])
def test_items_of_pod_security_are_the_rules_of_its_profile(level: str) -> None:
    by_item = rules_by_item(load_framework(f"pss:{level}"), builtin.texts().values())
    levels = {"baseline": ("baseline",), "restricted": ("baseline", "restricted")}[level]
    wanted = {it.id for it in builtin.rules().values() if it.pod_security in levels}
    assert {rule for rules in by_item.values() for rule in rules} == wanted


@pytest.mark.parametrize("name", framework_names())
def test_object_that_no_item_is_about_meets_nothing(name: str) -> None:
    found = assessed(name, "apiVersion: v1\nkind: Event\nmetadata: {name: a, namespace: b}\n")
    assert found.objects == 1
    assert not _states(found, MET)


def test_catalogue_references_that_no_rule_carries_are_of_items_judged_elsewhere_or_listed() -> (
    None
):
    """The catalogue's references grow into rules: what is left is judged later, or is listed."""
    carried = {it for text in builtin.texts().values() for it in text.frameworks}
    elsewhere = {
        it.reference
        for name in framework_names()
        for it in load_framework(name).items
        if it.elsewhere or book(name).by_item[it.id]
    }
    left = {it for it in _of_the_catalogue() if it not in carried and it not in elsewhere}
    assert left <= LEFT, sorted(left - LEFT)


LEFT = {
    # The catalogue's names for controls of Pod Security that Kubernetes' own code calls otherwise.
    *(f"PSS:baseline/{it}" for it in ("appArmor", "capabilities", "hostPath", "hostProbes")),
    *("PSS:baseline/seLinux", "PSS:baseline/seccomp", "PSS:restricted/capabilities"),
    *("PSS:restricted/procMount", "PSS:restricted/seccomp", "PSS:restricted/volumeTypes"),
    # Members of kubescape's list for NSA/CISA that the guidance has no chapter for.
    *(f"NSA-CISA(via kubescape C-{it})" for it in ("0038", "0058", "0059", "0066", "0292")),
}
"""References that no rule carries and no item has."""


def _of_the_catalogue() -> set[str]:
    with Path(shared("controls.csv")).open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {it.strip() for row in rows for it in row["frameworks"].split(";") if it.strip()}


def test_item_stays_unjudged_where_its_rule_is_silent() -> None:
    from portside.cli.compliance import _book
    from portside.cli.plan import choose
    from portside.compliance.judge import assess
    from portside.engine.stage import judge_file
    from portside.model.evaluation import Evaluation
    from portside.sources.manifest import parse

    chosen = choose("cis-eks-1.8", "")
    framework = load_framework("cis-eks-1.8")
    text = fixtures()["sound"].text
    results = [judge_file(parse(text.encode(), "shop.yaml"), chosen.plan)]
    found = assess(framework, Evaluation(results), _book(framework, chosen))
    verdict = next(it for it in found.verdicts if it.item.id == "5.1.4")
    assert (verdict.state, verdict.reason) == (NOT_JUDGED, "silent")
    assert "allowed is not set" in verdict.said


@pytest.mark.parametrize(
    ("name", "item", "fixture"),
    [
        ("cis-gke-1.9", "5.2.2", "fault cloud identity for every pod"),
        ("cis-eks-1.8", "5.2.1", "fault cloud identity of Google for every pod"),
        ("cis-gke-1.9", "4.1.8", "fault bound to system:unauthenticated"),
        ("cis-gke-1.9", "4.1.9", "fault bound to system:anonymous"),
        ("cis-1.12", "5.1.12", "admission-write-access: policies"),
        ("ms-threat-matrix", "MS-TA9022", "event-deletion: logs"),
    ],
)
def test_finding_of_a_rule_that_is_about_another_item_leaves_this_one_met(
    name: str, item: str, fixture: str
) -> None:
    assert item in _states(_held(name, fixture), MET)
