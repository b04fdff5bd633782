"""A cheap Python function that says what a CEL condition is, where that is plain.

A scan asks each condition of each object: it asks the shortcut first. True and False are the
condition's own answers; where it gives None or raises, nothing is said, and the exact function
decides. So a shortcut has no errors to absorb and to tell, and is a tenth of the code.

`without_key` tells whether a condition holds of everything that lacks a key (design D2).
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from portside.cel.codegen import Generator, load
from portside.cel.declarations import Functions
from portside.cel.errors import CelError
from portside.cel.tree import Call, Ident, ListLiteral, Literal, Macro, Node, Select

_FALSE, _TRUE = ast.Constant(False), ast.Constant(True)
_OTHER = {"_||_": "_&&_", "_&&_": "_||_"}


class Shortcut:
    """A function and what its module must import: (module below portside.cel, name)."""

    __slots__ = ("definition", "imports")

    def __init__(self, definition: ast.FunctionDef, imports: frozenset[tuple[str, str]]) -> None:
        self.definition = definition
        self.imports = imports


class _NotSimpleError(Exception):
    """The value of a node takes statements to compute."""


def shortcut(
    node: Node, variables: Mapping[str, bool], name: str, functions: Functions
) -> Shortcut:
    """The checked condition `node` as a function called `name`.

    `variables` are its parameters, each with whether it is always a plain map.
    """
    arguments = {variable: f"v_{position}" for position, variable in enumerate(variables)}
    maps = {arguments[variable] for variable, is_map in variables.items() if is_map}
    made = _Shortcuts(arguments, maps, functions)
    body = [
        ast.If(made.sure(node, answer), [ast.Return(ast.Constant(answer))], [])
        for answer in (True, False)
    ]
    definition = ast.FunctionDef(
        name=name,
        args=ast.arguments(
            posonlyargs=[],
            args=[ast.arg(it) for it in arguments.values()],
            kwonlyargs=[],
            kw_defaults=[],
            defaults=[],
        ),
        body=[it for it in body if not _is_constant(it.test, False)] or [ast.Pass()],
        decorator_list=[],
    )
    used = {it.id for it in ast.walk(definition) if isinstance(it, ast.Name)}
    imports = frozenset(it for it in made.generator.imports if it[1] in used)
    return Shortcut(ast.fix_missing_locations(definition), imports)


class _Shortcuts:
    def __init__(self, names: dict[str, str], maps: set[str], functions: Functions) -> None:
        self.generator = Generator(names, functions, counted=False)
        self.maps = maps
        self.temps = 0

    def sure(self, node: Node, wanted: bool) -> ast.expr:
        """An expression that is true only where `node` is `wanted`."""
        before = dict(self.generator.names)
        try:
            return self._sure(node, wanted)
        except (_NotSimpleError, CelError):
            self.generator.names = before
            return _FALSE

    def _sure(self, node: Node, wanted: bool) -> ast.expr:
        if isinstance(node, Literal) and node.kind == "bool":
            return _TRUE if node.value is wanted else _FALSE
        if isinstance(node, Call) and node.target is None:
            found = self._operator(node, wanted)
            if found is not None:
                return found
        if isinstance(node, Select) and node.test:
            return self._has(node, wanted)
        if isinstance(node, Macro) and node.macro in ("all", "exists"):
            return self._quantifier(node, wanted)
        return ast.Compare(self.value(node), [ast.Is()], [ast.Constant(wanted)])

    def _operator(self, node: Call, wanted: bool) -> ast.expr | None:
        name, args = node.function, node.args
        if name == "!_":
            return self.sure(args[0], not wanted)
        if name in _OTHER:
            some = (name == "_||_") is wanted
            parts = [self.sure(arg, wanted) for arg in args]
            return _either(parts) if some else _both(parts)
        if name == "_?_:_":
            then = _both([self.sure(args[0], True), self.sure(args[1], wanted)])
            otherwise = _both([self.sure(args[0], False), self.sure(args[2], wanted)])
            return _either([then, otherwise])
        if name in ("_==_", "_!=_"):
            return self._equality(args, (name == "_==_") is wanted)
        if name == "_in_" and _texts(args[1]):
            operator = ast.In() if wanted else ast.NotIn()
            return ast.Compare(self.value(args[0]), [operator], [_tuple(args[1])])
        return None

    def _equality(self, args: Sequence[Node], same: bool) -> ast.expr | None:
        left, right = args
        if isinstance(left, Literal):
            left, right = right, left
        if not isinstance(right, Literal):
            return None
        constant = ast.Constant(right.value)  # type: ignore[arg-type]
        if right.kind == "string":
            operator: ast.cmpop = ast.Eq() if same else ast.NotEq()
            return ast.Compare(self.value(left), [operator], [constant])
        if right.kind in ("bool", "null"):
            operator = ast.Is() if same else ast.IsNot()
            return ast.Compare(self.value(left), [operator], [constant])
        if right.kind != "int" or not same:
            return None
        test, kept = self._typed(left, "int")
        return _both([test, ast.Compare(kept, [ast.Eq()], [constant])])

    def _has(self, node: Select, wanted: bool) -> ast.expr:
        operator = ast.In() if wanted else ast.NotIn()
        operand = node.operand
        if isinstance(operand, Ident) and self.generator.names.get(operand.name) in self.maps:
            kept = load(self.generator.names[operand.name])
            return ast.Compare(ast.Constant(node.field), [operator], [kept])
        test, kept = self._typed(operand, "dict")
        return _both([test, ast.Compare(ast.Constant(node.field), [operator], [kept])])

    def _typed(self, node: Node, kind: str) -> tuple[ast.expr, ast.Name]:
        """A test that the value of `node` is of `kind`, and the name it is kept under."""
        self.temps += 1
        name = f"t{self.temps}"
        kept = ast.NamedExpr(ast.Name(name, ast.Store()), self.value(node))
        test = ast.Compare(ast.Call(load("type"), [kept], []), [ast.Is()], [load(kind)])
        return test, load(name)

    def _quantifier(self, node: Macro, wanted: bool) -> ast.expr:
        every = (node.macro == "all") is wanted
        walk = "pairs" if len(node.names) == 2 else "iterate"
        items = self.generator.runtime(walk, self.value(node.range))
        variables = [f"i{self.temps + number}" for number in range(1, len(node.names) + 1)]
        self.temps += len(variables)
        before = dict(self.generator.names)
        self.generator.names.update(zip(node.names, variables, strict=True))
        test = self.sure(node.args[0], wanted)
        self.generator.names = before
        stores: list[ast.expr] = [ast.Name(it, ast.Store()) for it in variables]
        target = stores[0] if len(stores) == 1 else ast.Tuple(stores, ast.Store())
        loop = ast.ListComp(test, [ast.comprehension(target, items, [], 0)])
        return ast.Call(load("all" if every else "any"), [loop], [])

    def value(self, node: Node) -> ast.expr:
        """The value of `node` as the exact function computes it, in one expression."""
        generator = self.generator
        outer, generator.block = generator.block, []
        temps = generator.temps
        try:
            made = generator.emit(node)
            if generator.block:
                generator.temps = temps
                raise _NotSimpleError
        finally:
            generator.block = outer
        return made


def _both(parts: Sequence[ast.expr]) -> ast.expr:
    """`and` of the parts, constants left out."""
    if any(_is_constant(it, False) for it in parts):
        return _FALSE
    kept = [it for it in parts if not _is_constant(it, True)]
    return _chain(ast.And(), kept, _TRUE)


def _either(parts: Sequence[ast.expr]) -> ast.expr:
    if any(_is_constant(it, True) for it in parts):
        return _TRUE
    kept = [it for it in parts if not _is_constant(it, False)]
    return _chain(ast.Or(), kept, _FALSE)


def _chain(operator: ast.boolop, parts: list[ast.expr], empty: ast.expr) -> ast.expr:
    if not parts:
        return empty
    return parts[0] if len(parts) == 1 else ast.BoolOp(operator, parts)


def _is_constant(node: ast.expr, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _texts(node: Node) -> bool:
    return isinstance(node, ListLiteral) and all(
        isinstance(it, Literal) and it.kind == "string" and not optional
        for it, optional in node.elements
    )


def _tuple(node: Node) -> ast.expr:
    assert isinstance(node, ListLiteral)  # noqa: S101 - the caller asked
    texts = [it.value for it, _ in node.elements if isinstance(it, Literal)]
    return ast.Tuple([ast.Constant(it) for it in texts], ast.Load())  # type: ignore[arg-type]


def without_key(node: Node, root: str, key: str) -> bool | None:
    """What `node` is wherever the map `root` lacks `key`; None where that alone does not tell."""
    if isinstance(node, Literal) and node.kind == "bool":
        return bool(node.value)
    if isinstance(node, Select) and node.test:
        asked = isinstance(node.operand, Ident) and node.operand.name == root
        return False if asked and node.field == key else None
    if not isinstance(node, Call) or node.target is not None:
        return None
    if node.function == "!_":
        inner = without_key(node.args[0], root, key)
        return None if inner is None else not inner
    if node.function in _OTHER:
        decides = node.function == "_||_"
        parts = [without_key(arg, root, key) for arg in node.args]
        if decides in parts:
            return decides
        return None if None in parts else not decides
    return None
