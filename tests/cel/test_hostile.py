"""Expressions made to hurt end in an error with a place, within a second."""

from __future__ import annotations

from typing import Any

import pytest

from portside.cel import (
    CelError,
    CelSyntaxError,
    CelUndecidedError,
    compile,  # noqa: A004 - the word of the trade
)
from portside.cel.dialect import walk
from portside.cel.library import core
from portside.cel.library.patterns import in_python
from portside.cel.parser import parse
from portside.cel.tree import Call, Literal
from portside.model.kinds import is_kubernetes
from portside.policy.checkout import builtin_rules
from tests.patience import within

DEEP = [
    "(" * 300 + "1" + ")" * 300,
    "[" * 5000 + "]" * 5000,
    "!(" * 300 + "true" + ")" * 300,
    "+".join(["1"] * 5000),
    "x" + ".a" * 5000,
    "x" + "[0]" * 5000,
    "'a'" + ".trim()" * 5000,
    "true ? 1 : " * 5000 + "1",
    "{'a': " * 5000 + "1" + "}" * 5000,
    "[1].map(x, " * 1000 + "1" + ")" * 1000,
    "'" + "a" * 100_001 + "'",
]


@pytest.mark.parametrize("source", DEEP, ids=lambda it: it[:20])
def test_what_is_too_deep_or_too_long_is_a_syntax_error(source: str) -> None:
    with within(5), pytest.raises(CelSyntaxError) as found:
        compile(source, ["x"])
    assert found.value.line == 1


@pytest.mark.parametrize(
    "source",
    [
        *("(" * 249 + "1 == 1" + ")" * 249, "+".join(["1"] * 249) + " == 249"),
        *("!(" * 200 + "true" + ")" * 200, " && ".join(["x == 1"] * 3000)),
        *("(1 + " * 120 + "1" + ")" * 120 + " == 121", "x == 2 ? false : " * 100 + "true"),
        "[1].all(x, " * 60 + "x == 1" + ")" * 60,
    ],
    ids=lambda it: it[:20],
)
@pytest.mark.parametrize("limit", [None, 10**6])
def test_what_kubernetes_allows_is_evaluated(source: str, limit: int | None) -> None:
    assert compile(source, ["x"], cost_limit=limit)(x=1) is True


def test_nested_loops_and_conditions_have_no_bound_of_pythons() -> None:
    source = "x == 1"
    for number in range(60):
        source = f"({source} && [x].exists(v{number}, v{number}.missing || x == {number})) || x.y"
    program = compile(source, ["x"])
    with pytest.raises(CelError):
        program(x=5)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("x.all(a, x.all(b, x.all(c, x.all(d, a + b + c + d >= 0))))", list(range(1000))),
        ("lists.range(1000000).map(i, i).size() > 0", None),
        ("x.map(a, x.map(b, x)).size() > 0", list(range(2000))),
        ("x.sort().distinct().size() > 0", list(range(5000))),
    ],
)
def test_work_without_end_ends_at_the_cost_limit(source: str, value: Any) -> None:
    with within(5), pytest.raises(CelError, match="cost limit exceeded"):
        compile(source, ["x"], cost_limit=1_000_000)(x=value)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("x.replace('', x).replace('', x).size() > 0", "a" * 3000),
        ("x.replace('a', x).size() > 0", "a" * 100_000),
        ("[x].map(v, v + v)[0]".replace("v + v", "+".join(["v"] * 200)), "a" * 100_000),
        ("x" + ".map(v, x)" * 3 + ".size() > 0", []),
        ("[x]" + ".map(v, v + v)" * 40, [1]),
        ("[x]" + ".map(v, v + v)" * 40, "a"),
        ("lists.range(1000000).map(i, x).join(x).size() > 0", "a" * 1000),
        ("lists.range(10000000000).size() > 0", None),
    ],
)
@pytest.mark.parametrize("limit", [None, 1_000_000])
def test_no_value_grows_without_bound(source: str, value: Any, limit: int | None) -> None:
    program = compile(source, ["x"], cost_limit=limit)
    if value == []:
        assert program(x=value) is False
        return
    with within(5), pytest.raises(CelError, match=r"longer than|more than|cost limit"):
        program(x=value)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(a*)*b", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_no_pattern_backtracks(pattern: str) -> None:
    program = compile("x.matches(pattern)", ["x", "pattern"])
    with within(2):
        assert program(x="a" * 20_000 + "!", pattern=pattern) is False


def test_a_pattern_is_undecided_where_no_linear_engine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "re2", None)
    monkeypatch.setattr(core, "_PATTERNS", {})
    program = compile("x.matches('(a+)+$') || y", ["x", "y"])
    with pytest.raises(CelUndecidedError, match="google-re2"):
        program(x="aaa", y=False)
    assert program(x="aaa", y=True) is True
    assert compile("x.matches('^[a-z0-9-]+$')", ["x"])(x="abc-1") is True


def test_rules_about_what_every_scan_meets_need_no_other_engine() -> None:
    patterns = []
    for rule in builtin_rules():
        if any(map(_is_seldom_met, rule.text.kinds)):
            continue
        for check in rule.checks:
            for node in walk(parse(check.condition)):
                if isinstance(node, Call) and node.function in ("matches", "find", "findAll"):
                    patterns += [it for it in node.args if isinstance(it, Literal)]
    assert [it.value for it in patterns if in_python(str(it.value)) is None] == []


def _is_seldom_met(kind: str) -> bool:
    """Custom kinds, and admission policies."""
    group = kind.rpartition("/")[0]
    return not is_kubernetes(group) or group == "admissionregistration.k8s.io"


@pytest.mark.parametrize("text", ["^[a-z0-9-]+$", "^/dev/(sd|nvme)", "a.b", r"\.local$", "[^a]"])
def test_a_pattern_means_the_same_in_python(text: str) -> None:
    import re2

    made = in_python(text)
    if made is None:
        return
    for sample in ("", "abc-1", "abc\n", "/dev/sda", "x.local", "x.local\n", "a\nb", "é", "A"):
        assert (made.search(sample) is None) == (re2.search(text, sample) is None), sample
