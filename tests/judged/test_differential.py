"""The judged form is what Kubernetes' own code makes of an object, and refuses what it refuses.

Real objects of the shared corpora and objects made from the types of all kinds, changed at random.
`PORTSIDE_FUZZ` multiplies their number, `PORTSIDE_SEED` chooses others.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from typing import Any

import pytest

from portside.judged import Admitted, admit
from tests.judged.normal import Types, same
from tests.judged.objects import Maker
from tests.oracle import Answer, Oracle

pytestmark = pytest.mark.needs_oracle

COUNT = 5000 * int(os.environ.get("PORTSIDE_FUZZ", "1"))
SEED = int(os.environ.get("PORTSIDE_SEED", "20261124"))
_SHOWN = 5


class Case:
    """An object, its judged form and what the oracle says of it."""

    def __init__(self, written: dict[str, Any], answer: Answer, strict: Answer) -> None:
        self.written = written
        self.answer = answer
        self.strict = strict
        self.judged = copy.deepcopy(written)
        self.admitted: Admitted = admit(self.judged)


@pytest.fixture(scope="module")
def types(oracle: Oracle) -> Types:
    return Types(oracle.ask(op="types"))


@pytest.fixture(scope="module")
def cases(oracle: Oracle, types: Types) -> list[Case]:
    maker = Maker(types, SEED)
    objects = [maker.one() for _ in range(COUNT)]
    defaulted = oracle.ask_many({"op": "default", "object": it} for it in objects)
    strict = oracle.ask_many({"op": "strict", "object": it} for it in objects)
    return [Case(*it) for it in zip(objects, defaulted, strict, strict=True)]


def test_what_is_admitted_has_the_form_that_kubernetes_gives_it(
    cases: list[Case], types: Types
) -> None:
    admitted = [it for it in cases if "object" in it.answer]
    differing = [
        (case.written, difference)
        for case in admitted
        for difference in _differences(case.judged, _expected(case.written, case.answer, types))
    ]
    assert len(admitted) > COUNT // 2
    assert differing[:_SHOWN] == []


def test_what_kubernetes_refuses_is_mistyped_and_nothing_else_is(cases: list[Case]) -> None:
    refused = [it for it in cases if "error" in it.answer]
    missed = [(it.written, it.answer["error"]) for it in refused if not it.admitted.mistyped]
    blamed = [
        (it.written, it.admitted.mistyped)
        for it in cases
        if it.admitted.mistyped and "error" not in it.answer
    ]
    assert len(refused) > COUNT // 20
    assert missed[:_SHOWN] == []
    assert blamed[:_SHOWN] == []


def test_what_is_left_of_a_refused_object_is_well_typed(
    cases: list[Case], oracle: Oracle, types: Types
) -> None:
    refused = [it for it in cases if it.admitted.mistyped]
    answers = oracle.ask_many({"op": "default", "object": it.judged} for it in refused)
    errors = [
        (case.written, answer["error"])
        for case, answer in zip(refused, answers, strict=True)
        if "error" in answer
    ]
    assert errors[:_SHOWN] == []


def test_the_unknown_fields_are_those_that_strict_decoding_finds(cases: list[Case]) -> None:
    differing = []
    for case in cases:
        found = [it for it in case.strict.get("errors", ()) if it.startswith("unknown field")]
        if "errors" in case.strict and len(found) != len(case.admitted.unknown):
            differing.append((case.written, found, case.admitted.unknown))
    assert differing[:_SHOWN] == []


def test_every_kind_is_known_and_completed_from_nothing(oracle: Oracle, types: Types) -> None:
    empty = [
        {"apiVersion": name.rpartition("/")[0], "kind": kind["kind"]}
        for name, kind in types.kinds.items()
    ]
    answers = oracle.ask_many({"op": "default", "object": it} for it in empty)
    for value, answer in zip(empty, answers, strict=True):
        expected = _expected(value, answer, types)
        judged = dict(value)
        assert admit(judged).known
        assert judged == expected


def _expected(written: dict[str, Any], answer: Answer, types: Types) -> Any:
    root = types.root(written)
    assert root is not None
    return types.normal(answer["object"], root)


def _differences(one: Any, other: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """(path, ours, Kubernetes') where the two differ."""
    if type(one) is dict and type(other) is dict:
        for key in sorted({*one, *other}):
            if key in one and key in other:
                yield from _differences(one[key], other[key], (*path, key))
            else:
                yield (*path, key), one.get(key, "absent"), other.get(key, "absent")
    elif type(one) is list and type(other) is list and len(one) == len(other):
        for index, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            yield from _differences(mine, theirs, (*path, index))
    elif not same(one, other):
        yield path, one, other
