"""No rule crashes on what stands in a file, and each object and file has one explained fate.

The examples of all rules, and objects of the shared corpora, with values that nobody expects at
places chosen at random; judged by every rule, within a file and across objects.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

import pytest

from portside.engine.plan import Plan
from portside.model.finding import FileResult
from portside.sources.manifest import parse
from tests.rules.asking import judged, profile_plan, rules, told
from tests.shared import shared

SEED = 20261124
ROUNDS = int(os.environ.get("PORTSIDE_FUZZ", "1"))
ODD: tuple[Any, ...] = (
    *(None, 0, -1, 1, True, False, "", " ", "x", 1.5, 10**30, -(10**30), 1e300),
    *([], {}, [None], [0], ["x"], [{}], [[]], [True, 1.5], {"a": 0}, {"0": []}, {"": None}),
    *("0.0.0.0/0", "::/0", "*", "/", "..", "-1", "1e999", "\u0660", "\u212a", "\U0001f980", "\x85"),
    *("a" * 5_000, "${{ ", "${{ a", "}}", "$(", "{{", "\n", "a\r\nb", "https://[", "http://a:b/"),
    *("@", ":", "a:", "a@", "a@sha256:", "a/b/c:1@sha256:0", "1Gi", "--", "'", '"', "\\", "%zz"),
    *("0 0 31 2 *", "@every", "yes", "null", "~", "!!binary", "\ufeff", "\u2028", "<<", "=", "#"),
    {"matchLabels": None},
    {"matchLabels": {"a": None}, "matchExpressions": [None, {"key": [], "operator": {}}]},
    [{"name": None}, {"name": []}, {"name": {}}, {}],
    json.loads("[" * 60 + "]" * 60),
    json.loads('{"a":' * 60 + "1" + "}" * 60),
)
KEYS = ("", "name", "spec", "metadata", "\U0001f980", "a" * 300, "on", "jobs", "uses", "null", "0")


@cache
def plan() -> Plan:
    return profile_plan("auditor")


@cache
def documents() -> dict[str, tuple[str, list[Any]]]:
    """The documents of each example that are no Dockerfile, by a name for the test."""
    found = {}
    for rule in rules():
        for at, example in enumerate(rule.examples):
            values = [it.value for it in parse(example.manifest.encode(), example.file).resources]
            if values and all(type(it) is dict and it for it in values):
                found[f"{rule.id}-{at}"] = (example.file, values)
    return found


def explained(result: FileResult) -> None:
    """No rule crashed, and what was not judged says why."""
    assert not any("crashed" in it.reason for it in result.unread), told(result)
    assert result.fate.reason or result.fate.fate == "judged", result.fate
    for fate in result.objects:
        assert fate.note or fate.fate == "judged", fate


@pytest.mark.parametrize("rule", [it.id for it in rules()])
def test_no_value_in_an_example_makes_a_rule_crash(rule: str) -> None:
    chance = Random(f"{SEED}{rule}")
    names = [name for name in documents() if name.rpartition("-")[0] == rule]
    for _ in range(4 * ROUNDS if names else 0):
        file, values = documents()[chance.choice(names)]
        judge_changed(values, file, chance)


def test_no_mixture_of_examples_makes_a_rule_crash() -> None:
    chance = Random(SEED)
    objects = [
        it for file, listed in documents().values() if file.startswith("shop") for it in listed
    ]
    assert len(objects) > 1_000
    for _ in range(20 * ROUNDS):
        judge_changed(chance.sample(objects, 40), "shop.yaml", chance)


def test_no_value_in_a_real_object_makes_a_rule_crash() -> None:
    chance = Random(SEED)
    files = sorted(shared("corpora/realworld").rglob("*.y*ml"))
    for _ in range(40 * ROUNDS):
        path = chance.choice(files)
        values = [it.value for it in parse(path.read_bytes(), path.name).resources]
        if values:
            judge_changed(values[:50], path.as_posix(), chance)


def judge_changed(values: list[Any], file: str, chance: Random) -> None:
    """Judge the documents, some values of which have become odd ones."""
    changed = list(values)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(changed))
        changed[at] = _changed(changed[at], chance)
    try:
        text = "\n---\n".join(json.dumps(it, allow_nan=False) for it in changed)
    except (ValueError, UnicodeEncodeError):
        return
    text = _twice(text, chance) if chance.random() < 0.1 else text
    for whole in (True, False):
        try:
            explained(judged(text, plan(), file, whole=whole))
        except Exception as error:
            raise AssertionError(f"{file}: {text}") from error


def _twice(text: str, chance: Random) -> str:
    """The text with a key of some map twice."""
    at = chance.choice([at for at, it in enumerate(text) if it == "{"] or [0])
    return (
        f'{text[: at + 1]}"name": [], "name": {{}}, {text[at + 1 :]}' if text[at] == "{" else text
    )


def _changed(value: dict[str, Any], chance: Random) -> dict[str, Any]:
    known = [path for path in _paths(value) if path and path[0] not in ("apiVersion", "kind")]
    if not known:
        return value
    path, new = chance.choice(known), chance.choice(ODD)
    if chance.random() < 0.2:
        path = (*path[:-1], chance.choice(KEYS)) if type(path[-1]) is str else path
    made: dict[str, Any] = _with(value, path, new)
    return made


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    steps = value.items() if type(value) is dict else ()
    for key, item in enumerate(value) if type(value) is list else steps:
        yield from _paths(item, (*path, key))


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    changed = value.copy()
    changed[path[0]] = _with(
        value.get(path[0]) if type(value) is dict else value[path[0]], path[1:], new
    )
    return changed
