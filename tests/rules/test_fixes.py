"""`--fix` on the examples of every rule that mends: what it writes, and that it ends."""

from __future__ import annotations

import csv

import pytest

from portside.model.mending import FIXED
from portside.policy.rule import Example, Rule
from tests.rules.asking import judged, rules
from tests.rules.fixing import mended, plan_for
from tests.shared import shared

MENDING = [rule for rule in rules() if rule.mends]
_PAIRS = [(rule, it) for rule in MENDING for it in rule.examples if not it.good]
BAD = [pytest.param(rule, it, id=f"{rule.id}: {it.title}") for rule, it in _PAIRS]
SHOWN = [pytest.param(rule, it, id=f"{rule.id}: {it.title}") for rule, it in _PAIRS if it.fixed]
BY_NETWORK = {"H001": "the index of a chart repository", "D002": "a registry", "B001": "GitHub"}
"""Safe fixes of the catalogue that need an answer from elsewhere: what to pin to."""


@pytest.mark.parametrize(("rule", "example"), SHOWN)
def test_an_example_is_mended_as_its_rule_shows(rule: Rule, example: Example) -> None:
    text, _ = mended(example.manifest, example, plan_for(rule, example))
    assert text == example.fixed


@pytest.mark.parametrize(("rule", "example"), BAD)
def test_what_is_mended_is_gone_and_stays_as_it_is(rule: Rule, example: Example) -> None:
    plan = plan_for(rule, example)
    text, outcomes = mended(example.manifest, example, plan)
    made = [it for it in outcomes if it.state == FIXED]
    assert all(it.reason for it in outcomes if it.state != FIXED)
    assert (text == example.manifest) is not bool(made)
    left = judged(text, plan, example.file, whole=not example.part).findings
    known = judged(example.manifest, plan, example.file, whole=not example.part).findings
    assert len(left) <= len(known) - len(made)
    again, more = mended(text, example, plan)
    assert again == text
    assert not any(it.state == FIXED for it in more)


@pytest.mark.parametrize(("rule", "example"), BAD)
def test_what_is_called_safe_is_mended(rule: Rule, example: Example) -> None:
    _, outcomes = mended(example.manifest, example, plan_for(rule, example), ("safe",))
    assert [it for it in outcomes if it.state != FIXED] == []


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in MENDING])
def test_a_rule_that_mends_shows_how(rule: Rule) -> None:
    assert any(it.fixed for it in rule.examples)
    assert rule.text.fix_class in ("safe", "conditional", "unsafe")


SAFE = [it for it in MENDING if it.mends in ("safe", "conditional")]


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in SAFE])
def test_a_fix_that_may_be_safe_is_so_in_some_example_that_is_shown(rule: Rule) -> None:
    shown = [it for it in rule.examples if it.fixed]
    assert any(
        mended(it.manifest, it, plan_for(rule, it), ("safe",))[0] != it.manifest for it in shown
    )


def test_only_bad_examples_show_how_they_are_mended() -> None:
    for rule in rules():
        assert rule.mends or not any(it.fixed for it in rule.examples), rule.id
        assert not any(it.good and it.fixed for it in rule.examples), rule.id


def test_every_safe_fix_of_the_catalogue_is_there() -> None:
    with shared("controls.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    wanted = {
        row["id"].removeprefix("TF-")
        for row in rows
        if row["autofix"] == "safe" and row["tier"] in ("core", "extended")
    }
    known = {key for rule in MENDING for key in rule.controls}
    assert wanted - known == BY_NETWORK.keys()
