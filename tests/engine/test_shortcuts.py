"""Shortcuts say what the conditions say, or nothing; and a key that is required is required."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portside.cel.errors import CelError
from portside.cel.parser import parse
from portside.cel.program import compile as compile_cel
from portside.cel.program import generated_shortcut
from portside.cel.shortcut import without_key
from portside.engine.judge import Judgement
from portside.engine.plan import Plan
from portside.judged import admit
from portside.model.resource import Resource
from portside.model.workload import pods
from portside.policy import builtin
from portside.policy.checkout import builtin_rules
from portside.policy.compiled import CompiledCheck
from portside.sources.manifest import parse as parse_manifest

_VALUES: tuple[Any, ...] = (None, True, False, 0, 1, 1.5, "", "ALL", "x:y", [], {}, ["ALL"], [{}])
RULES = builtin_rules()


def _example_objects() -> Iterator[dict[str, Any]]:
    for rule in RULES:
        for example in rule.examples:
            read = parse_manifest(example.manifest.encode(), Path(rule.file).name)
            for resource in read.resources:
                yield resource.value


def _mutated(value: Any, chance: random.Random) -> Any:
    """A copy of `value` with some fields dropped or replaced by values of any type."""
    if type(value) is dict:
        made = {}
        for key, item in value.items():
            if chance.random() < 0.05:
                continue
            made[key] = (
                copy.copy(chance.choice(_VALUES))
                if chance.random() < 0.05
                else _mutated(item, chance)
            )
        return made
    if type(value) is list:
        return [_mutated(item, chance) for item in value]
    return value


def _asked(value: dict[str, Any], check: CompiledCheck) -> Iterator[tuple[Any, ...]]:
    params = builtin.rules()[check.rule].params
    target = {"major": 1, "minor": 37}
    for pod in pods(value, "", "Pod"):
        for container in pod.containers:
            scope = (value, pod.spec, pod.metadata, container.body)
            for it in (container.body, pod.spec, "ALL", {"name": "x", "host": "y"}, 0, None):
                yield (*scope, it, params, target)


def test_a_shortcut_answers_as_the_condition_or_not_at_all() -> None:
    chance = random.Random(7)
    checks = list(builtin.checks("", "Pod", True))
    answered = silent = 0

    for value in list(_example_objects()) * 3:
        mutant = _mutated(value, chance)
        for check in checks:
            exact = check.exact()
            for arguments in _asked(mutant, check):
                quick = _call(check.quick, arguments)
                if quick is None:
                    silent += 1
                    continue
                answered += 1
                told = _call(exact, arguments)
                assert told == quick, (check.rule, mutant)
                assert type(told) is type(quick), (check.rule, mutant)

    assert answered > 2 * silent


def _call(function: Any, arguments: tuple[Any, ...]) -> Any:
    try:
        return function(*arguments)
    except (CelError, KeyError, TypeError, IndexError, AttributeError):
        return None


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ('has(a.b) && a.b == "x"', {"b": "x"}),
        ('a.b == "x" || a.c', {"b": "x"}),
        ("a.c || a.b == 1", {"b": 1, "c": "no bool"}),
        ("a.b == 1", {"b": True}),
        ("a.b == 1", {"b": 1.0}),
        ("!a.b", {"b": ""}),
        ("!a.b", {"b": False}),
        ("has(a.b.c)", {"b": "abc"}),
        ("!has(a.b.c)", {"b": "xyz"}),
        ('a.b in ["x", "y"]', {"b": "y"}),
        ('a.b in ["x", "y"]', {"b": {}}),
        ('a.b.all(i, i == "x")', {"b": ["x", 1]}),
        ('a.b.exists(i, i.c == "x")', {"b": [{"c": "x"}, 1]}),
        ('a.b.all(k, v, v == "x")', {"b": {"k": "x"}}),
        ("a.b ? a.c : a.d", {"b": True, "c": True}),
        ("a.b ? a.c : a.d", {"b": 1, "d": True}),
        ("a.b.map(i, i + 1) == [2]", {"b": [1]}),
    ],
)
def test_a_shortcut_and_the_language_agree(source: str, value: Any) -> None:
    made = generated_shortcut(source, {"a": True}, "quick")
    try:
        expected = compile_cel(source, ["a"])(a=value)
    except CelError:
        expected = None

    answer = _call(_compiled(made), (value,))

    assert answer is None or answer is expected


def _compiled(made: Any) -> Any:
    import ast
    from importlib import import_module

    scope: dict[str, Any] = {
        name: getattr(import_module(f"portside.cel.{home}"), name) for home, name in made.imports
    }
    exec(compile(ast.Module([made.definition], []), "<quick>", "exec"), scope)  # noqa: S102
    return scope["quick"]


@pytest.mark.parametrize(
    ("source", "key", "answer"),
    [
        ("!has(container.ports) || container.ports.all(p, false)", "ports", True),
        ("has(container.ports) && true", "ports", False),
        ("!has(container.ports) || x", "image", None),
        ("!(has(container.ports) && has(container.image))", "image", True),
        ("!has(container.ports.x)", "ports", None),
    ],
)
def test_a_missing_key_may_decide_a_condition(source: str, key: str, answer: bool | None) -> None:
    assert without_key(parse(source), "container", key) is answer


def test_without_its_required_key_no_bad_example_is_bad() -> None:
    tried = 0
    for rule in RULES:
        compiled = [it for it in builtin.checks("", "Pod", True) if it.rule == rule.id]
        keys = {it.requires for it in compiled}
        if "" in keys or not keys:
            continue
        plan = Plan({rule.id: builtin.rules()[rule.id]}, builtin.checks, 37)
        for example in (it for it in rule.examples if not it.good):
            read = parse_manifest(example.manifest.encode(), "example.yaml")
            for resource in read.resources:
                # Dropped from the judged form: in what is written, a default would take its place.
                resource.admitted(admit(resource.value))
                _drop(resource, keys)
                judgement = Judgement(resource, plan)
                judgement.ask("judged")
                assert judgement.findings == [], (rule.id, example.title)
            tried += 1
    assert tried > 20


def _drop(resource: Resource, keys: set[str]) -> None:
    for pod in resource.pods():
        for body in (pod.spec, *(it.body for it in pod.containers)):
            for key in keys:
                body.pop(key, None)
