"""Random expressions of the full language mean what they mean to Google's C++ implementation.

What that one is known to do otherwise is left out by name, each with the reason.
"""

from __future__ import annotations

import os
import re
from typing import Any

import pytest

from portside.cel import (
    CelError,
    CelEvaluationError,
    compile,  # noqa: A004 - the word of the trade
)
from portside.cel.values import Uint
from tests.cel.expressions import Expressions

cpp = pytest.importorskip("cel_expr_python.cel")
strings = pytest.importorskip("cel_expr_python.ext.ext_strings")
mathematics = pytest.importorskip("cel_expr_python.ext.ext_math")

_NUMBERS = re.compile(r"'_[<>]=?_' applied to '\((?:int|uint|double), (?:int|uint|double)\)'")
"""Comparisons of two types of numbers, which its checker refuses; they are an option of cel-go."""
COUNT = 1_000
FACTOR = int(os.environ.get("PORTSIDE_FUZZ", "1"))
SEED = int(os.environ.get("PORTSIDE_SEED", "20260728"))
TYPES = {
    **{"x": "dyn", "i": "int", "d": "double", "s": "string", "t": "bool"},
    **{"li": "list(int)", "ls": "list(string)", "m": "map(string, int)"},
}
VALUES: dict[str, Any] = {
    **{"i": 42, "d": 1.5, "s": "héllo wörld", "t": True, "li": [3, 1, 2, 2], "ls": ["b", "a", "c"]},
    **{"m": {"a": 1, "b": 2}, "x": {"a": {"b": [1, "x", None]}, "n": 5}},
}
PATHS = ("x", "x.a", "x.a.b", "x.a.b[0]", "x.n", "x.nope", "x.a.b[7]")
_APART = re.compile(
    # Libraries that it lacks, or has in an edition of its own.
    r"optional|\.\?|\[\?|[?]'|orValue|optMap|optFlatMap|unwrap|\.or\(|hasValue|\.value\(|\.first\("
    r"|\.last\(|lists\.|sets\.|\.(?:sort|sortBy|distinct|slice|flatten|includes|isSorted|sum|min|max)\("
    r"|format|quote|transform|\(k, w|existsOne|base64|ip\(|cidr|is(?:IP|CIDR|URL)"
    r"|quantity|semver|Semver"
    r"|url\(|net\.|find|Quantity|family|masked|prefixLength|isMask|reverse|math\."
    # Places in texts: it has cel-go's newer rules.
    r"|indexOf|lastIndexOf|charAt|substring"
    # It reads times and zones by its own rules, and prints doubles in its own way.
    r"|timestamp|duration|get[A-Z]|string\(|double\('|bytes\("
    # It refuses keys by other rules, and types are values of its own.
    r"|type\(|\{|\bnull\b|\bint\b(?!\()|\blist\b|\bmap\b|null_type"
    # What is unknown of an empty list it finds out by another order of the overloads.
    r"|\[\]|google\.protobuf"
    # Maps have no order, and it makes numbers of bools.
    r"|\bm\)*\.|(?:int|uint|double)\((?:dyn|\()|\.(?:is|has)[A-Z]"
    # Literals beyond a double, and comparisons of whole numbers beyond 2^53 with doubles.
    r"|1e400|isCanonical|9007199254740993|9223372036854775807|18446744073709551615|1e308|1e21"
)


def plain(value: Any) -> Any:
    """A value as the other implementation gives it; doubles by their digits."""
    if isinstance(value, list):
        return [plain(it) for it in value]
    if type(value) is Uint:
        return int(value)
    if type(value) is bytes:
        return bytearray(value)
    return repr(value) if type(value) is float else value


def theirs(environment: Any, expression: str) -> tuple[str, Any]:
    try:
        value = environment.compile(expression).eval(data=VALUES)
    except Exception as error:  # noqa: BLE001 - it raises whatever its C++ half does
        return ("refused", str(error))
    if value.type().name() == "ERROR":
        return ("error", None)
    return ("value", plain(value.plain_value()))


def ours(expression: str) -> tuple[str, Any]:
    try:
        program = compile(expression, TYPES, dialect="cel")
    except CelError as error:
        return ("refused", str(error))
    try:
        return ("value", plain(program(**VALUES)))
    except CelEvaluationError:
        return ("error", None)


def test_random_expressions_mean_what_they_mean_to_another_implementation() -> None:
    kinds = {
        **{"dyn": cpp.Type.DYN, "int": cpp.Type.INT, "double": cpp.Type.DOUBLE},
        **{
            "string": cpp.Type.STRING,
            "bool": cpp.Type.BOOL,
            "list(int)": cpp.Type.List(cpp.Type.INT),
        },
        "list(string)": cpp.Type.List(cpp.Type.STRING),
        "map(string, int)": cpp.Type.Map(cpp.Type.STRING, cpp.Type.INT),
    }
    variables = {name: kinds[kind] for name, kind in TYPES.items()}
    extensions = [strings.ExtStrings(), mathematics.ExtMath()]
    environment = cpp.NewEnv(variables=variables, extensions=extensions)
    source = Expressions(SEED, TYPES, PATHS)
    compared = 0
    while compared < COUNT * FACTOR:
        expression = source.expression()
        if _APART.search(expression):
            continue
        compared += 1
        mine, other = ours(expression), theirs(environment, expression)
        if other[0] == "refused" and _NUMBERS.search(other[1]):
            continue
        assert mine[0] == other[0], (expression, mine, other)
        if mine[0] == "value":
            assert mine[1] == other[1], (expression, mine, other)
