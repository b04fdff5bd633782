"""The `rules` of `portside.yaml`: rules switched off, other severities, other parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portside.errors import did_you_mean
from portside.model.severity import NAMES, severity

if TYPE_CHECKING:
    from portside.policy.names import RuleNames
    from portside.policy.section import Section

_OFF = ("off", "false")
"""YAML reads an unquoted `off` as false, also where it is a key."""
KEYS = ("severity", "params", *_OFF)
_KINDS: dict[str, tuple[type, str]] = {
    "string": (str, "text"),
    "bool": (bool, "true or false"),
    "int": (int, "a whole number"),
    "uint": (int, "a whole number from 0"),
    "double": (float, "a number"),
    "list": (list, "a list"),
    "map": (dict, "a map"),
}


def rule_settings(section: Section, names: RuleNames) -> dict[str, dict[str, Any]]:
    """The settings by rule id: any of `off`, `severity` and `params`.

    Raises the section's error for rules, keys and parameters that do not exist, and for values of
    a type that the rule does not declare.
    """
    found: dict[str, dict[str, Any]] = {}
    for name in section.value:
        for rule in _rules(section, name, names):
            if rule in found:
                section.fail(f"{rule} is set twice, by its id or by an alias", name)
            found[rule] = _setting(section, name, rule, names)
    return found


def _rules(section: Section, name: str, names: RuleNames) -> tuple[str, ...]:
    if "*" in name or "?" in name:
        section.fail("a pattern has no place here: name each rule", name)
    rules = names.named(name)
    if not rules:
        section.fail("no such rule", name, hint=names.hint(name))
    value = section.value[name]
    if len(rules) > 1 and type(value) is dict and value.get("params"):
        section.fail(f"stands for {', '.join(rules)}: set the parameters of each by its id", name)
    return rules


def _setting(section: Section, name: str, rule: str, names: RuleNames) -> dict[str, Any]:
    value = section.value[name]
    if value is False or value == "off":
        return {"off": True}
    if type(value) is not dict:
        section.reject("expected off, or a map of severity and params", name)
    it = section.section(name)
    it.only(KEYS)
    setting: dict[str, Any] = {}
    switches = [it.get(key, bool, False) for key in _OFF if key in it.value]
    if switches:
        setting["off"] = any(switches)
    if "severity" in it.value:
        setting["severity"] = severity(it.word("severity", NAMES))
    if "params" in it.value:
        setting["params"] = dict(_params(it.section("params"), rule, names))
    return setting


def _params(section: Section, rule: str, names: RuleNames) -> Iterator[tuple[str, Any]]:
    types = {name: kind for name, kind, *_ in names.words(rule).params}
    for name, value in section.value.items():
        if name not in types:
            known = f"known parameters: {', '.join(types)}" if types else f"{rule} has none"
            hint = did_you_mean(name, types).strip() or known
            section.fail("no such parameter", name, hint=hint)
        yield name, _typed(section, value, types[name].replace(" ", ""), (name,))


def _typed(section: Section, value: Any, kind: str, steps: tuple[str | int, ...]) -> Any:
    """`value`, which must be of the CEL type `kind`."""
    outer, _, inner = kind.removesuffix(")").partition("(")
    if outer not in _KINDS:
        return value
    expected, words = _KINDS[outer]
    if outer == "double" and type(value) is int:
        return float(value)
    if not _fits(value, expected) or (outer == "uint" and value < 0):
        section.reject(f"expected {words}, got {_got(value)}", *steps)
    if outer == "list" and inner:
        return [_typed(section, it, inner, (*steps, at)) for at, it in enumerate(value)]
    if outer == "map" and inner:
        below = inner.partition(",")[2]
        return {key: _typed(section, it, below, (*steps, key)) for key, it in value.items()}
    return value


def _fits(value: Any, expected: type) -> bool:
    return type(value) is expected


def _got(value: Any) -> str:
    words = {str: "text", bool: "true or false", int: "a whole number", float: "a number"}
    words |= {list: "a list", dict: "a map"}
    return words.get(type(value), "null")
