"""What an expression without contexts comes to.

Source: GitHub's reference, "Operators", "Literals" and "Functions".
"""

from __future__ import annotations

import json
import math
from typing import Any

from portside.workflows.expression.lexer import LONGEST, number
from portside.workflows.expression.tree import Binary, Call, Literal, Node, Unary

_PURE = frozenset(("contains", "startswith", "endswith", "format", "tojson", "join"))
"""Functions whose value is known where their arguments' are. `fromJSON` is left out: what it makes
is often gone into with steps, and no one would write it shorter."""


class NotConstantError(Exception):
    """Its value is known at run time only, or is no value at all."""


def is_constant(node: Node) -> bool:
    """Whether `node` is written with literals and pure functions alone."""
    if isinstance(node, Literal):
        return True
    if isinstance(node, Binary):
        return all(map(is_constant, node.operands))
    if isinstance(node, Unary):
        return is_constant(node.operand)
    if isinstance(node, Call):
        return node.name in _PURE and all(map(is_constant, node.arguments))
    return False


def evaluate(node: Node) -> Any:
    """The value of `node`: None, bool, float, str, list or dict. Raises NotConstantError."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Unary):
        return not truthy(evaluate(node.operand))
    if isinstance(node, Binary):
        return _binary(node)
    if isinstance(node, Call) and node.name in _FUNCTIONS:
        value = _FUNCTIONS[node.name]([evaluate(it) for it in node.arguments])
        if isinstance(value, str) and len(value) > LONGEST:
            raise NotConstantError("a text beyond the limit")
        return value
    raise NotConstantError("known at run time only")


def truthy(value: Any) -> bool:
    if isinstance(value, list | dict):
        return True
    if isinstance(value, float) and math.isnan(value):
        return False
    return bool(value)


def shown(value: Any) -> str:
    """`value` as it is put in place of its expression."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return "Array" if isinstance(value, list) else "Object"
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return str(int(value)) if value.is_integer() else f"{value:.15g}"


def _binary(node: Binary) -> Any:
    if node.sign in ("&&", "||"):
        value: Any = None
        for operand in node.operands:
            value = evaluate(operand)
            if truthy(value) is (node.sign == "||"):
                break
        return value
    left, right = (evaluate(it) for it in node.operands)
    if node.sign in ("==", "!="):
        return _equal(left, right) is (node.sign == "==")
    return _ordered(node.sign, left, right)


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return _upper(left) == _upper(right)
    if isinstance(left, list | dict) or isinstance(right, list | dict):
        return left is right
    if type(left) is type(right):
        return bool(left == right)
    return _number(left) == _number(right)


def _ordered(sign: str, left: Any, right: Any) -> bool:
    a: Any
    b: Any
    if isinstance(left, str) and isinstance(right, str):
        a, b = _upper(left), _upper(right)
    else:
        a, b = _number(left), _number(right)
    if sign in ("<", "<="):
        return bool(a < b or (sign == "<=" and a == b))
    return bool(a > b or (sign == ">=" and a == b))


def _upper(text: str) -> str:
    """As the runner compares: without case, but for the dotless i."""
    return "\u0131".join(part.upper() for part in text.split("\u0131"))


def _number(value: Any) -> float:
    if isinstance(value, str):
        return number(value)
    if isinstance(value, list | dict):
        return math.nan
    return float(value or 0)


def _contains(given: list[Any]) -> bool:
    where, what = given
    if isinstance(where, list):
        return any(_equal(it, what) for it in where)
    if isinstance(where, dict) or isinstance(what, list | dict):
        return False
    return shown(what).upper() in shown(where).upper()


def _starts(given: list[Any]) -> bool:
    return not _compound(given) and _upper(shown(given[0])).startswith(_upper(shown(given[1])))


def _ends(given: list[Any]) -> bool:
    return not _compound(given) and _upper(shown(given[0])).endswith(_upper(shown(given[1])))


def _compound(given: list[Any]) -> bool:
    return any(isinstance(it, list | dict) for it in given)


def _format(given: list[Any]) -> str:
    """`{0}` is the first argument behind the text, `{{` a brace."""
    template, parts = shown(given[0]), list[str]()
    at = 0
    while at < len(template):
        character = template[at]
        if character not in "{}":
            parts.append(character)
            at += 1
        elif template.startswith(character * 2, at):
            parts.append(character)
            at += 2
        else:
            close = template.find("}", at)
            digits = template[at + 1 : close] if character == "{" and close > at else ""
            if not (digits.isascii() and digits.isdigit()) or int(digits[:4]) + 1 >= len(given):
                raise NotConstantError("no format")
            parts.append(shown(given[int(digits[:4]) + 1]))
            at = close + 1
    return "".join(parts)


def _join(given: list[Any]) -> str:
    between = shown(given[1]) if len(given) > 1 else ","
    if isinstance(given[0], list):
        return between.join(shown(it) for it in given[0])
    return "" if isinstance(given[0], dict) else shown(given[0])


def _to_json(given: list[Any]) -> str:
    value = given[0]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, indent=2, ensure_ascii=False)


def _from_json(given: list[Any]) -> Any:
    try:
        return json.loads(shown(given[0]), parse_int=float)
    except (ValueError, RecursionError) as error:
        raise NotConstantError("no JSON") from error


def _case(given: list[Any]) -> Any:
    for at in range(0, len(given) - 1, 2):
        if not isinstance(given[at], bool):
            raise NotConstantError("case decides by what is true or false alone")
        if given[at]:
            return given[at + 1]
    return given[-1]


_FUNCTIONS = {
    "contains": _contains,
    "startswith": _starts,
    "endswith": _ends,
    "format": _format,
    "join": _join,
    "tojson": _to_json,
    "fromjson": _from_json,
    "case": _case,
}
