"""Every rule says of its own examples what they promise, and says enough about itself."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from portside.model.resource import FileResource
from portside.model.severity import NAMES
from portside.policy.rule import EXCUSE, PYTHON, TEXT, Example, Rule
from portside.sources.manifest import parse
from tests.rules.asking import judged_example, known_of, lines_of, minor_of, plan_of, rules, told
from tests.rules.disputed import DISPUTED
from tests.shared import shared

EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.id}: {example.title}")
    for rule in rules()
    if rule.form != EXCUSE  # what they say is said where exceptions are applied, and tested there
    for example in rule.examples
]
EVERY = [pytest.param(rule, id=rule.id) for rule in rules()]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_rule_says_exactly_the_lines_of_its_example(rule: Rule, example: Example) -> None:
    plan = plan_of([rule.id], minor_of(example), {rule.id: example.params})
    result = judged_example(example, plan)
    assert lines_of(result) == example.lines, told(result)
    assert not result.unread, told(result)
    assert bool(result.undecided) == example.undecided, told(result)
    assert not any("cannot be made" in it.message for it in result.findings), told(result)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_an_example_is_whole_objects(rule: Rule, example: Example) -> None:
    read = parse(example.manifest.encode(), example.file, known=known_of(example))
    assert read.resources
    assert not read.unread
    for resource in read.resources:
        if isinstance(resource, FileResource):
            continue
        assert resource.ref.api_version
        assert resource.ref.name
    unknown = set(example.params) - set(rule.params)
    assert not unknown


@pytest.mark.parametrize("rule", EVERY)
def test_a_rule_has_good_and_bad_examples_and_says_why_and_what_to_do(rule: Rule) -> None:
    assert any(it.good for it in rule.examples)
    assert any(not it.good for it in rule.examples)
    assert len({it.title for it in rule.examples}) == len(rule.examples)
    assert rule.text.severity_reason
    assert rule.text.why.endswith(".")
    assert rule.text.fix.endswith(".")
    assert NAMES[rule.text.severity]
    assert not rule.text.title.endswith(".")
    assert rule.text.title[0].isupper()


@pytest.mark.parametrize("rule", EVERY)
def test_a_rule_is_called_as_its_file_and_its_sentences_go_on_after_the_subject(rule: Rule) -> None:
    assert Path(rule.file).stem == rule.id.replace("-", "_")
    for check in rule.checks:
        assert check.says[0].islower() or check.says[0] == "{"
        assert not check.says.endswith(".")


def test_no_two_rules_share_an_id_and_causes_exist() -> None:
    known = [rule.id for rule in rules()]
    assert len(set(known)) == len(known)
    for rule in rules():
        assert set(rule.covered_by) <= set(known)
        assert rule.id not in rule.covered_by


def test_only_text_rules_have_no_condition() -> None:
    assert [rule.id for rule in rules() if not rule.checks] == [
        rule.id for rule in rules() if rule.form in (TEXT, EXCUSE, *PYTHON)
    ]


CONTROLS = [
    pytest.param(rule, key, id=f"{key}: {rule.id}") for rule in rules() for key in rule.controls
]
ELSEWHERE = {
    **{"A001": {"kubescape:C-0272"}, "A009": {"trivy:KSV-0051"}, "A010": {"trivy:KSV-0050"}},
    **{"N005": {"trivy:KSV-0038"}, "X017": {"kube-linter:privileged-ports"}},
    "X013": {"kubescape:C-0256"},
    "B009": {"kubescape:C-0035"},
}
"""Checks that two controls list, and that belong to the other one (C-0272 to T007)."""
PEERS = {
    "checkov": "checkov",
    "trivy": "trivy",
    "kubescape": "kubescape",
    "kube_linter": "kube-linter",
    "polaris": "polaris",
}


def _catalogue() -> dict[str, dict[str, str]]:
    with shared("controls.csv").open(encoding="utf-8") as lines:
        return {it["id"].removeprefix("TF-"): it for it in csv.DictReader(lines)}


@pytest.mark.parametrize(("rule", "key"), CONTROLS)
def test_a_rule_has_the_references_of_its_control(rule: Rule, key: str) -> None:
    references = {it.strip() for it in _catalogue()[key]["frameworks"].split(";")}
    missing = {
        it
        for it in references - set(rule.text.frameworks)
        if not it.startswith(("PSS:", "NSA-CISA("))
    }
    assert not missing


@pytest.mark.parametrize("key", sorted({key for rule in rules() for key in rule.controls}))
def test_the_rules_of_a_control_have_its_severity_and_its_aliases(key: str) -> None:
    row = _catalogue()[key]
    found = [rule for rule in rules() if key in rule.controls]
    alone = [rule for rule in found if rule.controls == (key,)]
    if alone:
        assert row["severity"] in {NAMES[rule.text.severity] for rule in alone}
    wanted = _aliases(row) - ELSEWHERE.get(key, set())
    claimed = {alias for rule in found for alias in rule.text.aliases}
    assert wanted - claimed <= DISPUTED, sorted(wanted - claimed - DISPUTED)


def _aliases(row: dict[str, str]) -> set[str]:
    found = {
        f"{tool}:{name.strip()}"
        for column, tool in PEERS.items()
        for name in row[column].split(",")
        if name.strip()
    }
    found |= {f"kics:{name.strip()}" for name in row["kics"].split("|") if name.strip()}
    found |= {name.strip() for name in row["other_peers"].split(",") if name.strip()}
    return found
