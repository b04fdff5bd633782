"""Custom resources are as somebody wrote them: no value makes a rule crash, it is undecided."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from portside.policy.rule import Rule
from portside.sources.manifest import parse
from tests.rules.asking import FILE, judged, plan_of, rules, told
from tests.rules.test_network_agreement import FOLDERS

OURS = [rule for rule in rules() if Path(rule.file).parent.name in FOLDERS]
ODD: tuple[Any, ...] = (
    *(None, 0, -1, True, "", "x", 1.5, [], {}, [None], [0], ["x"], [{}], [[]]),
    *({"a": 0}, {"0": []}, "0.0.0.0/0"),
)
ROUNDS = 20 * int(os.environ.get("PORTSIDE_FUZZ", "1"))
SEED = 20261124


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in OURS])
def test_no_value_makes_a_rule_crash(rule: Rule) -> None:
    chance = Random(SEED)
    plan = plan_of([it.id for it in OURS])
    for _ in range(ROUNDS):
        example = chance.choice(rule.examples)
        objects = [it.value for it in parse(example.manifest.encode(), FILE).resources]
        for _ in range(chance.randint(1, 2)):
            at = chance.randrange(len(objects))
            objects[at] = _changed(objects[at], chance)
        result = judged("\n---\n".join(map(json.dumps, objects)), plan)
        assert not any("crashed" in it.reason for it in result.unread), (told(result), objects)


def _changed(value: dict[str, Any], chance: Random) -> dict[str, Any]:
    known = [path for path in _paths(value) if path and path[0] not in ("apiVersion", "kind")]
    changed: dict[str, Any] = _with(value, chance.choice(known), chance.choice(ODD))
    return changed


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    steps = value.items() if type(value) is dict else ()
    for key, item in enumerate(value) if type(value) is list else steps:
        yield from _paths(item, (*path, key))


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    changed = copy.copy(value)
    changed[path[0]] = _with(value[path[0]], path[1:], new)
    return changed
