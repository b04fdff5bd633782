"""Names, functions and types of an expression, checked before it runs. Source: cel-go, checker/."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from portside.cel.declarations import Functions, Overload
from portside.cel.errors import CelTypeError
from portside.cel.messages import message
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
from portside.cel.types import (
    BOOL,
    DYN,
    NULL,
    Bindings,
    Type,
    all_assigned,
    assigned,
    has_parameter,
    is_parameter,
    list_of,
    map_of,
    more_general,
    name_of,
    optional_of,
    parse_type,
    substituted,
)
from portside.records import NamedTuple

TYPE_NAMES = {
    **{it: it for it in ("int", "uint", "double", "string", "bytes", "bool", "list", "map")},
    "null_type": "null_type",
    "type": "type",
    "optional_type": "optional_type",
    "google.protobuf.Timestamp": "google.protobuf.Timestamp",
    "google.protobuf.Duration": "google.protobuf.Duration",
    "net.IP": "net.IP",
    "net.CIDR": "net.CIDR",
}
_MADE_BY = {"net.IP": "ip", "net.CIDR": "cidr", "optional_type": "optional.of"}
UNGUARDED = (
    *("size", "sort", "flatten", "!_", "-_", "_==_", "_!=_", "_in_"),
    *("_+_", "_-_", "_*_", "_/_", "_%_", "_<_", "_<=_", "_>_", "_>=_"),
)
"""Functions of one implementation, which looks at the types of what it is called with."""
_LITERALS: dict[str, Type] = {"null": NULL}


class Resolution(NamedTuple):
    """What a call may run and what it takes, by its `id`."""

    chosen: Mapping[int, tuple[str, ...]]
    guards: Mapping[int, tuple[Type, ...]]
    matched: Mapping[int, tuple[Overload, ...]]


class Checker:
    """Checks one tree; used once. `scope` maps the visible names to their types."""

    def __init__(self, variables: Mapping[str, Type], functions: Functions) -> None:
        self.variables = dict(variables)
        self.local: dict[str, Type] = {}
        self.functions = functions
        self.lenient = False
        self.bindings: Bindings = {}
        self.types: dict[int, Type] = {}
        self.matched: list[Overload] = []
        self.chosen: dict[int, tuple[str, ...]] = {}
        """The implementations that may run at a call, by its `id`."""
        self.calls: dict[int, tuple[Overload, ...]] = {}
        """The overloads that fit a call, by its `id`."""
        self.guards: dict[int, tuple[Type, ...]] = {}
        """What a call takes, by its `id`, where only that made an argument's type known."""
        self.fresh = count()

    def check(self, node: Node) -> Type:
        """The type of `node`. Raises CelTypeError with line and column."""
        return substituted(self.of(node), self.bindings, unbound=DYN)

    def of(self, node: Node) -> Type:
        method = getattr(self, f"of_{type(node).__name__.lower()}")
        kind: Type = method(node)
        self.types[id(node)] = kind
        return kind

    def final(self) -> dict[int, Type]:
        """The type of every node that was checked, by its `id`."""
        return {
            at: substituted(kind, self.bindings, unbound=DYN) for at, kind in self.types.items()
        }

    def fail(self, message: str, place: Place) -> CelTypeError:
        return CelTypeError(message, place.line, place.column)

    def now(self, kind: Type) -> Type:
        """`kind` with what is known of its parameters so far."""
        return substituted(kind, self.bindings)

    def parameter(self) -> Type:
        """A type that is yet to be found out."""
        return (f"V{next(self.fresh)}",)

    def of_literal(self, node: Literal) -> Type:
        return _LITERALS.get(node.kind, (node.kind,))

    def of_ident(self, node: Ident) -> Type:
        if node.name in self.local:
            return self.local[node.name]
        kind = self._global(node.name)
        if kind is None:
            raise self.fail(f"undeclared reference to '{node.name.lstrip('.')}'", node.place)
        return kind

    def resolution(self) -> Resolution:
        """What was found out about the calls."""
        return Resolution(self.chosen, self.guards, self.calls)

    def is_type(self, node: Node) -> bool:
        """Whether `node`, which was checked, is the name of a type and no variable."""
        name = (qualified(node) or "").lstrip(".")
        kind = self.types.get(id(node), DYN)
        return kind[0] == "type" and is_type(name, self.functions) and name not in self.variables

    def _global(self, name: str) -> Type | None:
        """The type of the variable, or type, called `name`."""
        name = name.lstrip(".")
        kind = self.variables.get(name)
        if kind is None and is_type(name, self.functions):
            return ("type", parse_type(name))
        return kind

    def of_select(self, node: Select) -> Type:
        dotted = qualified(node)
        if dotted is not None and dotted.partition(".")[0] not in self.local:
            kind = self._global(dotted)
            if kind is not None:
                return kind
        operand = self.now(self.of(node.operand))
        optional = operand[0] == "optional_type"
        value = self._field(_part(operand, 1) if optional else operand, node)
        if node.test:
            return BOOL
        return self.now(optional_of(value) if optional or node.optional else value)

    def _field(self, operand: Type, node: Select) -> Type:
        if operand[0] == "map":
            return _part(operand, 2)
        if is_parameter(operand):
            assigned(DYN, operand, self.bindings)
        elif operand != DYN:
            said = f"type '{name_of(operand)}' does not support field selection"
            raise self.fail(said, node.place)
        return DYN

    def of_index(self, node: Index) -> Type:
        args = [self.of(node.operand), self.of(node.at)]
        return self.resolved("_[?_]" if node.optional else "_[_]", args, node.place)

    def of_call(self, node: Call) -> Type:
        name, target = resolve_call(node, self.functions)
        args = [self.of(it) for it in ((target,) if target is not None else ()) + node.args]
        if name in ("_&&_", "_||_"):
            for kind, part in zip(args, node.args, strict=True):
                self.fits(BOOL, kind, part.place)
            return BOOL
        unknown = [has_parameter(self.now(it)) for it in args]
        kind = self.resolved(name, args, node.place, member=target is not None)
        self.calls[id(node)] = tuple(self.matched)
        self.chosen[id(node)] = tuple(dict.fromkeys(it.implementation for it in self.matched))
        if any(unknown) and len(self.matched) == 1 and name not in UNGUARDED:
            self.guards[id(node)] = self.matched[0].arguments
        return kind

    def resolved(self, name: str, args: list[Type], place: Place, *, member: bool = False) -> Type:
        """The type of a call of `name`. Raises CelTypeError where no overload takes `args`."""
        overloads = self.functions.get(name)
        if overloads is None:
            raise self.fail(f"undeclared reference to '{name}'", place)
        if self.lenient:
            # Kubernetes forgot to hide these there, and after, before it allowed them everywhere.
            overloads = self.functions.get(f"@inner{name}", overloads)
        found: Type | None = None
        self.matched = []
        for overload in overloads:
            if overload.member is not member:
                continue
            formal, result = self._instance(overload, len(args))
            if all_assigned(args, formal, self.bindings):
                kind = self.now(result)
                self.matched.append(overload)
                found = kind if found is None or found == kind else DYN
        if found is None:
            types = ", ".join(name_of(substituted(it, self.bindings, unbound=DYN)) for it in args)
            said = f"found no matching overload for '{name}' applied to '({types})'"
            raise self.fail(said, place)
        return found

    def _instance(self, overload: Overload, size: int) -> tuple[list[Type], Type]:
        """The arguments and the result of `overload`, its type parameters made fresh."""
        names: Bindings = {}

        def fresh(kind: Type) -> Type:
            if is_parameter(kind):
                return names.setdefault(str(kind[0]), self.parameter())
            return (kind[0], *(fresh(part) for part in kind[1:] if type(part) is tuple))

        arguments = [fresh(kind) for kind in overload.arguments]
        if overload.repeats and arguments:
            arguments += [arguments[-1]] * (size - len(arguments))
        return arguments, fresh(overload.result)

    def of_listliteral(self, node: ListLiteral) -> Type:
        kind: Type | None = None
        for element, optional in node.elements:
            kind = self._joined(kind, self._element(element, optional))
        return list_of(kind if kind is not None else self.parameter())

    def _element(self, node: Node, optional: bool) -> Type:
        found = self.of(node)
        if not optional or found == DYN:
            return found
        if found[0] != "optional_type":
            raise self.fail(f"expected an optional, got {name_of(found)}", node.place)
        return _part(found, 1)

    def _joined(self, kind: Type | None, found: Type) -> Type:
        if kind is None:
            return found
        if assigned(kind, found, self.bindings):
            return more_general(kind, found)
        return DYN

    def of_mapliteral(self, node: MapLiteral) -> Type:
        keys: Type | None = None
        values: Type | None = None
        for key, value, optional in node.entries:
            keys = self._joined(keys, self.of(key))
            values = self._joined(values, self._element(value, optional))
        return map_of(keys or self.parameter(), values or self.parameter())

    def of_struct(self, node: Struct) -> Type:
        made = message(node.name)
        if made is None:
            raise self.fail(f"undeclared reference to '{node.name}'", node.place)
        for name, value, optional in node.fields:
            kind = made.fields.get(name)
            if kind is None:
                raise self.fail(f"undefined field '{name}'", value.place)
            self.fits(kind, self._element(value, optional), value.place)
        return made.result

    def of_macro(self, node: Macro) -> Type:
        from portside.cel.comprehension_types import macro_type

        return macro_type(self, node)

    def inside(self, names: Mapping[str, Type], node: Node) -> Type:
        """The type of `node` where `names` are visible too."""
        outer = self.local
        self.local = {**outer, **names}
        self.lenient = True
        kind = self.of(node)
        self.local = outer
        return kind

    def fits(self, formal: Type, actual: Type, place: Place) -> None:
        """Raise CelTypeError where `actual` does not fit `formal`."""
        if not assigned(formal, actual, self.bindings):
            expected, got = name_of(self.now(formal)), name_of(self.now(actual))
            raise self.fail(f"expected type '{expected}' but found '{got}'", place)


def is_type(name: str, functions: Functions) -> bool:
    """Whether `name` is that of a type: where the function is that makes its values."""
    return name in TYPE_NAMES and _MADE_BY.get(name, "size") in functions


def _part(kind: Type, position: int) -> Type:
    part = kind[position] if len(kind) > position else DYN
    return part if type(part) is tuple else DYN


def qualified(node: Node) -> str | None:
    """`node` as a dotted name: `a.b.c`; None where it is anything else."""
    if isinstance(node, Ident):
        return node.name
    if isinstance(node, Select) and not node.test and not node.optional:
        above = qualified(node.operand)
        return None if above is None else f"{above}.{node.field}"
    return None


def resolve_call(node: Call, functions: Functions) -> tuple[str, Node | None]:
    """The function's name and its receiver; `math.least(1)` is a function called math.least."""
    if node.target is None:
        return node.function.lstrip("."), None
    dotted = qualified(node.target)
    if dotted is not None:
        name = f"{dotted.lstrip('.')}.{node.function}"
        if name in functions:
            return name, None
    return node.function, node.target
