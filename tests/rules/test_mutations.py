"""Whoever changes a rule's condition hears of it from that rule's own examples."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portside.policy.rule import Check, Example, Rule
from tests.rules.asking import Compiled, compiled, compiled_plan, judged, lines_of, minor_of, rules

CHECKS = [
    pytest.param(rule, number, id=f"{rule.id}-{number}")
    for rule in rules()
    for number in range(len(rule.checks))
]


@pytest.mark.parametrize(("rule", "number"), CHECKS)
def test_a_condition_that_is_negated_breaks_an_example(rule: Rule, number: int) -> None:
    check = rule.checks[number]
    assert _breaks(_changed(rule, number, replace(check, require=f"!({check.require})")))


@pytest.mark.parametrize(("rule", "number"), CHECKS)
def test_a_condition_that_always_holds_breaks_an_example(rule: Rule, number: int) -> None:
    assert _breaks(_changed(rule, number, replace(rule.checks[number], require="true")))


@pytest.mark.parametrize(
    ("rule", "number"),
    [
        pytest.param(rule, number, id=f"{rule.id}-{number}")
        for rule in rules()
        for number, check in enumerate(rule.checks)
        if check.when
    ],
)
def test_a_precondition_that_is_negated_breaks_an_example(rule: Rule, number: int) -> None:
    check = rule.checks[number]
    assert _breaks(_changed(rule, number, replace(check, when=f"!({check.when})")))


@pytest.mark.parametrize(("rule", "number"), CHECKS)
def test_a_check_that_holds_for_other_versions_breaks_an_example(rule: Rule, number: int) -> None:
    check = rule.checks[number]
    if not check.since and check.until > 100:
        pytest.skip("it holds for every version")
    assert _breaks(_changed(rule, number, replace(check, since=0, until=1000))) or _breaks(
        _changed(rule, number, replace(check, since=990))
    )


def _changed(rule: Rule, number: int, check: Check) -> Rule:
    checks = list(rule.checks)
    checks[number] = check
    return replace(rule, checks=tuple(checks))


def _breaks(rule: Rule) -> bool:
    made = compiled(rule)
    return any(not _keeps(made, example) for example in rule.examples)


def _keeps(made: Compiled, example: Example) -> bool:
    result = judged(example.manifest, compiled_plan(made, minor_of(example), example.params))
    undecided = bool(result.undecided) == example.undecided
    return lines_of(result) == example.lines and undecided and not result.unread
