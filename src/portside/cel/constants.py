"""What Kubernetes refuses before it evaluates: constants that can have no value, mixed literals.

Source: cel-go, cel/validator.go, ext/formatting.go and interpreter/decorators.go, which compute
conversions of constants, compile constant patterns and read constant templates beforehand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portside.cel.dialect import walk
from portside.cel.errors import CelEvaluationError, CelTypeError, CelUndecidedError
from portside.cel.tree import Call, Index, ListLiteral, Literal, MapLiteral, Node
from portside.cel.types import DYN, Type, name_of, parts, plain
from portside.records import NamedTuple

VALIDATED = 29
"""Since Kubernetes 1.29 templates and the first argument of matches() are looked at, too."""

_CONVERSIONS = (
    *("bool", "bytes", "double", "duration", "dyn", "int", "string", "timestamp", "type", "uint"),
)
_KEYS = ("int", "uint", "double", "string", "bool")
_PATTERNS = ("matches", "find", "findAll")
Types = dict[int, Type]
"""The type of a node, by its `id`."""


class Constants(NamedTuple):
    """What is known of an expression that was checked, in Kubernetes 1.`minor`."""

    types: Types
    is_type: Callable[[Node], bool]
    """Whether a node is the name of a type."""
    evaluate: Callable[[Node], Any]
    """The value of a conversion of constants."""
    minor: int

    def refuse(self, tree: Node) -> None:
        """Raise CelTypeError for a constant that can have no value, or a mixed literal."""
        nodes = list(walk(tree))
        for node in nodes:
            if isinstance(node, Call):
                self._check_call(node)
            elif isinstance(node, Index) and self._is_constant(node.at):
                self._check_key(node.at)
        exempt = _under_format(nodes) if self.minor >= VALIDATED else set()
        for node in nodes:
            _validate(node, self.types, exempt, self.minor)

    def _is_constant(self, node: Node) -> bool:
        """Whether the value of `node` is known beforehand."""
        if isinstance(node, ListLiteral):
            return all(self._is_constant(it) and not optional for it, optional in node.elements)
        if isinstance(node, MapLiteral):
            return all(
                self._is_constant(key) and self._is_constant(value) and not optional
                for key, value, optional in node.entries
            )
        if isinstance(node, Call):
            return _is_conversion(node) and self._is_constant(node.args[0])
        return isinstance(node, Literal) or self.is_type(node)

    def _check_call(self, node: Call) -> None:
        if _is_conversion(node) and self._is_constant(node):
            try:
                self.evaluate(node)
            except CelEvaluationError as error:
                raise CelTypeError(error.message, *node.args[0].place) from error
        elif node.function in _PATTERNS:
            args = (node.target, *node.args) if node.target is not None else node.args
            _check_pattern(args[1] if len(args) > 1 else None)
            # The validator takes the first argument for the pattern, also where it is the text.
            if self.minor >= VALIDATED and node.target is None:
                _check_pattern(args[0])

    def _check_key(self, node: Node) -> None:
        inner = node
        while isinstance(inner, Call) and inner.function == "dyn":
            inner = inner.args[0]
        known = isinstance(inner, Literal) and inner.kind not in ("null", "bytes")
        if not known and not (isinstance(inner, Call) and inner.function in _KEYS):
            raise CelTypeError("a constant of this type cannot be a key", *node.place)


def _is_conversion(node: Call) -> bool:
    return node.target is None and len(node.args) == 1 and node.function in _CONVERSIONS


def _check_pattern(node: Node | None) -> None:
    from portside.cel.library.core import compiled

    if not isinstance(node, Literal) or type(node.value) is not str:
        return
    try:
        compiled(node.value)
    except CelUndecidedError:
        return
    except CelEvaluationError as error:
        raise CelTypeError(error.message, *node.place) from error


def _under_format(nodes: list[Node]) -> set[int]:
    """The nodes inside of a call of format(), where lists may be mixed."""
    exempt: set[int] = set()
    for node in nodes:
        if isinstance(node, Call) and node.function == "format":
            exempt.update(id(it) for it in walk(node) if it is not node)
    return exempt


def _validate(node: Node, types: Types, exempt: set[int], minor: int) -> None:
    if isinstance(node, ListLiteral) and id(node) not in exempt:
        _alike([(it, optional) for it, optional in node.elements], types)
    elif isinstance(node, MapLiteral) and id(node) not in exempt:
        _alike([(key, False) for key, _, _ in node.entries], types)
        _alike([(value, optional) for _, value, optional in node.entries], types)
    elif minor >= VALIDATED and isinstance(node, Call) and node.function == "format":
        _check_template(node, types)


def _alike(nodes: list[tuple[Node, bool]], types: Types) -> None:
    expected: Type | None = None
    for node, optional in nodes:
        kind = types[id(node)]
        if optional:
            kind = parts(kind)[0] if parts(kind) else DYN
        expected = kind if expected is None else expected
        if _bare(expected) != _bare(kind):
            said = f"expected type '{name_of(expected)}' but found '{name_of(kind)}'"
            raise CelTypeError(said, *node.place)


def _bare(kind: Type) -> Type:
    """`kind` without wrappers, which do not count in comparisons."""
    kind = plain(kind)
    return (kind[0], *(_bare(it) for it in parts(kind)))


def _check_template(node: Call, types: Types) -> None:
    template = node.target
    if len(node.args) != 1 or not isinstance(template, Literal) or type(template.value) is not str:
        return
    values = node.args[0]
    if not isinstance(values, ListLiteral):
        return
    from portside.cel.kubernetes.texts import replaced

    elements = [it for it, _ in values.elements]
    used = 0

    def check(verb: str, _: int | None) -> str:
        nonlocal used
        if used >= len(elements):
            raise CelEvaluationError(f"index {used} out of range")
        _check_value(verb, elements[used], types)
        used += 1
        return ""

    try:
        replaced(template.value, check)
    except CelEvaluationError as error:
        raise CelTypeError(error.message, *node.place) from error
    if used < len(elements):
        raise CelTypeError("too many arguments supplied to string.format", *node.place)


def _check_value(verb: str, node: Node, types: Types) -> None:
    from portside.cel.kubernetes.texts import TAKES

    kind = types[id(node)]
    if kind != DYN and str(plain(kind)[0]) not in TAKES[verb]:
        raise CelTypeError(f"%{verb} does not take {name_of(kind)}", *node.place)
    if verb == "s" and isinstance(node, ListLiteral):
        for element, _ in node.elements:
            _check_value(verb, element, types)
    elif verb == "s" and isinstance(node, MapLiteral):
        for key, value, _ in node.entries:
            _check_value(verb, key, types)
            _check_value(verb, value, types)
