"""The expression language: what GitHub documents, and what somebody might send to do harm."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portside.workflows.expression import (
    Binary,
    Call,
    ExpressionError,
    Reference,
    Unary,
    condition,
    fenced,
    only_fence,
    parse,
    walk,
)
from portside.workflows.expression.constant import NotConstantError, evaluate, is_constant
from portside.workflows.expression.flow import (
    alternatives,
    computed_steps,
    constant_parts,
    flowing,
    leaves,
    same,
)
from tests.patience import within


def value(code: str) -> Any:
    return evaluate(parse(code))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("null", None),
        ("false", False),
        ("711", 711.0),
        ("-9.2", -9.2),
        ("0xff", 255.0),
        ("0o17", 15.0),
        ("-2.99e-2", -0.0299),
        (".5", 0.5),
        ("0x80000000", -2147483648.0),
        ("Infinity", math.inf),
        ("'Mona the Octocat'", "Mona the Octocat"),
        ("'It''s open source!'", "It's open source!"),
        ("''", ""),
    ],
)
def test_literals_are_those_that_github_documents(code: str, expected: Any) -> None:
    assert value(code) == expected
    assert type(value(code)) is type(expected)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("contains('Hello world', 'llo')", True),
        ("startsWith('Hello world', 'He')", True),
        ("endsWith('Hello world', 'ld')", True),
        ("ENDSWITH('Hello', 'LO')", True),
        ("format('Hello {0} {1} {2}', 'Mona', 'the', 'Octocat')", "Hello Mona the Octocat"),
        (
            "format('{{Hello {0} {1} {2}!}}', 'Mona', 'the', 'Octocat')",
            "{Hello Mona the Octocat!}",
        ),
        ("join(fromJSON('[\"bug\", \"help wanted\"]'), ', ')", "bug, help wanted"),
        ("toJSON(1)", "1"),
        ("toJSON('a')", '"a"'),
        ("fromJSON('true')", True),
        ("contains(fromJSON('[\"push\", \"pull_request\"]'), 'PUSH')", True),
        ("case(false, 'a', true, 'b', 'c')", "b"),
        ("format('{0}', 1.50)", "1.5"),
        ("format('{0}{1}', true, null)", "true"),
    ],
)
def test_functions_answer_as_github_documents(code: str, expected: Any) -> None:
    assert value(code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("'a' == 'A'", True),
        ("null == 0", True),
        ("true == 1", True),
        ("'' == 0", True),
        ("'1' == 1", True),
        ("'x' == 0", False),
        ("'x' < 1", False),
        ("'a' < 'B'", True),
        ("!'' && 'yes' || 'no'", "yes"),
        ("false || 'default'", "default"),
        ("'' && 'never'", ""),
        ("1 > 2 || true", True),
        ("1 < 2 == true", True),
        ("!true == false", True),
        ("NaN == NaN", False),
        ("(1 == 1) && (2 == 3)", False),
    ],
)
def test_operators_compare_loosely_and_choose_operands(code: str, expected: Any) -> None:
    assert value(code) == expected


def test_and_binds_closer_than_or_and_comparisons_closer_than_both() -> None:
    tree = parse("a || b && c == d")
    assert isinstance(tree, Binary)
    assert tree.sign == "||"
    right = tree.operands[1]
    assert isinstance(right, Binary)
    assert right.sign == "&&"
    assert isinstance(right.operands[1], Binary)
    assert right.operands[1].sign == "=="


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("github.event.issue.title", "github.event.issue.title"),
        ("GitHub['Event'].Issue", "github.event.issue"),
        ("github.event.commits[0].message", "github.event.commits.*.message"),
        ("github.event.commits.*.message", "github.event.commits.*.message"),
        ("github.event.commits[*].message", "github.event.commits.*.message"),
        ("inputs[inputs.name]", "inputs.*"),
        ("steps.a-b_c.outputs.true", "steps.a-b_c.outputs.true"),
        ("fromJSON(x).y", ""),
        ("(a || b).c", ""),
    ],
)
def test_a_reference_knows_its_path_however_it_is_written(code: str, path: str) -> None:
    tree = parse(code)
    assert isinstance(tree, Reference)
    assert tree.path == path


@pytest.mark.parametrize(
    "code",
    [
        *("", "a b", "a.", "a[", "a[0", "(a", "a)", "'a", "a &", "a = b", "a & b", "1.2.3", "0xg"),
        *("foo(1)", "contains('a')", "toJSON()", "case(true, 1)", '"a"', "a ? b : c", "${{ a }}"),
        *("'a'.b", "always(1)", "a..b", ",", "!", "a ||", "#"),
    ],
)
def test_what_is_no_expression_is_refused_with_a_place_in_it(code: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(code)
    assert 0 <= refused.value.offset <= len(code)
    assert refused.value.message


@pytest.mark.parametrize(
    "code",
    [
        "(" * 10_000 + "a" + ")" * 10_000,
        "!" * 20_000 + "a",
        "a" + "[a" * 5_000 + "]" * 5_000,
        "toJSON(" * 2_000 + "a" + ")" * 2_000,
        " == ".join(["a"] * 4_000),
        "a" * 30_000,
    ],
)
def test_what_nests_too_deep_or_is_too_long_is_refused_at_once(code: str) -> None:
    with within(2), pytest.raises(ExpressionError):
        parse(code)


def test_many_operands_of_one_sign_are_no_depth() -> None:
    tree = parse(" || ".join(["a"] * 4_000))
    assert isinstance(tree, Binary)
    assert len(list(flowing(tree))) == 4_000


def test_a_format_that_multiplies_itself_is_given_up() -> None:
    code = "'0123456789'"
    for _ in range(20):
        code = f"format('{{0}}{{0}}{{0}}{{0}}{{0}}', {code})"
    tree = parse(code)
    assert is_constant(tree)
    with pytest.raises(NotConstantError):
        evaluate(tree)


def test_fences_close_behind_texts_that_hold_braces() -> None:
    found = list(fenced("x ${{ '}}' }} y ${{ b }}z ${{ never closed"))
    assert [it.code for it in found] == [" '}}' ", " b "]
    assert found[1].start == 16


def test_only_a_fence_that_is_all_of_the_text_is_the_whole() -> None:
    assert only_fence("${{ a }}") is not None
    for text in ("${{ a }} ", " ${{ a }}", "${{ a }}${{ b }}", "a", "${{ a }", "${{ a }}\n"):
        assert only_fence(text) is None, text


def test_the_fence_of_a_condition_may_be_left_out() -> None:
    assert condition("a == b").code_start == 0
    assert condition(" ${{ a }}").code_start == 4


@pytest.mark.parametrize(
    ("code", "paths"),
    [
        ("a.b", ["a.b"]),
        ("a.b && c.d || e.f", ["c.d", "e.f"]),
        ("a.b == c.d", []),
        ("contains(a.b, c.d)", []),
        ("format('{0}', a.b)", ["a.b"]),
        ("toJSON(a)", ["a"]),
        ("fromJSON(a.b)", []),
        ("fromJSON(a.b).c", [""]),
        ("!a.b", []),
        ("join(a.*.b)", ["a.*.b"]),
    ],
)
def test_only_what_may_become_the_value_flows(code: str, paths: list[str]) -> None:
    assert [it.path for it in flowing(parse(code))] == paths


def test_the_parts_of_an_expression_are_told_apart() -> None:
    tree = parse("a[b.c] == 'x' && format('{0}', 'y') || (d || e)")
    assert len(list(alternatives(tree))) == 3
    assert len(list(leaves(tree))) == 3
    assert len(list(constant_parts(tree))) == 1
    assert len(list(computed_steps(tree))) == 1
    assert any(isinstance(it, Call) for it in walk(tree))
    assert not any(isinstance(it, Unary) for it in walk(tree))


def test_the_order_of_what_may_change_places_is_no_difference() -> None:
    assert same(parse("a == 'x' && b"), parse("B && 'x' == A"))
    assert not same(parse("a < b"), parse("b < a"))
    assert not same(parse("a == '1'"), parse("a == 1"))


@given(st.text(alphabet="ab.[]()'!&|=<>, *0123{}$-", max_size=40))
def test_whatever_is_sent_is_a_tree_or_refused_and_nodes_stand_in_the_text(code: str) -> None:
    try:
        tree = parse(code)
    except ExpressionError:
        return
    for node in walk(tree):
        assert 0 <= node.start < node.end <= len(code)
        assert code[node.start : node.end].strip()
    for node in walk(tree):
        if isinstance(node, Reference) and node.head and not node.steps:
            assert code[node.start : node.end] == node.head
