"""Names, functions and types of an expression, checked before it runs. Source: cel-go's checker."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from portside.cel.declarations import Functions, Overload
from portside.cel.errors import CelTypeError
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
    ERROR,
    INT,
    NULL,
    STRING,
    UINT,
    Bindings,
    Type,
    assignable,
    is_parameter,
    joined,
    list_of,
    map_of,
    name_of,
    optional_of,
    substituted,
)

TYPE_NAMES = {
    **{it: it for it in ("int", "uint", "double", "string", "bytes", "bool", "list", "map")},
    "null_type": "null_type",
    "type": "type",
    "optional_type": "optional_type",
    "google.protobuf.Timestamp": "google.protobuf.Timestamp",
    "google.protobuf.Duration": "google.protobuf.Duration",
    "net.IP": "net.IP",
    "net.CIDR": "net.CIDR",
    "kubernetes.URL": "kubernetes.URL",
    "kubernetes.Quantity": "kubernetes.Quantity",
    "kubernetes.NamedFormat": "kubernetes.NamedFormat",
    "kubernetes.Semver": "kubernetes.Semver",
}
_LITERALS: dict[str, Type] = {"null": NULL}


class Checker:
    """Checks one tree; used once. `scope` maps the visible names to their types."""

    def __init__(
        self, variables: Mapping[str, Type], functions: Functions, *, homogeneous: bool
    ) -> None:
        self.scope: dict[str, Type] = dict(variables)
        self.functions = functions
        self.homogeneous = homogeneous
        self.bindings: Bindings = {}
        self.fresh = count()

    def check(self, node: Node) -> Type:
        """The type of `node`. Raises CelTypeError with line and column."""
        return substituted(self.of(node), self.bindings)

    def of(self, node: Node) -> Type:
        method = getattr(self, f"of_{type(node).__name__.lower()}")
        kind: Type = method(node)
        return kind

    def fail(self, message: str, place: Place) -> CelTypeError:
        return CelTypeError(message, place.line, place.column)

    def of_literal(self, node: Literal) -> Type:
        return _LITERALS.get(node.kind, (node.kind,))

    def of_ident(self, node: Ident) -> Type:
        kind = self.named(node.name)
        if kind is None:
            raise self.fail(f"undeclared reference to '{node.name.lstrip('.')}'", node.place)
        return kind

    def named(self, name: str) -> Type | None:
        """The type of the variable, or type, called `name`."""
        kind = self.scope.get(name.lstrip("."))
        if kind is None and name.lstrip(".") in TYPE_NAMES:
            return ("type", DYN)
        return kind

    def of_select(self, node: Select) -> Type:
        dotted = qualified(node)
        if dotted is not None:
            kind = self.named(dotted)
            if kind is not None:
                return kind
        operand = substituted(self.of(node.operand), self.bindings)
        optional = operand[0] == "optional_type"
        if optional:
            operand = _part(operand, 1)
        value = self._field(operand, node)
        if node.test:
            return BOOL
        return optional_of(value) if optional or node.optional else value

    def _field(self, operand: Type, node: Select) -> Type:
        if operand[0] == "map":
            self._fits(_part(operand, 1), STRING, node.place)
            return _part(operand, 2)
        if operand[0] in ("dyn", "error") or is_parameter(operand):
            return DYN
        raise self.fail(f"type '{name_of(operand)}' does not support field selection", node.place)

    def of_index(self, node: Index) -> Type:
        operand = substituted(self.of(node.operand), self.bindings)
        index = self.of(node.at)
        optional = operand[0] == "optional_type"
        if optional:
            operand = _part(operand, 1)
        value = self._item(operand, index, node)
        return optional_of(value) if optional or node.optional else value

    def _item(self, operand: Type, index: Type, node: Index) -> Type:
        if operand[0] == "list":
            if substituted(index, self.bindings)[0] != "uint":
                self._fits(INT, index, node.place)
            return _part(operand, 1)
        if operand[0] == "map":
            self._fits(_part(operand, 1), index, node.place)
            return _part(operand, 2)
        if operand[0] in ("dyn", "error") or is_parameter(operand):
            return DYN
        said = f"found no matching overload for '_[_]' applied to '({name_of(operand)}, "
        raise self.fail(f"{said}{name_of(index)})'", node.place)

    def _fits(self, formal: Type, actual: Type, place: Place) -> None:
        if not assignable(formal, actual, self.bindings):
            expected = name_of(substituted(formal, self.bindings))
            got = name_of(substituted(actual, self.bindings))
            raise self.fail(f"expected type '{expected}' but found '{got}'", place)

    def of_call(self, node: Call) -> Type:
        name, target = resolve_call(node, self.functions, self.scope)
        args = [self.of(it) for it in ((target,) if target is not None else ()) + node.args]
        if name == "_?_:_":
            return self._ternary(args, node.place)
        if name in ("_&&_", "_||_"):
            for kind, part in zip(args, node.args, strict=True):
                self._fits(BOOL, kind, part.place)
            return BOOL
        overloads = self.functions.get(name)
        if overloads is None:
            raise self.fail(f"undeclared reference to '{name}'", node.place)
        return self._call(name, overloads, args, node, member=target is not None)

    def _ternary(self, args: list[Type], place: Place) -> Type:
        self._fits(BOOL, args[0], place)
        one, other = (substituted(it, self.bindings) for it in args[1:])
        if not assignable(one, other, self.bindings):
            types = f"(bool, {name_of(one)}, {name_of(other)})"
            raise self.fail(f"found no matching overload for '_?_:_' applied to '{types}'", place)
        return DYN if DYN in (one, other) else substituted(one if one != NULL else other, {})

    def _call(
        self,
        name: str,
        overloads: tuple[Overload, ...],
        args: list[Type],
        node: Call,
        *,
        member: bool,
    ) -> Type:
        results: list[Type] = []
        found: Bindings = {}
        for overload in overloads:
            if overload.member is not member:
                continue
            trial = dict(self.bindings)
            formal, result = self._instance(overload, len(args))
            if len(formal) == len(args) and all(
                assignable(one, other, trial) for one, other in zip(formal, args, strict=True)
            ):
                results.append(substituted(result, trial))
                found = found or trial
        if not results:
            types = ", ".join(name_of(substituted(it, self.bindings)) for it in args)
            said = f"found no matching overload for '{name}' applied to '({types})'"
            raise self.fail(said, node.place)
        if all(it == results[0] for it in results) or len(results) == 1:
            self.bindings.update(found)
            return results[0]
        return DYN

    def _instance(self, overload: Overload, size: int) -> tuple[list[Type], Type]:
        """The arguments and the result of `overload`, its type parameters made fresh."""
        number = next(self.fresh)
        names: Bindings = {}

        def fresh(kind: Type) -> Type:
            if is_parameter(kind):
                return names.setdefault(str(kind[0]), (f"{kind[0]}{number}",))
            return (kind[0], *(fresh(part) for part in kind[1:] if type(part) is tuple))

        arguments = [fresh(kind) for kind in overload.arguments]
        if overload.repeats and arguments:
            arguments += [arguments[-1]] * (size - len(arguments))
        return arguments, fresh(overload.result)

    def of_listliteral(self, node: ListLiteral) -> Type:
        kind: Type | None = None
        for element, optional in node.elements:
            found = self._element(element, optional)
            kind = self._joined(kind, found, element.place)
        return list_of(kind if kind is not None else (f"E{next(self.fresh)}",))

    def _element(self, node: Node, optional: bool) -> Type:
        found = substituted(self.of(node), self.bindings)
        if not optional or found == DYN:
            return found
        if found[0] != "optional_type":
            raise self.fail(f"expected an optional, got {name_of(found)}", node.place)
        return _part(found, 1)

    def _joined(self, kind: Type | None, found: Type, place: Place) -> Type:
        if kind is None:
            return found
        both = joined(kind, found, self.bindings)
        known = DYN not in (kind, found)
        if self.homogeneous and both == DYN and known:
            said = f"expected type '{name_of(kind)}' but found '{name_of(found)}'"
            raise self.fail(said, place)
        return both

    def of_mapliteral(self, node: MapLiteral) -> Type:
        keys: Type | None = None
        values: Type | None = None
        for key, value, optional in node.entries:
            keys = self._joined(keys, substituted(self.of(key), self.bindings), key.place)
            values = self._joined(values, self._element(value, optional), value.place)
        number = next(self.fresh)
        return map_of(keys or (f"K{number}",), values or (f"V{number}",))

    def of_struct(self, node: Struct) -> Type:
        raise self.fail(f"undeclared reference to '{node.name}'", node.place)

    def of_macro(self, node: Macro) -> Type:
        from portside.cel.comprehension_types import macro_type

        return macro_type(self, node)

    def inside(self, names: Mapping[str, Type], node: Node) -> Type:
        """The type of `node` where `names` are visible too."""
        outer = {name: self.scope.get(name) for name in names}
        self.scope.update(names)
        kind = substituted(self.of(node), self.bindings)
        for name, before in outer.items():
            if before is None:
                del self.scope[name]
            else:
                self.scope[name] = before
        return kind

    def fits(self, formal: Type, actual: Type, place: Place) -> None:
        """Raise CelTypeError where `actual` does not fit `formal`."""
        self._fits(formal, actual, place)


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


def resolve_call(
    node: Call, functions: Functions, scope: Mapping[str, object]
) -> tuple[str, Node | None]:
    """The function's name and its receiver; `math.least(1)` is a function called math.least."""
    if node.target is None:
        return node.function, None
    dotted = qualified(node.target)
    if dotted is not None and dotted.split(".")[0] not in scope:
        name = f"{dotted.lstrip('.')}.{node.function}"
        if name in functions:
            return name, None
    return node.function, node.target


__all__ = ["ERROR", "UINT", "Checker", "qualified", "resolve_call"]
