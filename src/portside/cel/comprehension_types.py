"""The types of comprehensions and of the other macros that declare variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.cel.tree import ListLiteral, Macro
from portside.cel.types import (
    BOOL,
    DYN,
    INT,
    Type,
    assigned,
    is_parameter,
    list_of,
    map_of,
    name_of,
    optional_of,
    parts,
)

if TYPE_CHECKING:
    from portside.cel.checker import Checker


def macro_type(checker: Checker, node: Macro) -> Type:
    """The type of the macro `node`. Raises CelTypeError."""
    if node.macro == "block":
        return _block(checker, node)
    range_type = checker.of(node.range)
    if node.macro == "bind":
        return checker.inside({node.names[0]: range_type}, node.args[0])
    if node.macro in ("optMap", "optFlatMap"):
        return _optional(checker, node, range_type)
    if node.macro == "sortBy":
        return _sorted(checker, node, range_type)
    return _comprehension(checker, node, _variables(checker, node, range_type))


def _block(checker: Checker, node: Macro) -> Type:
    names: dict[str, Type] = {}
    if isinstance(node.range, ListLiteral):
        for name, (element, _) in zip(node.names, node.range.elements, strict=True):
            names[name] = checker.inside(names, element)
    return checker.inside(names, node.args[0])


def _optional(checker: Checker, node: Macro, kind: Type) -> Type:
    checker.resolved("hasValue", [kind], node.place, member=True)
    item = checker.resolved("value", [kind], node.place, member=True)
    result = checker.inside({node.names[0]: item}, node.args[0])
    if node.macro == "optMap":
        result = optional_of(result)
    none = optional_of(checker.parameter())
    return checker.resolved("_?_:_", [BOOL, result, none], node.place)


def _sorted(checker: Checker, node: Macro, kind: Type) -> Type:
    names = _variables(checker, node, kind)
    keys = list_of(checker.inside(names, node.args[0]))
    result = checker.resolved("@sortByKeys", [kind, keys], node.place, member=True)
    checker.calls[id(node)] = tuple(checker.matched)
    return result


def _variables(checker: Checker, node: Macro, kind: Type) -> dict[str, Type]:
    kind = checker.now(kind)
    items: tuple[Type, ...] = (DYN, DYN)
    if kind[0] == "list":
        items = (INT, *parts(kind))
    elif kind[0] == "map":
        items = parts(kind)
    elif is_parameter(kind):
        assigned(DYN, kind, checker.bindings)
    elif kind[0] not in ("dyn", "error"):
        said = f"expression of type '{name_of(kind)}' cannot be range of a comprehension"
        raise checker.fail(f"{said} (must be list, map, or dynamic)", node.range.place)
    if len(node.names) == 2:
        return dict(zip(node.names, items, strict=True))
    return {node.names[0]: items[0] if kind[0] == "map" else items[1]}


def _comprehension(checker: Checker, node: Macro, names: dict[str, Type]) -> Type:
    kinds = [checker.inside(names, arg) for arg in node.args]
    predicates = kinds[:-1] if node.macro.startswith("transform") or node.macro == "map" else kinds
    for kind, arg in zip(predicates, node.args, strict=False):
        checker.fits(BOOL, kind, arg.place)
    if node.macro in ("all", "exists", "exists_one", "existsOne"):
        return BOOL
    if node.macro == "filter":
        return list_of(next(iter(names.values())))
    if node.macro in ("map", "transformList"):
        return list_of(kinds[-1])
    if node.macro == "transformMap":
        return map_of(next(iter(names.values())), kinds[-1])
    entries = map_of(checker.parameter(), checker.parameter())
    checker.fits(entries, kinds[-1], node.args[-1].place)
    return entries
