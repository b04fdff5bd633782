"""Comprehensions and the other macros as Python loops in the function of their expression."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from portside.cel.codegen import load
from portside.cel.tree import ListLiteral, Macro, Node

if TYPE_CHECKING:
    from portside.cel.codegen import Generator


def emit_macro(generator: Generator, node: Macro) -> ast.expr:
    """The value of the macro `node`, computed by statements written before it."""
    made = _EMITTERS[node.macro](generator, node)
    return made


def _named(generator: Generator, names: Sequence[str], values: Sequence[str]) -> dict[str, str]:
    """Make `names` mean the Python variables `values`; gives what was visible before."""
    before = generator.local
    generator.local = {**before, **dict(zip(names, values, strict=True))}
    return before


def _let(generator: Generator, name: str, value: ast.expr, body: Node) -> ast.expr:
    kept = generator.kept(value)
    before = _named(generator, [name], [kept])
    result = load(generator.kept(generator.emit(body)))
    generator.local = before
    return result


def _bind(generator: Generator, node: Macro) -> ast.expr:
    return _let(generator, node.names[0], generator.emit(node.range), node.args[0])


def _block(generator: Generator, node: Macro) -> ast.expr:
    elements = node.range.elements if isinstance(node.range, ListLiteral) else ()
    before = generator.local
    for name, (element, _) in zip(node.names, elements, strict=True):
        _named(generator, [name], [generator.kept(generator.emit(element))])
    result = load(generator.kept(generator.emit(node.args[0])))
    generator.local = before
    return result


def _optional(generator: Generator, node: Macro) -> ast.expr:
    value = generator.kept(generator.runtime("as_optional", generator.emit(node.range)))
    result = generator.temp()

    def present() -> None:
        inner = ast.Attribute(load(value), "value", ast.Load())
        made = _let(generator, node.names[0], inner, node.args[0])
        wrap = "made_optional" if node.macro == "optMap" else "as_optional"
        generator.assign(result, generator.runtime(wrap, made))

    absent = generator.inside(lambda: generator.assign(result, load(value)))
    generator.block.append(
        ast.If(ast.Attribute(load(value), "present", ast.Load()), generator.inside(present), absent)
    )
    return load(result)


def _loop(
    generator: Generator,
    node: Macro,
    body: Callable[[list[str]], None],
    otherwise: list[ast.stmt] | None = None,
    items: ast.expr | None = None,
) -> None:
    """`for` over `items`, or the range of `node`; its variables are visible in `body`."""
    variables = [generator.temp() for _ in node.names]
    walk = "pairs" if len(variables) == 2 else "iterate"
    iterator = generator.runtime(walk, items or generator.emit(node.range))
    before = _named(generator, node.names, variables)

    statements = generator.inside(lambda: body(variables), blocks=2)
    generator.local = before
    stores: list[ast.expr] = [ast.Name(name, ast.Store()) for name in variables]
    target = stores[0] if len(stores) == 1 else ast.Tuple(stores, ast.Store())
    generator.block.append(ast.For(target, iterator, statements, otherwise or []))


def _quantifier(generator: Generator, node: Macro) -> ast.expr:
    """`all` and `exists`: an error counts only where no element decides."""
    stop = node.macro == "exists"
    result, error, caught = generator.temp(), generator.temp(), generator.temp()
    generator.assign(result, ast.Constant(not stop))
    generator.assign(error, ast.Constant(None))
    answer = generator.temp()
    generator.imports.add(("runtime", "ERRORS"))

    def body(_: list[str]) -> None:
        test = generator.inside(
            lambda: generator.assign(answer, generator.emit(node.args[0]), node.args[0].place)
        )
        keep: list[ast.stmt] = [
            ast.Assign([ast.Name(error, ast.Store())], load(caught)),
            ast.Continue(),
        ]
        handler = ast.ExceptHandler(load("ERRORS"), caught, keep)
        generator.block.append(ast.Try(test, [handler], [], []))
        found: list[ast.stmt] = [
            ast.Assign([ast.Name(result, ast.Store())], ast.Constant(stop)),
            ast.Break(),
        ]
        wrong = generator.imported("errors", "no_overload", ast.Constant(node.macro))
        other = ast.If(
            ast.Compare(load(answer), [ast.IsNot()], [ast.Constant(not stop)]),
            [ast.Assign([ast.Name(error, ast.Store())], wrong)],
            [],
        )
        test_stop = ast.Compare(load(answer), [ast.Is()], [ast.Constant(stop)])
        generator.block.append(ast.If(test_stop, found, [other]))

    raise_error: list[ast.stmt] = [
        ast.If(
            ast.Compare(load(error), [ast.IsNot()], [ast.Constant(None)]),
            [ast.Raise(load(error))],
            [],
        )
    ]
    _loop(generator, node, body, raise_error)
    return load(result)


def _exists_one(generator: Generator, node: Macro) -> ast.expr:
    count = generator.temp()
    generator.assign(count, ast.Constant(0))

    def body(_: list[str]) -> None:
        answer = generator.runtime(
            "truth", generator.emit(node.args[0]), ast.Constant("exists_one")
        )
        more = ast.AugAssign(ast.Name(count, ast.Store()), ast.Add(), ast.Constant(1))
        generator.block.append(ast.If(answer, [more], []))

    _loop(generator, node, body)
    return ast.Compare(load(count), [ast.Eq()], [ast.Constant(1)])


def _collect(generator: Generator, node: Macro, items: ast.expr | None = None) -> ast.expr:
    """`map`, `filter` and `transformList`: a list, from the elements that pass the filter."""
    result = generator.temp()
    generator.assign(result, ast.List([], ast.Load()))
    *tests, value = node.args
    if node.macro == "filter":
        tests, value = [value], value

    def body(variables: list[str]) -> None:
        def append() -> None:
            item = load(variables[-1]) if node.macro == "filter" else generator.emit(value)
            method = ast.Attribute(load(result), "append", ast.Load())
            generator.block.append(ast.Expr(ast.Call(method, [item], [])))

        _under(generator, tests, append)

    _loop(generator, node, body, items=items)
    return load(result)


def _under(generator: Generator, tests: Sequence[Node], make: Callable[[], None]) -> None:
    if not tests:
        make()
        return
    answer = generator.runtime("truth", generator.emit(tests[0]), ast.Constant("filter"))
    generator.block.append(ast.If(answer, generator.inside(make), []))


def _sorted(generator: Generator, node: Macro) -> ast.expr:
    items = generator.kept(generator.emit(node.range))
    keys = _collect(generator, node, load(items))
    return generator.imported("library.lists", "sort_by_keys", load(items), keys)


def _map(generator: Generator, node: Macro) -> ast.expr:
    """`transformMap` (same keys) and `transformMapEntry` (keys of its own)."""
    result = generator.temp()
    generator.assign(result, ast.List([], ast.Load()))
    *tests, value = node.args

    def body(variables: list[str]) -> None:
        def add() -> None:
            made = generator.emit(value)
            if node.macro == "transformMap":
                pair: ast.expr = ast.Tuple([load(variables[0]), made], ast.Load())
                method = "append"
            else:
                pair, method = generator.runtime("entries", made), "extend"
            call = ast.Call(ast.Attribute(load(result), method, ast.Load()), [pair], [])
            generator.block.append(ast.Expr(call))

        _under(generator, tests, add)

    _loop(generator, node, body)
    return generator.runtime("make_map", load(result))


_EMITTERS: dict[str, Callable[[Generator, Macro], ast.expr]] = {
    "all": _quantifier,
    "exists": _quantifier,
    "exists_one": _exists_one,
    "existsOne": _exists_one,
    "map": _collect,
    "filter": _collect,
    "transformList": _collect,
    "transformMap": _map,
    "transformMapEntry": _map,
    "sortBy": _sorted,
    "optMap": _optional,
    "optFlatMap": _optional,
    "bind": _bind,
    "block": _block,
}
