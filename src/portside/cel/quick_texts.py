"""Calls on texts that nearly every policy makes, as Python's own: see `quick`.

What is no text goes to the function itself, which raises or has another form for it.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from portside.cel.codegen import load
from portside.cel.tree import Call, Index, Literal, Node

if TYPE_CHECKING:
    from portside.cel.quick import _Quick

_TESTS = {"startsWith": "starts_with", "endsWith": "ends_with", "contains": "contains"}
_FINDERS = {"indexOf": "find", "lastIndexOf": "rfind"}
_SHORT = 12
"""Nodes of a Python expression that may be written twice."""


def equality(made: _Quick, left: Node, right: Node, *, same: bool) -> ast.expr:
    """Whether two values that are no literals are equal: a text equals nothing but its like."""
    operator: ast.cmpop = ast.Eq() if same else ast.NotEq()
    one, other = made.of(left), made.of(right)
    if made.certain(left) == made.certain(right) == "string":
        return ast.Compare(one, [operator], [other])
    function = "eq" if same else "ne"
    if sum(1 for _ in ast.walk(other)) > _SHORT:
        return made.generator.runtime(function, one, other)
    first, again = made.kept(one)
    slow = made.generator.runtime(function, again, other)
    return ast.IfExp(_is_text(first), ast.Compare(again, [operator], [other]), slow)


def call(made: _Quick, node: Call, name: str, args: Sequence[Node]) -> ast.expr | None:
    """A question about a text, a place in it, or what stands behind one; None for other calls."""
    text, part = args
    if name in _TESTS:
        return _test(made, name, text, part)
    if name in _FINDERS and _is_part(part):
        test, kept = made.typed(text, "str")
        otherwise = made.generator.called(node, name, [kept, made.of(part)], True)
        return ast.IfExp(test, _found(name, kept, part), otherwise)
    if name == "substring":
        return _behind(made, text, part)
    return None


def _test(made: _Quick, name: str, text: Node, part: Node) -> ast.expr:
    if made.certain(text) == "string":
        return _asked(name, made.of(text), made.of(part))
    test, kept = made.typed(text, "str")
    # What is no text raises, whatever the part is.
    raises = made.generator.imported("library.core", _TESTS[name], kept, ast.Constant(""))
    return ast.IfExp(test, _asked(name, kept, made.of(part)), raises)


def _asked(name: str, text: ast.expr, part: ast.expr) -> ast.expr:
    if name == "contains":
        return ast.Compare(part, [ast.In()], [text])
    method = ast.Attribute(text, name.lower(), ast.Load())
    return ast.Call(method, [part], [])


def _behind(made: _Quick, text: Node, start: Node) -> ast.expr | None:
    """`text.substring(text.indexOf("x") + 1)`: the whole where there is no such part."""
    place = _behind_place(made, start)
    if place is None:
        return None
    name, target = made.generator.resolved(place)
    if name not in _FINDERS or target is None or len(place.args) != 1:
        return None
    if made.repeated.key(target) != made.repeated.key(text) or not _is_part(place.args[0]):
        return None
    test, kept = made.typed(text, "str")
    begin = ast.BinOp(_found(name, kept, place.args[0]), ast.Add(), ast.Constant(1))
    rest = ast.Subscript(kept, ast.Slice(begin), ast.Load())
    raises = made.generator.imported("library.strings", "substring", kept, ast.Constant(0))
    return ast.IfExp(test, rest, raises)


def _behind_place(made: _Quick, node: Node) -> Call | None:
    """The call in `call + 1`, if nothing of it was computed before."""
    if isinstance(node, Call) and node.function == "_+_" and _is_number(node.args[1], 1):
        place = node.args[0]
        if isinstance(place, Call) and not made.is_known(node) and not made.is_known(place):
            return place
    return None


def first_part(made: _Quick, node: Index) -> ast.expr | None:
    """`text.split("x")[0]` without the list; None for other nodes."""
    parts = node.operand
    if not isinstance(parts, Call) or not _is_number(node.at, 0):
        return None
    name, text = made.generator.resolved(parts)
    if name != "split" or text is None or len(parts.args) != 1 or not _is_part(parts.args[0]):
        return None
    if made.is_known(parts) or made.repeated.is_worth_keeping(made.repeated.key(parts)):
        return None
    test, kept = made.typed(text, "str")
    pieces = _method(kept, "partition", parts.args[0])
    raises = made.generator.imported("library.strings", "split", kept, ast.Constant(""))
    first = ast.Subscript(pieces, ast.Constant(0), ast.Load())
    return ast.IfExp(test, first, raises)


def _found(name: str, text: ast.expr, part: Node) -> ast.expr:
    return _method(text, _FINDERS[name], part)


def _method(text: ast.expr, name: str, part: Node) -> ast.expr:
    assert isinstance(part, Literal)  # noqa: S101 - asked before
    constant = ast.Constant(part.value)  # type: ignore[arg-type]
    return ast.Call(ast.Attribute(text, name, ast.Load()), [constant], [])


def _is_text(value: ast.expr) -> ast.expr:
    return ast.Compare(ast.Call(load("type"), [value], []), [ast.Is()], [load("str")])


def _is_part(node: Node) -> bool:
    return isinstance(node, Literal) and node.kind == "string" and bool(node.value)


def _is_number(node: Node, number: int) -> bool:
    return isinstance(node, Literal) and node.kind == "int" and node.value == number
