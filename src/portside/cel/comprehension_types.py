"""The types of comprehensions and of the other macros that declare variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.cel.tree import ListLiteral, Macro
from portside.cel.types import (
    BOOL,
    DYN,
    INT,
    Type,
    is_parameter,
    list_of,
    map_of,
    name_of,
    optional_of,
    substituted,
)

if TYPE_CHECKING:
    from portside.cel.checker import Checker


def macro_type(checker: Checker, node: Macro) -> Type:
    """The type of the macro `node`. Raises CelTypeError."""
    if node.macro == "block":
        return _block(checker, node)
    range_type = substituted(checker.of(node.range), checker.bindings)
    if node.macro == "bind":
        return checker.inside({node.names[0]: range_type}, node.args[0])
    if node.macro in ("optMap", "optFlatMap"):
        return _optional(checker, node, range_type)
    return _comprehension(checker, node, _variables(checker, node, range_type))


def _block(checker: Checker, node: Macro) -> Type:
    names: dict[str, Type] = {}
    if isinstance(node.range, ListLiteral):
        for name, (element, _) in zip(node.names, node.range.elements, strict=True):
            names[name] = checker.inside(names, element)
    return checker.inside(names, node.args[0])


def _optional(checker: Checker, node: Macro, kind: Type) -> Type:
    item = DYN
    if kind[0] == "optional_type" and type(kind[1]) is tuple:
        item = kind[1]
    elif kind != DYN:
        raise checker.fail(f"expected an optional, got {name_of(kind)}", node.place)
    result = checker.inside({node.names[0]: item}, node.args[0])
    if node.macro == "optMap":
        return optional_of(result)
    if result != DYN and result[0] != "optional_type":
        raise checker.fail(f"expected an optional, got {name_of(result)}", node.place)
    return result


def _variables(checker: Checker, node: Macro, kind: Type) -> dict[str, Type]:
    parts: tuple[Type, Type] = (DYN, DYN)
    if kind[0] == "list" and type(kind[1]) is tuple:
        parts = (INT, kind[1])
    elif kind[0] == "map" and type(kind[1]) is tuple and type(kind[2]) is tuple:
        parts = (kind[1], kind[2])
    elif kind[0] not in ("dyn", "error") and not is_parameter(kind):
        said = f"expression of type '{name_of(kind)}' cannot be range of a comprehension"
        raise checker.fail(f"{said} (must be list, map, or dynamic)", node.range.place)
    if len(node.names) == 2:
        return dict(zip(node.names, parts, strict=True))
    return {node.names[0]: parts[0] if kind[0] == "map" else parts[1]}


def _comprehension(checker: Checker, node: Macro, names: dict[str, Type]) -> Type:
    kinds = [checker.inside(names, arg) for arg in node.args]
    predicates = kinds[:-1] if node.macro.startswith("transform") or node.macro == "map" else kinds
    for kind, arg in zip(predicates, node.args, strict=False):
        checker.fits(BOOL, kind, arg.place)
    if node.macro in ("all", "exists", "exists_one"):
        return BOOL
    if node.macro == "filter":
        return list_of(next(iter(names.values())))
    if node.macro in ("map", "transformList"):
        return list_of(kinds[-1])
    if node.macro == "transformMap":
        return map_of(next(iter(names.values())), kinds[-1])
    return kinds[-1] if kinds[-1][0] == "map" else DYN
