"""What a condition is wherever a key is absent, so that most are skipped by a look (design D2)."""

from __future__ import annotations

from portside.cel.tree import Call, Ident, Literal, Node, Select

_LOGIC = ("_||_", "_&&_")


def without_key(node: Node, root: str, key: str) -> bool | None:
    """What `node` is wherever the map `root` lacks `key`; None where that alone does not tell."""
    if isinstance(node, Literal) and node.kind == "bool":
        return bool(node.value)
    if isinstance(node, Select) and node.test:
        asked = isinstance(node.operand, Ident) and node.operand.name == root
        return False if asked and node.field == key else None
    if not isinstance(node, Call) or node.target is not None:
        return None
    if node.function == "!_":
        inner = without_key(node.args[0], root, key)
        return None if inner is None else not inner
    if node.function in _LOGIC:
        decides = node.function == "_||_"
        parts = [without_key(arg, root, key) for arg in node.args]
        if decides in parts:
            return decides
        return None if None in parts else not decides
    return None
