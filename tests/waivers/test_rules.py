"""The rules about exceptions say of their examples what these say."""

from __future__ import annotations

from pathlib import Path

import pytest

from portside.cli.excuse_findings import RULES
from portside.policy.checkout import builtin_rules
from portside.policy.rule import EXCUSE, Example
from tests.scanning import scan_text

EXAMPLES = [
    pytest.param(rule.id, example, id=f"{rule.id}: {example.title}")
    for rule in builtin_rules()
    if rule.form == EXCUSE
    for example in rule.examples
]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_rule_about_exceptions_says_what_its_examples_say(
    rule: str, example: Example, tmp_path: Path
) -> None:
    answer = scan_text(tmp_path, example.manifest)

    assert tuple(it["line"] for it in answer.of(rule)) == example.lines


def test_every_rule_about_exceptions_shows_both_sides() -> None:
    shown = {(rule, example.good) for rule, example in (it.values for it in EXAMPLES)}  # type: ignore[union-attr]

    assert shown == {(rule, good) for rule in RULES for good in (True, False)}
