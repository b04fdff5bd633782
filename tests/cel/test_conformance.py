"""Every applicable test of cel-spec, and Kubernetes' own tests of quantities."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from portside.cel import CelEvaluationError, CelTypeError, compile  # noqa: A004 - the word of the trade
from tests.cel import spec
from tests.shared import SHARED, shared

CASES = list(spec.cases(SHARED / spec.FOLDER))
_NUMBER = re.compile(r"types\.(Int|Double)\((.*)\)")


def quantity_tests() -> list[dict[str, Any]]:
    path = SHARED / "corpora" / "k8s-apiserver-cel" / "quantity.json"
    tests: list[dict[str, Any]] = json.loads(path.read_text()) if path.exists() else []
    return tests


def of(test: dict[str, Any]) -> str:
    return f"{test['file'].rpartition('/')[2]}/{test['name']}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_an_expression_of_the_specification_means_what_it_says(case: spec.Case) -> None:
    result = spec.run(case)
    if result.outcome == "apart":
        pytest.skip(result.reason)
    assert result.outcome == "passed", result.reason


def test_the_specification_is_there_and_mostly_applies() -> None:
    shared(spec.FOLDER)
    apart = [case for case in CASES if spec.run(case).outcome == "apart"]
    assert len(CASES) > 900
    assert len(apart) < len(CASES) // 10


@pytest.mark.parametrize("test", quantity_tests(), ids=of)
def test_quantities_are_those_of_kubernetes(test: dict[str, Any]) -> None:
    assert holds(test)


def holds(test: dict[str, Any]) -> bool:
    """Whether one of Kubernetes' own tests holds: a value, a cost, or an error."""
    try:
        program = compile(test["expr"], ())
    except CelTypeError:
        return "compile_error" in test
    try:
        got = program()
    except CelEvaluationError:
        return "runtime_error" in test
    if "runtime_cost" in test:
        return bool(program.cost() == test["runtime_cost"])
    if test["name"] == "parse":
        return str(got) == "quantity('12Mi')"
    expected = _expected(test["value"])
    return "value" in test and got == expected and type(got) is type(expected)


def _expected(value: Any) -> Any:
    found = _NUMBER.fullmatch(str(value))
    if found is None:
        return value
    return int(found[2]) if found[1] == "Int" else float(found[2])
