"""What all generated modules share: their head, their names, and what their functions are given."""

from __future__ import annotations

from portside.policy.rule import ITEM, Rule

GENERATED = "portside.rules.generated"
HEAD = '"""Generated from the rule files; do not edit."""\n\n'
VARIABLES = ("object", "pod", "podMetadata", "container", ITEM, "params", "target")


def python_module(rule: Rule) -> str:
    """The module of a rule in Python, beside the others: all of them lie in one folder."""
    return f"rule_{rule.id.replace('-', '_')}"
