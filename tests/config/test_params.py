"""Parameters of every rule: their defaults fit, other types are refused, and people see them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portside.errors import ConfigError
from portside.policy import builtin
from portside.policy.names import RuleNames
from portside.policy.section import open_section
from portside.policy.settings import rule_settings
from tests.scanning import portside

NAMES = RuleNames()
WRONG: dict[str, Any] = {"string": 1, "int": "a", "bool": "a", "list": "a", "map": ["a"]}


def params() -> Iterator[Any]:
    for text in builtin.texts().values():
        for name, kind, default, _ in text.params:
            yield pytest.param(text.id, name, kind, default, id=f"{text.id}.{name}")


def settings(rule: str, name: str, value: Any) -> Any:
    text = json.dumps({"rules": {rule: {"params": {name: value}}}})
    section = open_section(text.encode(), "portside.yaml", ConfigError).section("rules")
    return rule_settings(section, NAMES)[rule]["params"][name]


def wrong(kind: str, default: Any) -> Iterator[tuple[Any, str]]:
    """Values that are not of `kind`, with what the error names behind the parameter."""
    outer, _, inner = kind.replace(" ", "").removesuffix(")").partition("(")
    yield WRONG[outer], ""
    yield {"a": {}}, "" if outer != "map" else ".a"
    if outer == "list":
        yield [WRONG[inner.partition("(")[0]]], "[0]"
        yield [*default, {}], f"[{len(default)}]"
    if outer == "map":
        yield {"a": WRONG[inner.partition(",")[2].partition("(")[0]]}, ".a"


@pytest.mark.parametrize(("rule", "name", "kind", "default"), [*params()])
def test_a_parameter_takes_its_default_and_no_other_type(
    rule: str, name: str, kind: str, default: Any
) -> None:
    assert settings(rule, name, default) == default
    for value, where in wrong(kind, default):
        with pytest.raises(ConfigError) as raised:
            settings(rule, name, value)
        assert f"{rule}.params.{name}{where}: expected " in str(raised.value)
        assert raised.value.where.startswith("portside.yaml:1:")


def test_show_lists_every_parameter_with_its_type_and_default(tmp_path: Path) -> None:
    shown = json.loads(portside(tmp_path, "rules", "show", "*", "-o", "json").out)
    text = portside(tmp_path, "rules", "show", "retired-registry").out

    told = {
        (rule["id"], it["name"], it["type"], json.dumps(it["default"]))
        for rule in shown
        for it in rule["params"]
    }
    assert told == {
        (rule.id, name, kind, json.dumps(default))
        for rule in builtin.texts().values()
        for name, kind, default, _ in rule.params
    }
    assert "  retired: map(string, string)\n" in text
