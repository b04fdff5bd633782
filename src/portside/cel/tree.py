"""The parsed expression: macros stay what they are, so that they become Python loops."""

from __future__ import annotations

from portside.records import NamedTuple


class Place(NamedTuple):
    line: int
    column: int


class Literal(NamedTuple):
    """`kind` is `int`, `uint`, `double`, `string`, `bytes`, `bool` or `null`."""

    kind: str
    value: object
    place: Place


class Ident(NamedTuple):
    name: str
    place: Place


class Select(NamedTuple):
    """`operand.field`; `test` for has(), `optional` for `operand.?field`."""

    operand: Node
    field: str
    test: bool
    optional: bool
    place: Place


class Index(NamedTuple):
    operand: Node
    at: Node
    optional: bool
    place: Place


class Call(NamedTuple):
    """A function or operator; operators are called `_+_`, `!_`, `_?_:_` and so on."""

    function: str
    target: Node | None
    args: tuple[Node, ...]
    place: Place


class ListLiteral(NamedTuple):
    """Elements, each with whether it is optional (`[?x]`)."""

    elements: tuple[tuple[Node, bool], ...]
    place: Place


class MapLiteral(NamedTuple):
    """(key, value, optional) entries."""

    entries: tuple[tuple[Node, Node, bool], ...]
    place: Place


class Struct(NamedTuple):
    """A message literal, `Name{field: value}`: only the well-known types have a meaning here."""

    name: str
    fields: tuple[tuple[str, Node, bool], ...]
    place: Place


class Macro(NamedTuple):
    """A comprehension: `all`, `exists`, `exists_one`, `map`, `filter`, `transformList`,
    `transformMap`, `transformMapEntry`, `optMap`, `optFlatMap`, `bind`, `block`.

    `names` are the variables it declares, `args` the expressions that see them.
    """

    macro: str
    range: Node
    names: tuple[str, ...]
    args: tuple[Node, ...]
    place: Place


Node = Literal | Ident | Select | Index | Call | ListLiteral | MapLiteral | Struct | Macro
