"""Comprehensions and the other macros as parts of one Python expression: see `quick`."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from portside.cel.codegen import load
from portside.cel.tree import Call, Ident, ListLiteral, Literal, Macro, Node

if TYPE_CHECKING:
    from portside.cel.quick import _Quick


def macro(made: _Quick, node: Macro) -> ast.expr:
    """The value of the macro `node`."""
    if node.macro in ("optMap", "optFlatMap"):
        return _optional(made, node)
    if node.macro in ("bind", "block"):
        return _bound(made, node)
    if node.macro == "sortBy":
        return _sorted(made, node)
    return _comprehension(made, node, made.of(node.range), made.is_plain(node.range))


def _comprehension(made: _Quick, node: Macro, items: ast.expr, plain: bool) -> ast.expr:
    variables = [made.temp() for _ in node.names]
    walk = "pairs" if len(variables) == 2 else "iterate"
    first: list[ast.expr] = []
    texts = _one_of(made, node)
    if texts is not None and not isinstance(items, ast.Name):
        kept, items = made.kept(items)
        first.append(kept)
    elif any(isinstance(it, ast.NamedExpr) for it in ast.walk(items)):
        # Python takes no assignment in what a comprehension runs over.
        kept, items = made.kept(items)
        first.append(kept)
    over = made.generator.runtime(walk, items)
    with made.under(node.names, variables, plain):
        stores: list[ast.expr] = [ast.Name(it, ast.Store()) for it in variables]
        target = stores[0] if len(stores) == 1 else ast.Tuple(stores, ast.Store())
        loop = ast.comprehension(target, over, [], 0)
        value = _EMITTERS[node.macro](made, node, loop, variables)
    if texts is not None:
        value = _meets(made, texts, items, value)
    return _last([*first, value])


def _last(parts: Sequence[ast.expr]) -> ast.expr:
    """The last of `parts`, all of which are computed in their order."""
    if len(parts) == 1:
        return parts[0]
    at = ast.UnaryOp(ast.USub(), ast.Constant(1))
    return ast.Subscript(ast.Tuple(list(parts), ast.Load()), at, ast.Load())


def _quantified(made: _Quick, node: Macro, loop: ast.comprehension, _: list[str]) -> ast.expr:
    test = ast.GeneratorExp(made.truth(node.args[0]), [loop])
    return ast.Call(load("all" if node.macro == "all" else "any"), [test], [])


def _one_of(made: _Quick, node: Macro) -> list[Node] | None:
    """The texts of `list.exists(it, it in ["a", "b"])`; None for other comprehensions."""
    test = node.args[0] if node.macro == "exists" and len(node.names) == 1 else None
    if not isinstance(test, Call) or test.function != "_in_" or not made.is_plain(node.range):
        return None
    item, among = test.args
    if not isinstance(item, Ident) or item.name != node.names[0]:
        return None
    if not isinstance(among, ListLiteral) or not among.elements:
        return None
    texts = [it for it, optional in among.elements if not optional]
    if len(texts) < len(among.elements) or not all(_is_text(it) for it in texts):
        return None
    return texts


def _is_text(node: Node) -> bool:
    return isinstance(node, Literal) and node.kind == "string"


def _meets(made: _Quick, texts: list[Node], items: ast.expr, slow: ast.expr) -> ast.expr:
    """Whether one of `items`, if they are a list, is one of `texts`.

    What cannot be in a set raises, so that the condition itself decides.
    """
    is_list = ast.Compare(ast.Call(load("type"), [items], []), [ast.Is()], [load("list")])
    disjoint = ast.Attribute(ast.Set([made.of(it) for it in texts]), "isdisjoint", ast.Load())
    return ast.IfExp(is_list, ast.UnaryOp(ast.Not(), ast.Call(disjoint, [items], [])), slow)


def _exactly_one(made: _Quick, node: Macro, loop: ast.comprehension, _: list[str]) -> ast.expr:
    test = ast.ListComp(made.truth(node.args[0]), [loop])
    total = ast.Call(ast.Attribute(test, "count", ast.Load()), [ast.Constant(True)], [])
    return ast.Compare(total, [ast.Eq()], [ast.Constant(1)])


def _filtered(made: _Quick, node: Macro, loop: ast.comprehension, variables: list[str]) -> ast.expr:
    loop.ifs = [made.truth(node.args[0])]
    return ast.ListComp(load(variables[0]), [loop])


def _mapped(made: _Quick, node: Macro, loop: ast.comprehension, _: list[str]) -> ast.expr:
    *tests, value = node.args
    loop.ifs = [made.truth(it) for it in tests]
    return ast.ListComp(made.of(value), [loop])


def _mapping(made: _Quick, node: Macro, loop: ast.comprehension, variables: list[str]) -> ast.expr:
    *tests, value = node.args
    loop.ifs = [made.truth(it) for it in tests]
    pair = ast.Tuple([load(variables[0]), made.of(value)], ast.Load())
    return made.generator.runtime("make_map", ast.ListComp(pair, [loop]))


def _entries(made: _Quick, node: Macro, loop: ast.comprehension, _: list[str]) -> ast.expr:
    *tests, value = node.args
    loop.ifs = [made.truth(it) for it in tests]
    entry = made.temp()
    inner: ast.expr = made.generator.runtime("entries", made.of(value))
    if any(isinstance(it, ast.NamedExpr) for it in ast.walk(inner)):
        kept, inner = made.kept(inner)
        loop.ifs.append(_last([kept, ast.Constant(True)]))
    second = ast.comprehension(ast.Name(entry, ast.Store()), inner, [], 0)
    return made.generator.runtime("make_map", ast.ListComp(load(entry), [loop, second]))


def _sorted(made: _Quick, node: Macro) -> ast.expr:
    kept, items = made.kept(made.of(node.range))
    keys = _comprehension(made, node._replace(macro="map"), items, made.is_plain(node.range))
    return _last([kept, made.generator.imported("library.lists", "sort_by_keys", items, keys)])


def _optional(made: _Quick, node: Macro) -> ast.expr:
    value, again = made.kept(made.generator.runtime("as_optional", made.of(node.range)))
    inner, name = made.kept(ast.Attribute(again, "value", ast.Load()))
    assert isinstance(name, ast.Name)  # noqa: S101 - an attribute is always kept under a name
    with made.under(node.names, [name.id], False):
        body = made.of(node.args[0])
    wrap = "made_optional" if node.macro == "optMap" else "as_optional"
    found = made.generator.runtime(wrap, _last([inner, body]))
    return ast.IfExp(ast.Attribute(value, "present", ast.Load()), found, again)


def _bound(made: _Quick, node: Macro) -> ast.expr:
    """`cel.bind` and `cel.block`."""
    parts: Sequence[Node] = (node.range,)
    if node.macro == "block" and isinstance(node.range, ListLiteral):
        parts = [it for it, _ in node.range.elements]
    before = made.generator.local, dict(made.known)
    computed: list[ast.expr] = []
    for name, part in zip(node.names, parts, strict=True):
        variable = made.temp()
        computed.append(ast.NamedExpr(ast.Name(variable, ast.Store()), made.of(part)))
        made.under([name], [variable], made.is_plain(part)).__enter__()
    computed.append(made.of(node.args[0]))
    made.generator.local, made.known = before
    return _last(computed)


_EMITTERS = {
    "all": _quantified,
    "exists": _quantified,
    "exists_one": _exactly_one,
    "existsOne": _exactly_one,
    "map": _mapped,
    "filter": _filtered,
    "transformList": _mapped,
    "transformMap": _mapping,
    "transformMapEntry": _entries,
}
