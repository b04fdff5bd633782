"""The tree → a Python function, built from `ast` nodes under names of ours, never from text.

`function(source, variables, name)` is what rules are generated with: it gives an `ast.FunctionDef`
that takes the variables in their order, and the imports it needs. Fields are read by subscription
and Python's own lookup errors count as CEL's, so `&&` and its like catch `ERRORS`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import zip_longest

from portside.cel.checker import TYPE_NAMES, Resolution, is_type, qualified, resolve_call
from portside.cel.declarations import Functions, fitting
from portside.cel.tree import (
    Call,
    Ident,
    Index,
    ListLiteral,
    Literal,
    Macro,
    MapLiteral,
    Node,
    Place,
    Select,
    Struct,
)
from portside.cel.types import BOOL, DYN, Type, is_parameter, name_of, parts
from portside.records import NamedTuple

RUNTIME = "runtime"
NOTHING_KNOWN = Resolution({}, {}, {})
BINARY = {
    **{"_==_": "eq", "_!=_": "ne"},
    **{"_+_": "add", "_-_": "sub", "_*_": "mul", "_/_": "div", "_%_": "mod", "_in_": "in_"},
    **{"!_": "not_", "-_": "neg"},
}
_MOST_BLOCKS = 14
_SIMPLE = ("bool", "int", "uint", "double", "string", "bytes", "list", "map")


class Generated(NamedTuple):
    """A function and what its module must import: (module below portside.cel, name)."""

    definition: ast.FunctionDef
    imports: frozenset[tuple[str, str]]


def generate(
    node: Node,
    variables: Sequence[str],
    name: str,
    functions: Functions,
    resolution: Resolution = NOTHING_KNOWN,
) -> Generated:
    """The checked tree `node` as a function called `name` of the `variables`, in this order."""
    arguments = {variable: f"v_{position}" for position, variable in enumerate(variables)}
    generator = Generator(arguments, functions)
    generator.resolution = resolution
    result = generator.emit(node)
    generator.block.append(ast.Return(result))
    return made_function(name, arguments.values(), generator.block, generator.imports)


def made_function(
    name: str, arguments: Iterable[str], body: list[ast.stmt], imports: Iterable[tuple[str, str]]
) -> Generated:
    """A function of these parts, and those of `imports` that it needs."""
    definition = ast.FunctionDef(
        name=name,
        args=ast.arguments(
            posonlyargs=[],
            args=[ast.arg(it) for it in arguments],
            kwonlyargs=[],
            kw_defaults=[],
            defaults=[],
        ),
        body=body,
        decorator_list=[],
    )
    used = {it.id for it in ast.walk(definition) if isinstance(it, ast.Name)}
    needed = frozenset(it for it in imports if it[1] in used)
    return Generated(ast.fix_missing_locations(definition), needed)


class Generator:
    """Writes statements into `block` and gives expressions that are used once, in order."""

    def __init__(self, names: Mapping[str, str], functions: Functions) -> None:
        self.names = dict(names)
        """The Python variables of the program's own variables."""
        self.local: dict[str, str] = {}
        """Those of the variables that macros declare, where they are visible."""
        self.functions = functions
        self.resolution = NOTHING_KNOWN
        self.kubernetes = "isURL" in functions
        """Whether the dialect is Kubernetes', in which some operations are more lenient."""
        self.imports: set[tuple[str, str]] = set()
        self.block: list[ast.stmt] = []
        self.blocks = 0
        """How many loops and tries the statements are written into."""
        self.temps = 0

    def emit(self, node: Node) -> ast.expr:
        if self.blocks > _MOST_BLOCKS and isinstance(node, Call | Macro):
            return self._apart(node)
        method: Callable[[Node], ast.expr] = getattr(self, f"emit_{type(node).__name__.lower()}")
        before = len(self.block)
        made = method(node)
        place(made, node.place)
        for statement in self.block[before:]:
            place(statement, node.place)
        return made

    def _apart(self, node: Node) -> ast.expr:
        """The value of `node` as a function of its own: Python nests 20 loops and tries at most."""
        name, blocks = self.temp(), self.blocks
        outer, self.block, self.blocks = self.block, [], 0
        value = self.emit(node)
        inner = made_function(name, (), [*self.block, ast.Return(value)], ())
        self.block, self.blocks = outer, blocks
        self.block.append(inner.definition)
        return ast.Call(load(name), [], [])

    def temp(self) -> str:
        self.temps += 1
        return f"t{self.temps}"

    def kept(self, value: ast.expr, where: Place | None = None) -> str:
        """The name of a variable that holds `value` from here on."""
        if isinstance(value, ast.Name):
            return value.id
        name = self.temp()
        self.assign(name, value, where)
        return name

    def assign(self, name: str, value: ast.expr, where: Place | None = None) -> None:
        statement = ast.Assign([ast.Name(name, ast.Store())], value)
        if where is not None:
            place(statement, where)
        self.block.append(statement)

    def inside(self, make: Callable[[], None], *, blocks: int = 0) -> list[ast.stmt]:
        """The statements that `make` writes, into so many more `blocks`."""
        outer, self.block = self.block, []
        self.blocks += blocks
        make()
        self.blocks -= blocks
        made, self.block = self.block, outer
        return made or [ast.Pass()]

    def runtime(self, function: str, *args: ast.expr) -> ast.Call:
        return self.imported(RUNTIME, function, *args)

    def imported(self, module: str, function: str, *args: ast.expr) -> ast.Call:
        self.imports.add((module, function))
        return ast.Call(load(function), list(args), [])

    def emit_literal(self, node: Literal) -> ast.expr:
        if node.kind == "uint":
            return self.imported("values", "Uint", ast.Constant(node.value))  # type: ignore[arg-type]
        if node.kind == "double" and node.value in (float("inf"), float("-inf")):
            text = "inf" if node.value == float("inf") else "-inf"
            return ast.Call(load("float"), [ast.Constant(text)], [])
        return ast.Constant(node.value)  # type: ignore[arg-type]

    def emit_ident(self, node: Ident) -> ast.expr:
        if node.name in self.local:
            return load(self.local[node.name])
        made = self.named(node.name)
        return self.failing(f"no such attribute: {node.name}") if made is None else made

    def failing(self, message: str) -> ast.expr:
        """What has no value, known only without the checker: an error when it is evaluated."""
        return self.runtime("fail", ast.Constant(message))

    def named(self, name: str) -> ast.expr | None:
        """The program's variable, or the type, called `name`."""
        name = name.lstrip(".")
        if name in self.names:
            return load(self.names[name])
        if is_type(name, self.functions):
            return self.imported("values", "TypeValue", ast.Constant(TYPE_NAMES[name]))
        return None

    def emit_select(self, node: Select) -> ast.expr:
        made = self.qualified(node)
        if made is not None:
            return made
        operand = self.operand(node.operand)
        field = ast.Constant(node.field)
        if node.test:
            return self._has(operand, node.field)
        if node.optional:
            return self.runtime(self.strictly("optional_select"), operand, field)
        if not self.kubernetes:
            return self.runtime("select_strictly", operand, field)
        return ast.Subscript(operand, field, ast.Load())

    def qualified(self, node: Select) -> ast.expr | None:
        """`node` where it is no selection but the name of a variable or type: `a.b`."""
        dotted = qualified(node)
        if dotted is None or dotted.partition(".")[0] in self.local:
            return None
        return self.named(dotted)

    def variable(self, name: str) -> str | None:
        """The Python variable that `name` means."""
        return self.local.get(name) or self.names.get(name.lstrip("."))

    def operand(self, node: Node) -> ast.expr:
        """The value of `node`, kept where Python would warn of a literal with a subscript."""
        made = self.emit(node)
        literal = isinstance(made, ast.Constant | ast.List | ast.Dict)
        return load(self.kept(made)) if literal else made

    def strictly(self, function: str) -> str:
        """The function of the runtime in the edition that the dialect asks for."""
        return function if self.kubernetes else f"{function}_strictly"

    def _has(self, operand: ast.expr, field: str) -> ast.expr:
        name = self.kept(operand)
        return ast.IfExp(
            test=_is(ast.Call(load("type"), [load(name)], []), load("dict")),
            body=ast.Compare(ast.Constant(field), [ast.In()], [load(name)]),
            orelse=self.runtime(self.strictly("has"), load(name), ast.Constant(field)),
        )

    def emit_index(self, node: Index) -> ast.expr:
        operand = self.operand(node.operand)
        if not isinstance(node.at, Literal):
            operand = load(self.kept(operand))
        at = self.emit(node.at)
        if node.optional:
            return self.runtime(self.strictly("optional_index"), operand, at)
        if isinstance(node.at, Literal) and node.at.kind == "string":
            return ast.Subscript(operand, at, ast.Load())
        return self.runtime("index", operand, at)

    def emit_call(self, node: Call) -> ast.expr:
        name, target = self.resolved(node)
        if name == "_?_:_":
            return self._ternary(node)
        if name in ("_&&_", "_||_"):
            return self._chain(node, stop=name == "_||_")
        args = (target, *node.args) if target is not None else node.args
        if target is not None and len(args) == 2 and name in ("or", "orValue"):
            return self._alternative(name, args)
        if name == "_in_" and _is_nothing(args[1]):
            return ast.Constant(False)
        values = self.in_order(args)
        return self.called(node, name, values, target is not None)

    def resolved(self, node: Call) -> tuple[str, Node | None]:
        """The function's name and its receiver."""
        return resolve_call(node, self.functions)

    def called(self, node: Call, name: str, values: list[ast.expr], member: bool) -> ast.expr:
        """A call of what `node` calls, of `values` of which the first may be the receiver."""
        if name in BINARY:
            return self.runtime(BINARY[name], *values)
        guards = self.resolution.guards.get(id(node), ())
        values = [self._guarded(it, kind) for it, kind in zip_longest(values, guards)]
        found = self.resolution.chosen.get(id(node)) or fitting(
            self.functions, name, len(values), member
        )
        if not found:
            return self.failing(f"no such overload: {name}")
        return self._function(found, values)

    def _guarded(self, value: ast.expr, kind: Type | None) -> ast.expr:
        if kind is None or kind == DYN or is_parameter(kind):
            return value
        return self.runtime("of_type", value, ast.Constant(name_of(kind)))

    def result_type(self, node: Call) -> str:
        """The simple type of all that `node` can give, where its overloads agree on one."""
        kinds = {it[0] for it in self._results(node)}
        kind = str(kinds.pop()) if len(kinds) == 1 else ""
        return kind if kind in _SIMPLE else ""

    def gives_plain(self, node: Call) -> bool:
        """Whether all that `node` can give is made of simple values, and known to be."""
        kinds = self._results(node)
        return bool(kinds) and all(_is_simple(it) for it in kinds)

    def _results(self, node: Call) -> set[Type]:
        name, target = self.resolved(node)
        if name in ("_&&_", "_||_"):
            return {BOOL}
        size, member = len(node.args) + (target is not None), target is not None
        overloads = self.functions.get(name, ())
        return {it.result for it in overloads if it.takes(size, member)}

    def _alternative(self, name: str, args: Sequence[Node]) -> ast.expr:
        """`or()` and `orValue()`, whose argument is asked for only where it is needed."""
        value = self.kept(self.runtime("as_optional", self.emit(args[0])))
        result = self.temp()
        found: ast.expr = load(value)
        if name == "orValue":
            found = ast.Attribute(found, "value", ast.Load())
        present = self.inside(lambda: self.assign(result, found))
        absent = self.inside(lambda: self.assign(result, self.emit(args[1])))
        test = ast.Attribute(load(value), "present", ast.Load())
        self.block.append(ast.If(test, present, absent))
        return load(result)

    def in_order(self, nodes: Iterable[Node]) -> list[ast.expr]:
        """The values of `nodes`; each is kept where a later one writes statements."""
        made: list[ast.expr] = []
        for node in nodes:
            before = len(self.block)
            value = self.emit(node)
            if len(self.block) > before:
                late, self.block = self.block[before:], self.block[:before]
                made = [it if _is_simple_value(it) else load(self.kept(it)) for it in made]
                self.block += late
            made.append(value)
        return made

    def _function(self, implementations: Sequence[str], values: list[ast.expr]) -> ast.expr:
        if len(implementations) == 1:
            module, _, function = implementations[0].rpartition(".")
            return self.imported(module, function, *values)
        options: list[ast.expr] = []
        for implementation in implementations:
            module, _, function = implementation.rpartition(".")
            self.imports.add((module, function))
            options.append(load(function))
        return self.runtime("first_fitting", ast.Tuple(options, ast.Load()), *values)

    def _ternary(self, node: Call) -> ast.expr:
        condition = self.kept(self.emit(node.args[0]), node.place)
        result = self.temp()
        then = self.inside(lambda: self.assign(result, self.emit(node.args[1])))
        otherwise = self.inside(lambda: self.assign(result, self.emit(node.args[2])))
        wrong = self.raising("no_overload", ast.Constant("_?_:_"))
        inner = ast.If(_is(load(condition), ast.Constant(False)), otherwise, [wrong])
        self.block.append(ast.If(_is(load(condition), ast.Constant(True)), then, [inner]))
        return load(result)

    def raising(self, function: str, *args: ast.expr) -> ast.Raise:
        return ast.Raise(self.imported("errors", function, *args))

    def _chain(self, node: Call, *, stop: bool) -> ast.expr:
        """`&&` (which stops at false) or `||` (at true), errors absorbed as the language says."""
        error = self.temp()
        result = self.temp()
        self.assign(error, ast.Constant(None))
        chain = _Chain(error, result, stop, node.function)
        *first, last = node.args
        self.block += self._link(first[0], chain)
        for part in first[1:]:
            following = self.inside(lambda part=part: self.block.extend(self._link(part, chain)))  # type: ignore[misc]
            self.block.append(self._unless_stopped(chain, following))
        self.block.append(self._unless_stopped(chain, self._last_link(last, chain)))
        return load(result)

    def _unless_stopped(self, chain: _Chain, statements: list[ast.stmt]) -> ast.stmt:
        test = ast.Compare(load(chain.result), [ast.IsNot()], [ast.Constant(chain.stop)])
        return ast.If(test, statements, [])

    def _link(self, part: Node, chain: _Chain) -> list[ast.stmt]:
        """An operand that others follow: the first error is kept."""
        body = self.inside(lambda: self.assign(chain.result, self.emit(part), part.place), blocks=1)
        return [self.guarded(body, chain), self._keep_error(chain)]

    def _keep_error(self, chain: _Chain) -> ast.stmt:
        wrong = self.imported("errors", "no_overload", ast.Constant(chain.name))
        result, going = load(chain.result), ast.Constant(not chain.stop)
        unclear: list[ast.expr] = [
            ast.Compare(result, [ast.IsNot()], [ast.Constant(chain.stop)]),
            ast.Compare(result, [ast.IsNot()], [going]),
            _is(load(chain.error), ast.Constant(None)),
        ]
        keep = ast.Assign([ast.Name(chain.error, ast.Store())], wrong)
        return ast.If(ast.BoolOp(ast.And(), unclear), [keep], [])

    def _last_link(self, part: Node, chain: _Chain) -> list[ast.stmt]:
        """The operand that decides where none before did; else the error that was kept."""
        body = self.inside(lambda: self.assign(chain.result, self.emit(part), part.place))
        wrong = self.imported("errors", "no_overload", ast.Constant(chain.name))
        result, going = load(chain.result), ast.Constant(not chain.stop)
        failed = ast.Compare(load(chain.error), [ast.IsNot()], [ast.Constant(None)])
        known = ast.If(failed, [ast.Raise(load(chain.error))], [])
        inner = ast.If(_is(result, going), [known], [ast.Raise(wrong)])
        return [*body, self._unless_stopped(chain, [inner])]

    def guarded(self, body: list[ast.stmt], chain: _Chain) -> ast.stmt:
        """`body`, whose error is kept and not raised; the result is then None."""
        self.imports.add((RUNTIME, "ERRORS"))
        caught = self.temp()
        handler = ast.ExceptHandler(
            load("ERRORS"),
            caught,
            [
                ast.Assign([ast.Name(chain.result, ast.Store())], ast.Constant(None)),
                ast.Assign([ast.Name(chain.error, ast.Store())], load(caught)),
            ],
        )
        return ast.Try(body, [handler], [], [])

    def emit_listliteral(self, node: ListLiteral) -> ast.expr:
        values = self.in_order(element for element, _ in node.elements)
        return self.made_list(node, values)

    def made_list(self, node: ListLiteral, values: list[ast.expr]) -> ast.expr:
        """The list of `values`, those of the elements of `node`."""
        made = ast.List(values, ast.Load())
        optional = [at for at, (_, maybe) in enumerate(node.elements) if maybe]
        return self.runtime("make_list", made, _numbers(optional)) if optional else made

    def emit_mapliteral(self, node: MapLiteral) -> ast.expr:
        parts = self.in_order(it for entry in node.entries for it in entry[:2])
        return self.made_map(node, parts)

    def made_map(self, node: MapLiteral, parts: list[ast.expr]) -> ast.expr:
        """The map of `parts`, those of the entries of `node`: key, value, key, value…"""
        if not node.entries:
            return ast.Dict([], [])
        pairs: list[ast.expr] = [
            ast.Tuple([parts[at], parts[at + 1]], ast.Load()) for at in range(0, len(parts), 2)
        ]
        optional = [at for at, entry in enumerate(node.entries) if entry[2]]
        # Kubernetes' dialect takes any key, and the last of two that are the same.
        make = "make_any_map" if self.kubernetes else "make_map"
        return self.runtime(make, ast.List(pairs, ast.Load()), _numbers(optional))

    def emit_struct(self, node: Struct) -> ast.expr:
        values = self.in_order(value for _, value, _ in node.fields)
        return self.made_struct(node, values)

    def made_struct(self, node: Struct, values: list[ast.expr]) -> ast.expr:
        """The message of `values`, those of the fields of `node`."""
        names = [ast.Constant(name) for name, _, _ in node.fields]
        optional = [at for at, (_, _, maybe) in enumerate(node.fields) if maybe]
        entries: list[ast.expr] = [
            ast.Tuple([name, value], ast.Load()) for name, value in zip(names, values, strict=True)
        ]
        made = self.runtime("make_map", ast.List(entries, ast.Load()), _numbers(optional))
        return self.imported("messages", "construct", ast.Constant(node.name), made)

    def emit_macro(self, node: Macro) -> ast.expr:
        from portside.cel.comprehensions import emit_macro

        return emit_macro(self, node)


class _Chain(NamedTuple):
    error: str
    result: str
    stop: bool
    name: str


def load(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def place(node: ast.AST, where: Place) -> None:
    """Note on `node` where in the expression it comes from; errors are told by it."""
    if not hasattr(node, "lineno") and isinstance(node, ast.expr | ast.stmt):
        node.lineno = node.end_lineno = where.line
        node.col_offset = node.end_col_offset = where.column - 1


def _is(left: ast.expr, right: ast.expr) -> ast.Compare:
    return ast.Compare(left, [ast.Is()], [right])


def _numbers(values: Iterable[int]) -> ast.Tuple:
    return ast.Tuple([ast.Constant(it) for it in values], ast.Load())


def _is_simple(kind: Type) -> bool:
    return kind[0] in _SIMPLE and all(_is_simple(it) for it in parts(kind))


def _is_simple_value(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant | ast.Name)


def _is_nothing(node: Node) -> bool:
    return isinstance(node, ListLiteral) and not node.elements
