"""Calls that are no calls: has(), comprehensions, optMap, cel.bind, cel.block."""

from __future__ import annotations

from portside.cel.errors import CelSyntaxError
from portside.cel.tree import Call, Ident, ListLiteral, Macro, Node, Place, Select

_ACCUMULATOR = "__result__"
_ONE_VARIABLE = ("all", "exists", "exists_one", "existsOne", "map", "filter")
_TWO_VARIABLES = ("all", "exists", "existsOne", "exists_one", "transformList", "transformMap")

MACROS = frozenset(
    (
        ("has", 1, False),
        *((name, 2, True) for name in _ONE_VARIABLE),
        ("map", 3, True),
        *((name, 3, True) for name in _TWO_VARIABLES),
        *((name, 4, True) for name in ("transformList", "transformMap", "transformMapEntry")),
        ("transformMapEntry", 3, True),
        ("sortBy", 2, True),
        ("optMap", 2, True),
        ("optFlatMap", 2, True),
        ("bind", 3, True),
        ("block", 2, True),
        ("index", 1, True),
        ("iterVar", 2, True),
        ("accuVar", 2, True),
    )
)
"""(name, number of arguments, whether it has a target) of every macro."""


def expand(name: str, target: Node | None, args: tuple[Node, ...], place: Place) -> Node | None:
    """The tree of a macro call; None where it is no macro after all. Raises CelSyntaxError."""
    if target is None:
        return _has(args[0], place)
    if name in ("bind", "block", "index", "iterVar", "accuVar"):
        return _of_cel(name, target, args, place)
    if name in ("optMap", "optFlatMap"):
        return Macro(name, target, (_variable(args[0]),), args[1:], place)
    two = name.startswith("transform") or (len(args) == 3 and name != "map")
    names = tuple(_variable(arg) for arg in args[: 2 if two else 1])
    if _ACCUMULATOR in names:
        raise CelSyntaxError("iteration variable overwrites accumulator variable", *args[0].place)
    if len(set(names)) < len(names):
        raise CelSyntaxError("the two variables have one name", *place)
    return Macro(
        "exists_one" if two and name == "existsOne" else name,
        target,
        names,
        args[len(names) :],
        place,
    )


def _has(arg: Node, place: Place) -> Node:
    if not isinstance(arg, Select) or arg.test or arg.optional:
        raise CelSyntaxError("has() asks for a field: has(a.b)", *place)
    return arg._replace(test=True)


def _variable(node: Node) -> str:
    if isinstance(node, Ident) and "." not in node.name:
        return node.name
    if isinstance(node, Macro) and node.macro == "name":
        return node.names[0]
    place = node.place
    raise CelSyntaxError("expected the name of a variable", *place)


def _of_cel(name: str, target: Node, args: tuple[Node, ...], place: Place) -> Node | None:
    if not isinstance(target, Ident) or target.name != "cel":
        return None
    if name == "bind":
        return Macro("bind", args[1], (_variable(args[0]),), args[2:], place)
    if name == "block":
        if not isinstance(args[0], ListLiteral):
            raise CelSyntaxError("cel.block takes a list of expressions", *place)
        names = tuple(f"@index{number}" for number in range(len(args[0].elements)))
        return Macro("block", args[0], names, args[1:], place)
    numbers = "_".join(str(getattr(arg, "value", "?")) for arg in args)
    prefix = {"index": "@index", "iterVar": "@it_", "accuVar": "@ac_"}[name]
    return Ident(f"{prefix}{numbers}", place)


def is_operator(node: Node, name: str) -> bool:
    """Whether `node` is a call of the operator `name`."""
    return isinstance(node, Call) and node.function == name and node.target is None
