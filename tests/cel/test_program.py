"""What `portside.cel` promises to those who use it by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from portside.cel import (
    CelError,
    CelEvaluationError,
    CelSyntaxError,
    CelTypeError,
    CelUndecidedError,
    compile,  # noqa: A004 - the word of the trade
)
from portside.cel.kubernetes.authorizer import AUTHORIZER
from portside.cel.values import Uint


def test_names_without_types_are_dyn() -> None:
    program = compile("object.spec.replicas > minimum", ["object", "minimum"])
    assert program(object={"spec": {"replicas": 3}}, minimum=2) is True
    assert program.result_type == "bool"


def test_names_with_types_are_checked() -> None:
    assert compile("a + b", {"a": "int", "b": "int"})(a=1, b=2) == 3
    with pytest.raises(CelTypeError, match="no matching overload"):
        compile("a + b", {"a": "int", "b": "string"})
    with pytest.raises(CelTypeError):
        compile("a", {"a": "list(int"})


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("a +", 1, 4),
        ("a\n&& 'b", 2, 4),
        ("(a", 1, 3),
        ("a b", 1, 3),
        ("'\\q'", 1, 2),
        ("1 +\n 99999999999999999999", 2, 2),
    ],
)
def test_a_syntax_error_has_its_place(source: str, line: int, column: int) -> None:
    with pytest.raises(CelSyntaxError) as found:
        compile(source, ["a"])
    assert (found.value.line, found.value.column) == (line, column)


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [("a &&\n  missing", 2, 3), ("a &&\n1", 2, 1), ("size(\n1)", 1, 1), ("[1,\n 'a']", 2, 2)],
)
def test_a_type_error_has_its_place(source: str, line: int, column: int) -> None:
    with pytest.raises(CelTypeError) as found:
        compile(source, ["a"])
    assert (found.value.line, found.value.column) == (line, column)


@pytest.mark.parametrize(
    ("source", "line", "column", "says"),
    [
        ("a.b\n.c", 2, 1, "no such key: c"),
        ("1 +\n1 / a.zero", 2, 3, "division by zero"),
        ("a.list[\n9]", 1, 7, "out of bounds"),
        ("true\n && a.b", 2, 2, "no such overload"),
        ("[1].all(x,\n x / a.zero == 1)", 2, 4, "division by zero"),
    ],
)
@pytest.mark.parametrize("limit", [None, 10_000])
def test_an_evaluation_error_has_its_place(
    source: str, line: int, column: int, says: str, limit: int | None
) -> None:
    program = compile(source, ["a"], cost_limit=limit)
    with pytest.raises(CelEvaluationError, match=says) as found:
        program(a={"b": {}, "zero": 0, "list": []})
    assert found.value.line == line
    assert found.value.column in (column, column - 1)


def test_a_variable_without_a_value_is_an_evaluation_error() -> None:
    with pytest.raises(CelEvaluationError, match="no such attribute: b"):
        compile("a || b", ["a", "b"])(a=True)


def test_every_error_is_a_cel_error() -> None:
    kinds = (CelSyntaxError, CelTypeError, CelEvaluationError, CelUndecidedError)
    assert all(issubclass(kind, CelError) for kind in kinds)
    assert issubclass(CelUndecidedError, CelEvaluationError)


def test_a_dialect_or_version_that_does_not_exist_is_refused() -> None:
    with pytest.raises(CelTypeError, match="no such dialect"):
        compile("1", (), dialect="sql")
    with pytest.raises(CelTypeError, match="not a Kubernetes version"):
        compile("1", (), version="latest")


@pytest.mark.parametrize(
    ("source", "kubernetes"),
    [
        ("cel.bind(x, 1, x + x)", False),
        ("[1, 'a']", False),
        ("math.abs(-1)", False),
        ("isURL('a')", True),
    ],
)
def test_the_dialects_differ(source: str, kubernetes: bool) -> None:
    if kubernetes:
        compile(source, ())
        with pytest.raises(CelTypeError):
            compile(source, (), dialect="cel")
    else:
        compile(source, (), dialect="cel")
        with pytest.raises(CelTypeError):
            compile(source, ())


def test_a_program_is_shared_between_threads() -> None:
    program = compile(
        "object.items.filter(i, i % divisor == 0).map(i, i * 2).size() == count"
        " && object.n.all(x, x > 0)",
        ["object", "divisor", "count"],
    )
    limited = compile("object.items.map(i, i + divisor)", ["object", "divisor"], cost_limit=10**6)

    def ask(number: int) -> tuple[Any, Any]:
        items = list(range(100))
        divisor = number % 7 + 1
        count = len([it for it in items if it % divisor == 0])
        value = {"items": items, "n": [1] if number % 2 else [0]}
        return program(object=value, divisor=divisor, count=count), limited(
            object=value, divisor=number
        )

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(800)))
    assert [it[0] for it in answers] == [bool(number % 2) for number in range(800)]
    assert all(it[1] == [number + at for at in range(100)] for number, it in enumerate(answers))


def test_an_evaluation_changes_nothing_that_it_is_given() -> None:
    value = {"a": [1, 2], "b": {"c": 3}}
    program = compile(
        "[dyn(x.a + [3]), dyn(x.a.map(i, i + 1)), dyn({'d': x.b}), dyn(x.a.sort())]", ["x"]
    )
    program(x=value)
    assert value == {"a": [1, 2], "b": {"c": 3}}


def test_a_cost_limit_ends_an_evaluation() -> None:
    source = "[1, 2, 3].all(x, [1, 2, 3].all(y, x + y < 10))"
    cost = compile(source, ()).cost()
    assert compile(source, (), cost_limit=cost)() is True
    with pytest.raises(CelEvaluationError, match="cost limit exceeded"):
        compile(source, (), cost_limit=cost - 1)()


def test_the_limit_counts_in_the_full_language_too() -> None:
    assert compile("cel.bind(x, [1, 2], x.size())", (), dialect="cel", cost_limit=100)() == 2
    with pytest.raises(CelEvaluationError, match="cost limit exceeded"):
        compile("lists.range(1000).map(x, x)", (), dialect="cel", cost_limit=100)()


def test_an_authorizer_is_undecided_outside_a_cluster() -> None:
    variables = {"authorizer": "kubernetes.authorization.Authorizer", "x": "dyn"}
    source = "x == 1 || authorizer.group('apps').resource('deployments').check('create').allowed()"
    program = compile(source, variables)
    assert program(authorizer=AUTHORIZER, x=1) is True
    with pytest.raises(CelUndecidedError, match="authorizer"):
        program(authorizer=AUTHORIZER, x=2)


def test_unsigned_numbers_stay_unsigned() -> None:
    got = compile("1u + 2u", ())()
    assert type(got) is Uint
    assert got == 3


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ("v.a || v.b", {"b": True}, True),
        ("v.b || v.a", {"b": True}, True),
        ("v.a && v.b", {"b": False}, False),
        ("v.l.exists(x, x.y)", {"l": [{}, {"y": True}]}, True),
        ("v.l.all(x, x.y)", {"l": [{}, {"y": False}]}, False),
    ],
)
@pytest.mark.parametrize("limit", [None, 10_000])
def test_errors_are_absorbed_where_another_operand_decides(
    source: str, value: Any, expected: bool, limit: int | None
) -> None:
    assert compile(source, ["v"], cost_limit=limit)(v=value) is expected
