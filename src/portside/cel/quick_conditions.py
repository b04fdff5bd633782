"""Conditions as statements that jump: the loops of `all` and `exists` are Python's own.

A condition that is false runs a statement of the caller's (a return, a break); one that is true is
fallen through. What stands inside of other operations is an expression: see `quick`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from portside.cel.codegen import load
from portside.cel.tree import Call, Macro, Node
from portside.records import NamedTuple

if TYPE_CHECKING:
    from portside.cel.quick import _Quick

Statements = list[ast.stmt]


class Jump(NamedTuple):
    """What to run, and whether that is still right inside of another loop."""

    statement: ast.stmt
    nests: bool


def body(made: _Quick, node: Node) -> Statements:
    """The statements of a function that gives the value of `node`."""
    if made.certain(node) != "bool" or not _has_loop(made, node):
        return [ast.Return(made.of(node))]
    answer = Jump(ast.Return(ast.Constant(False)), nests=True)
    return [*unless(made, node, answer, wanted=True), ast.Return(ast.Constant(True))]


def unless(made: _Quick, node: Node, jump: Jump, *, wanted: bool) -> Statements:
    """Statements that run `jump` where `node` is not `wanted`, and raise where it is no bool."""
    if _has_loop(made, node):
        if isinstance(node, Macro):
            found = _quantifier(made, node, jump, wanted)
        else:
            assert isinstance(node, Call)  # noqa: S101 - nothing else holds a loop
            found = _operator(made, node, jump, wanted)
        if found is not None:
            return found
    test = made.truth(node)
    return [ast.If(ast.UnaryOp(ast.Not(), test) if wanted else test, [jump.statement], [])]


def _has_loop(made: _Quick, node: Node) -> bool:
    """Whether a loop stands where statements can reach it."""
    if isinstance(node, Macro):
        return node.macro in ("all", "exists") and not made.is_known(node)
    if not isinstance(node, Call) or made.is_known(node):
        return False
    name, _ = made.generator.resolved(node)
    if name not in ("_&&_", "_||_", "!_", "_?_:_"):
        return False
    return any(_has_loop(made, it) for it in node.args)


def _operator(made: _Quick, node: Call, jump: Jump, wanted: bool) -> Statements | None:
    name = node.function
    if name == "!_":
        return unless(made, node.args[0], jump, wanted=not wanted)
    if name == "_?_:_":
        return _choice(made, node, jump, wanted)
    if (name == "_&&_") is wanted:
        return _each(made, node, jump, wanted)
    return _some(made, node.args, jump, wanted)


def _each(made: _Quick, node: Call, jump: Jump, wanted: bool) -> Statements:
    """All operands must be `wanted`."""
    statements = unless(made, node.args[0], jump, wanted=wanted)
    before = dict(made.known)
    for part in node.args[1:]:
        statements += unless(made, part, jump, wanted=wanted)
    made.known = before
    return statements


def _some(made: _Quick, parts: Sequence[Node], jump: Jump, wanted: bool) -> Statements:
    """One of `parts` must be `wanted`: each is asked where those before it are not."""
    first, *rest = parts
    if not rest:
        return unless(made, first, jump, wanted=wanted)
    if isinstance(first, Macro) and _has_loop(made, first) and not _is_every(first, wanted):
        return _loop(made, first, lambda: _some(made, rest, jump, wanted), wanted)
    test = made.truth(first)
    before = dict(made.known)
    inner = _some(made, rest, jump, wanted)
    made.known = before
    return [ast.If(ast.UnaryOp(ast.Not(), test) if wanted else test, inner, [])]


def _choice(made: _Quick, node: Call, jump: Jump, wanted: bool) -> Statements | None:
    condition, then, otherwise = node.args
    if made.certain(then) != "bool" or made.certain(otherwise) != "bool":
        return None
    test = made.truth(condition)
    before = dict(made.known)
    first = unless(made, then, jump, wanted=wanted)
    made.known = dict(before)
    second = unless(made, otherwise, jump, wanted=wanted)
    made.known = before
    return [ast.If(test, first, second)]


def _is_every(node: Macro, wanted: bool) -> bool:
    """Whether every item must answer alike for `node` to be `wanted`."""
    return (node.macro == "all") is wanted


def _quantifier(made: _Quick, node: Macro, jump: Jump, wanted: bool) -> Statements | None:
    if not _is_every(node, wanted):
        return _loop(made, node, lambda: [jump.statement], wanted)
    if not jump.nests:
        return None
    items = _items(made, node)
    variables = [made.temp() for _ in node.names]
    with made.under(node.names, variables, made.is_plain(node.range)):
        inner = unless(made, node.args[0], jump, wanted=wanted)
    return [ast.For(_target(variables), items, inner, [])]


def _loop(
    made: _Quick, node: Macro, otherwise: Callable[[], Statements], wanted: bool
) -> Statements:
    """A loop that ends at the first item that makes `node` `wanted`, else runs `otherwise`."""
    items = _items(made, node)
    variables = [made.temp() for _ in node.names]
    leave = Jump(ast.Break(), nests=False)
    with made.under(node.names, variables, made.is_plain(node.range)):
        inner = unless(made, node.args[0], leave, wanted=not wanted)
    before = dict(made.known)
    missing = otherwise()
    made.known = before
    return [ast.For(_target(variables), items, inner, missing)]


def _items(made: _Quick, node: Macro) -> ast.expr:
    items = made.of(node.range)
    if len(node.names) == 2:
        return made.generator.runtime("pairs", items)
    first, again = made.kept(items)
    is_list = ast.Compare(ast.Call(load("type"), [first], []), [ast.Is()], [load("list")])
    return ast.IfExp(is_list, again, made.generator.runtime("iterate", again))


def _target(variables: list[str]) -> ast.expr:
    stores: list[ast.expr] = [ast.Name(it, ast.Store()) for it in variables]
    return stores[0] if len(stores) == 1 else ast.Tuple(stores, ast.Store())
