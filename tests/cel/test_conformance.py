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
    if "compile_error" in test:
        with pytest.raises(CelTypeError):
            compile(test["expr"], ())
        return
    if "runtime_error" in test:
        with pytest.raises(CelEvaluationError):
            compile(test["expr"], ())()
        return
    got = compile(test["expr"], ())()
    if "value" in test and test["name"] != "parse":
        assert got == _expected(test["value"])
        assert type(got) is type(_expected(test["value"]))


def _expected(value: Any) -> Any:
    found = _NUMBER.fullmatch(str(value))
    if found is None:
        return value
    return int(found[2]) if found[1] == "Int" else float(found[2])
