"""Records: maps whose fields are computed when they are read, and may not be known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portside.cel import CelEvaluationError, CelUndecidedError, compile  # noqa: A004
from portside.cel.record import Record

Value = Callable[..., Any]


@pytest.fixture(params=[None, 10_000], ids=["uncounted", "counted"])
def value(request: pytest.FixtureRequest) -> Value:
    """Evaluates an expression: the uncounted and the counted evaluation are of different code."""

    def evaluate(source: str, **bindings: Any) -> Any:
        names = dict.fromkeys(bindings, "dyn")
        return compile(source, names, cost_limit=request.param)(**bindings)

    return evaluate


def fails() -> Any:
    raise CelEvaluationError("division by zero")


def test_a_field_is_computed_only_when_it_is_read_and_once(value: Value) -> None:
    asked: list[int] = []

    def costly() -> int:
        asked.append(1)
        return 7

    variables = Record("variables", {}, lazy={"costly": costly, "wrong": fails})
    assert value("true || variables.wrong", variables=variables) is True
    assert not asked
    assert value("variables.costly + variables.costly", variables=variables) == 14
    assert asked == [1]


def test_an_error_of_a_field_is_the_error_of_who_reads_it(value: Value) -> None:
    variables = Record("variables", {}, lazy={"wrong": fails})
    for _ in range(2):
        with pytest.raises(CelEvaluationError, match="division by zero"):
            value("variables.wrong == 1", variables=variables)


def test_what_is_not_known_is_undecided_and_may_not_matter(value: Value) -> None:
    request = Record("request", {"name": "a"}, unknown=["userInfo"])
    assert value("request.name == 'a' || request.userInfo.username == 'b'", request=request)
    with pytest.raises(CelUndecidedError, match=r"request\.userInfo is not known here"):
        value("request.userInfo.username == 'b'", request=request)
    with pytest.raises(CelUndecidedError):
        value("has(request.userInfo)", request=request)


def test_a_field_is_there_or_not(value: Value) -> None:
    request = Record("request", {"name": "a"})
    assert value("has(request.name) && !has(request.namespace)", request=request) is True
    assert value("request.?name.orValue('') + request.?other.orValue('b')", request=request) == "ab"
    with pytest.raises(CelEvaluationError, match="no such key: other"):
        value("request.other", request=request)


def test_of_an_open_ended_record_everything_else_is_unknown(value: Value) -> None:
    metadata = Record("namespaceObject.metadata", {"name": "a"}, open_ended=True)
    assert value("m.name", m=metadata) == "a"
    with pytest.raises(CelUndecidedError):
        value("m.?labels.hasValue()", m=metadata)
