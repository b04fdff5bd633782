"""Which parts of an expression are the same, so that each need be computed only once."""

from __future__ import annotations

from portside.cel.dialect import parts
from portside.cel.tree import Call, Ident, Index, ListLiteral, Literal, Macro, Node, Select, Struct

_NOTHING: frozenset[str] = frozenset()


class Repeated:
    """Numbers the parts of one expression; the same number is the same expression."""

    def __init__(self) -> None:
        self.free: dict[int, frozenset[str]] = {}
        """The names that a part depends on, by its number."""
        self._numbers: dict[object, int] = {}
        self._keys: dict[int, int] = {}
        self._nodes: list[Node] = []
        self._used: dict[int, int] = {}

    def count(self, node: Node) -> None:
        """Note how often each part of `node` is asked for, the insides of a repetition once."""
        key = self.key(node)
        self._used[key] = self._used.get(key, 0) + 1
        if self._used[key] == 1:
            for part in parts(node):
                self.count(part)

    def is_worth_keeping(self, key: int) -> bool:
        return self._used.get(key, 0) > 1

    def key(self, node: Node) -> int:
        """The number of `node`, the same for all that say the same."""
        found = self._keys.get(id(node))
        if found is None:
            inner = parts(node)
            content = (type(node), _said(node), tuple(self.key(it) for it in inner))
            found = self._numbers.setdefault(content, len(self._numbers))
            self._keys[id(node)] = found
            # An id is only its node's own for as long as the node is there.
            self._nodes.append(node)
            self.free.setdefault(found, self._free(node, inner))
        return found

    def _free(self, node: Node, inner: list[Node]) -> frozenset[str]:
        if isinstance(node, Ident):
            return frozenset((node.name,))
        names = _NOTHING.union(*(self.free[self.key(it)] for it in inner))
        if not isinstance(node, Macro):
            return names
        outside = self.free[self.key(node.range)]
        return outside | (names - frozenset(node.names)) if node.names else names


def _said(node: Node) -> object:
    """What `node` itself says, without its place and what is below it."""
    if isinstance(node, Literal):
        return node.kind, repr(node.value)
    if isinstance(node, Ident):
        return node.name
    if isinstance(node, Select):
        return node.field, node.test, node.optional
    if isinstance(node, Index):
        return node.optional
    if isinstance(node, Call):
        return node.function, node.target is None
    if isinstance(node, Macro):
        return node.macro, node.names
    if isinstance(node, Struct):
        return node.name, tuple((name, optional) for name, _, optional in node.fields)
    rows = node.elements if isinstance(node, ListLiteral) else node.entries
    return tuple(row[-1] for row in rows)
