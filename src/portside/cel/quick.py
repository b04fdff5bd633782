"""A Python function that gives what an expression gives, or raises: then the exact one decides.

An expression is pure, so it may be computed twice. This first function absorbs no errors, tells
none and looks at types only where a wrong one could change the value: where it gives a value, that
is the value. It is a Python expression and few loops, a few hundred nanoseconds for most policies.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence

from portside.cel import quick_texts
from portside.cel.checker import Resolution
from portside.cel.codegen import NOTHING_KNOWN, Generated, Generator, load, made_function
from portside.cel.declarations import Functions
from portside.cel.dialect import parts
from portside.cel.quick_conditions import body
from portside.cel.repeated import Repeated
from portside.cel.tree import (
    Call,
    Ident,
    Index,
    ListLiteral,
    Literal,
    Macro,
    MapLiteral,
    Node,
    Select,
    Struct,
)
from portside.records import NamedTuple

_RELATIONS: dict[str, type[ast.cmpop]] = {
    **{"_<_": ast.Lt, "_<=_": ast.LtE, "_>_": ast.Gt, "_>=_": ast.GtE},
}
_SIZED = ("list", "map", "string", "bytes")
_ARITHMETIC = ("_+_", "_-_", "_*_", "_/_", "_%_")
_CERTAIN_LISTS = ("map", "filter", "transformList")
_CERTAIN_BOOLS = ("all", "exists", "exists_one", "existsOne")
_EXACT = 1 << 53
"""Up to here whole numbers are doubles, too."""


class Variable(NamedTuple):
    """A variable of the program: what is known of every value it is bound to."""

    name: str
    plain: bool = True
    """Whether it holds only what JSON can say."""
    a_map: bool = False
    """Whether it is always a map."""


def quick(
    node: Node,
    variables: Sequence[Variable],
    name: str,
    functions: Functions,
    resolution: Resolution = NOTHING_KNOWN,
) -> Generated:
    """The checked `node` as a function called `name` of the `variables`, in their order."""
    arguments = {it.name: f"v_{at}" for at, it in enumerate(variables)}
    made = _Quick(arguments, variables, Generator(arguments, functions))
    made.generator.resolution = resolution
    made.repeated.count(node)
    statements = body(made, node)
    return made_function(name, list(arguments.values()), statements, made.generator.imports)


class _Quick:
    """Makes the expression; what is asked for more than once is kept under a name."""

    def __init__(
        self, names: Mapping[str, str], variables: Sequence[Variable], generator: Generator
    ) -> None:
        self.generator = generator
        self.plain = {names[it.name] for it in variables if it.plain}
        self.maps = {names[it.name] for it in variables if it.a_map}
        self.repeated = Repeated()
        self.known: dict[int, str] = {}
        """The Python variables that hold values already computed, by `Repeated.key`."""
        self.temps = 0

    def of(self, node: Node) -> ast.expr:
        """The value of `node`."""
        if isinstance(node, Literal | Ident):
            return self.made(node)
        key = self.repeated.key(node)
        if key in self.known:
            return load(self.known[key])
        made = self.made(node)
        if not self.repeated.is_worth_keeping(key) or isinstance(made, ast.Name | ast.Constant):
            return made
        if isinstance(made, ast.NamedExpr):
            self.known[key] = made.target.id
            return made
        self.known[key] = self.temp()
        return ast.NamedExpr(ast.Name(self.known[key], ast.Store()), made)

    def is_known(self, node: Node) -> bool:
        """Whether the value of `node` was computed before."""
        return self.repeated.key(node) in self.known

    def made(self, node: Node) -> ast.expr:
        method = getattr(self, f"of_{type(node).__name__.lower()}")
        made: ast.expr = method(node)
        return made

    def temp(self) -> str:
        self.temps += 1
        return f"t{self.temps}"

    def kept(self, value: ast.expr) -> tuple[ast.expr, ast.expr]:
        """An expression that computes and keeps `value`, and one that gives it afterwards."""
        if isinstance(value, ast.Name):
            return value, value
        if isinstance(value, ast.NamedExpr):
            return value, load(value.target.id)
        name = self.temp()
        return ast.NamedExpr(ast.Name(name, ast.Store()), value), load(name)

    def typed(self, node: Node, kind: str) -> tuple[ast.expr, ast.expr]:
        """A test that the value of `node` is of Python's type `kind`, and the value kept."""
        first, again = self.kept(self.of(node))
        test = ast.Compare(ast.Call(load("type"), [first], []), [ast.Is()], [load(kind)])
        return test, again

    def truth(self, node: Node) -> ast.expr:
        """The value of `node`, which must be a bool."""
        made = self.of(node)
        if self.certain(node) == "bool":
            return made
        return self.generator.runtime("truth", made, ast.Constant("bool"))

    def under(self, names: Sequence[str], values: Sequence[str], plain: bool) -> _Scope:
        return _Scope(self, dict(zip(names, values, strict=True)), plain)

    def of_literal(self, node: Literal) -> ast.expr:
        return self.generator.emit_literal(node)

    def of_ident(self, node: Ident) -> ast.expr:
        return self.generator.emit_ident(node)

    def of_select(self, node: Select) -> ast.expr:
        if node.test:
            return self._has(node)
        named = self.generator.qualified(node)
        if named is not None:
            return named
        if node.optional or not self.generator.kubernetes:
            strictly = self.generator.strictly("optional_select")
            function = strictly if node.optional else "select_strictly"
            field = ast.Constant(node.field)
            return self.generator.runtime(function, self.of(node.operand), field)
        return ast.Subscript(self.subscripted(node.operand), ast.Constant(node.field), ast.Load())

    def subscripted(self, node: Node) -> ast.expr:
        made = self.of(node)
        # Python warns of a literal with a subscript.
        literal = isinstance(made, ast.Constant | ast.List | ast.Dict)
        return self.kept(made)[0] if literal else made

    def _has(self, node: Select) -> ast.expr:
        field = ast.Constant(node.field)
        made = self.of(node.operand)
        if isinstance(made, ast.Name) and made.id in self.maps:
            return ast.Compare(field, [ast.In()], [made])
        first, again = self.kept(made)
        return ast.IfExp(
            ast.Compare(ast.Call(load("type"), [first], []), [ast.Is()], [load("dict")]),
            ast.Compare(field, [ast.In()], [again]),
            self.generator.runtime(self.generator.strictly("has"), again, field),
        )

    def of_index(self, node: Index) -> ast.expr:
        if node.optional:
            function = self.generator.strictly("optional_index")
            return self.generator.runtime(function, self.of(node.operand), self.of(node.at))
        first = quick_texts.first_part(self, node)
        if first is not None:
            return first
        if isinstance(node.at, Literal) and self._is_direct(node.operand, node.at):
            return ast.Subscript(self.subscripted(node.operand), self.of(node.at), ast.Load())
        return self.generator.runtime("index", self.of(node.operand), self.of(node.at))

    def _is_direct(self, operand: Node, at: Literal) -> bool:
        """Whether Python's own subscription does what the language says, or raises."""
        if at.kind == "string":
            return True
        return at.kind == "int" and int(str(at.value)) >= 0 and self.certain(operand) == "list"

    def of_call(self, node: Call) -> ast.expr:
        name, target = self.generator.resolved(node)
        args = (target, *node.args) if target is not None else node.args
        made = self._operator(node, name, args)
        if made is not None:
            return made
        if target is not None and len(args) == 2 and name in ("or", "orValue"):
            return self._alternative(name, args)
        made = self._inline(node, name, args)
        if made is not None:
            return made
        return self.generator.called(node, name, [self.of(it) for it in args], target is not None)

    def _operator(self, node: Call, name: str, args: Sequence[Node]) -> ast.expr | None:
        if name in ("_&&_", "_||_"):
            return self._chain(ast.And() if name == "_&&_" else ast.Or(), args)
        if name == "_?_:_":
            return self._ternary(args)
        if name == "!_":
            if self.certain(args[0]) == "bool":
                return ast.UnaryOp(ast.Not(), self.of(args[0]))
            return self.generator.runtime("not_", self.of(args[0]))
        if name in ("_==_", "_!=_"):
            return self._equality(args, same=name == "_==_")
        if name == "_in_":
            return self._membership(args)
        if name in _RELATIONS:
            return self._relation(node, name, args)
        return None

    def _chain(self, operator: ast.boolop, args: Sequence[Node]) -> ast.expr:
        first = self.truth(args[0])
        before = dict(self.known)
        # What an operand computed is there in those behind it, but not behind the whole.
        rest = [self.truth(it) for it in args[1:]]
        self.known = before
        return ast.BoolOp(operator, [first, *rest])

    def _ternary(self, args: Sequence[Node]) -> ast.expr:
        condition = self.truth(args[0])
        before = dict(self.known)
        then = self.of(args[1])
        self.known = dict(before)
        otherwise = self.of(args[2])
        self.known = before
        return ast.IfExp(condition, then, otherwise)

    def _equality(self, args: Sequence[Node], *, same: bool) -> ast.expr | None:
        left, right = args
        if isinstance(left, Literal):
            left, right = right, left
        if not isinstance(right, Literal):
            return quick_texts.equality(self, left, right, same=same)
        if isinstance(left, Literal):
            return None
        constant = ast.Constant(right.value)  # type: ignore[arg-type]
        direct = self.is_plain(left)
        if right.kind == "string" and direct:
            operator: ast.cmpop = ast.Eq() if same else ast.NotEq()
        elif right.kind in ("bool", "null") and direct:
            operator = ast.Is() if same else ast.IsNot()
        elif right.kind == "int" and abs(int(str(right.value))) < _EXACT:
            return self._equals_number(left, constant, same=same)
        else:
            return None
        return ast.Compare(self.of(left), [operator], [constant])

    def _equals_number(self, node: Node, constant: ast.Constant, *, same: bool) -> ast.expr:
        test, kept = self.typed(node, "int")
        operator: ast.cmpop = ast.Eq() if same else ast.NotEq()
        otherwise = self.generator.runtime("eq" if same else "ne", kept, constant)
        return ast.IfExp(test, ast.Compare(kept, [operator], [constant]), otherwise)

    def _membership(self, args: Sequence[Node]) -> ast.expr | None:
        left, right = args
        if not isinstance(right, ListLiteral):
            return None
        if not right.elements:
            return ast.Constant(False)
        texts = [it.value for it, optional in right.elements if _is_text(it) and not optional]  # type: ignore[union-attr]
        if len(texts) < len(right.elements) or not self.is_plain(left):
            return None
        among: list[ast.expr] = [ast.Constant(it) for it in texts]  # type: ignore[arg-type]
        return ast.Compare(self.of(left), [ast.In()], [ast.Tuple(among, ast.Load())])

    def _relation(self, node: Call, name: str, args: Sequence[Node]) -> ast.expr | None:
        left, right = args
        if self.certain(left) == self.certain(right) == "int":
            return ast.Compare(self.of(left), [_RELATIONS[name]()], [self.of(right)])
        if not isinstance(right, Literal) or right.kind != "int":
            return None
        constant = ast.Constant(right.value)  # type: ignore[arg-type]
        operator = _RELATIONS[name]()
        test, kept = self.typed(left, "int")
        otherwise = self.generator.called(node, name, [kept, constant], False)
        return ast.IfExp(test, ast.Compare(kept, [operator], [constant]), otherwise)

    def _alternative(self, name: str, args: Sequence[Node]) -> ast.expr:
        value, again = self.kept(self.generator.runtime("as_optional", self.of(args[0])))
        found = ast.Attribute(again, "value", ast.Load()) if name == "orValue" else again
        before = dict(self.known)
        otherwise = self.of(args[1])
        self.known = before
        return ast.IfExp(ast.Attribute(value, "present", ast.Load()), found, otherwise)

    def _inline(self, node: Call, name: str, args: Sequence[Node]) -> ast.expr | None:
        """Calls that nearly every policy makes, without a call."""
        if name == "size" and len(args) == 1:
            if self.certain(args[0]) in _SIZED:
                return ast.Call(load("len"), [self.of(args[0])], [])
            test, kept = self.typed(args[0], "list")
            otherwise = self.generator.imported("library.core", "size", kept)
            return ast.IfExp(test, ast.Call(load("len"), [kept], []), otherwise)
        return quick_texts.call(self, node, name, args) if len(args) == 2 else None

    def of_listliteral(self, node: ListLiteral) -> ast.expr:
        return self.generator.made_list(node, [self.of(it) for it, _ in node.elements])

    def of_mapliteral(self, node: MapLiteral) -> ast.expr:
        parts = [self.of(it) for entry in node.entries for it in entry[:2]]
        return self.generator.made_map(node, parts)

    def of_struct(self, node: Struct) -> ast.expr:
        return self.generator.made_struct(node, [self.of(it) for _, it, _ in node.fields])

    def of_macro(self, node: Macro) -> ast.expr:
        from portside.cel.quick_macros import macro

        return macro(self, node)

    def is_plain(self, node: Node) -> bool:
        """Whether the value of `node` is certainly one that compares as Python's own do."""
        if isinstance(node, Ident):
            return self.generator.variable(node.name) in self.plain
        if isinstance(node, Select | Index):
            test = isinstance(node, Select) and node.test
            return test or (not node.optional and self.is_plain(node.operand))
        if isinstance(node, Call):
            return self.generator.gives_plain(node) or _passes(node, self.is_plain)
        if isinstance(node, Macro):
            filtered = node.macro == "filter" and self.is_plain(node.range)
            return node.macro in _CERTAIN_BOOLS or filtered
        return not isinstance(node, Struct) and all(self.is_plain(it) for it in parts(node))

    def certain(self, node: Node) -> str:
        """The type that the value of `node` certainly has, where it has one: else ""."""
        if isinstance(node, Literal):
            return node.kind
        if isinstance(node, Select):
            return "bool" if node.test else ""
        if isinstance(node, Macro):
            return _macro_type(node)
        if isinstance(node, Call):
            return self.generator.result_type(node) or self._certain_sum(node)
        return {ListLiteral: "list", MapLiteral: "map"}.get(type(node), "")

    def _certain_sum(self, node: Call) -> str:
        """The type of a sum and its like of two values of one type."""
        if node.function not in _ARITHMETIC:
            return ""
        kinds = {self.certain(it) for it in node.args}
        return kinds.pop() if len(kinds) == 1 else ""


class _Scope:
    """Makes names mean Python variables within `with`."""

    def __init__(self, made: _Quick, names: dict[str, str], plain: bool) -> None:
        self.made = made
        self.names = names
        self.plain = plain

    def __enter__(self) -> None:
        generator = self.made.generator
        self.before = generator.local, self.made.known
        generator.local = {**generator.local, **self.names}
        free = self.made.repeated.free
        self.made.known = {
            key: name for key, name in self.made.known.items() if free[key].isdisjoint(self.names)
        }
        if self.plain:
            self.made.plain.update(self.names.values())

    def __exit__(self, *_: object) -> None:
        self.made.generator.local, self.made.known = self.before


def _macro_type(node: Macro) -> str:
    if node.macro in _CERTAIN_BOOLS:
        return "bool"
    return "list" if node.macro in _CERTAIN_LISTS else ""


def _is_text(node: Node) -> bool:
    return isinstance(node, Literal) and node.kind == "string"


def _passes(node: Call, plain: Callable[[Node], bool]) -> bool:
    """Whether `node` gives one of its operands, or a sum of them, all of which are plain."""
    if node.function == "_?_:_":
        return plain(node.args[1]) and plain(node.args[2])
    return node.function in _ARITHMETIC and all(plain(it) for it in node.args)
