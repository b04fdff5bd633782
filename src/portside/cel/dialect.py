"""What the full language has and Kubernetes' dialect of a version lacks, apart from functions."""

from __future__ import annotations

from collections.abc import Iterator

from portside.cel.errors import CelTypeError
from portside.cel.tree import (
    Call,
    Index,
    ListLiteral,
    Macro,
    MapLiteral,
    Node,
    Select,
    Struct,
)

_SINCE = {"optMap": 28, "optFlatMap": 28, "transformList": 32, "transformMap": 32}
_SINCE |= {"transformMapEntry": 32, "sortBy": 34}
_NEVER = 1000


def refuse_what_kubernetes_lacks(tree: Node, minor: int) -> None:
    """Raise CelTypeError at the first part of `tree` that Kubernetes 1.`minor` refuses."""
    for node in walk(tree):
        since = _needs(node)
        if since > minor:
            what = node.macro if isinstance(node, Macro) else "optional syntax"
            when = f"before Kubernetes 1.{since}" if since < _NEVER else "in Kubernetes"
            raise CelTypeError(f"unsupported {when}: {what}", *node.place)


def _needs(node: Node) -> int:
    if isinstance(node, Macro):
        two = len(node.names) == 2
        if node.macro in ("bind", "block", "existsOne"):
            return _NEVER
        return _SINCE.get(node.macro, 32 if two else 0)
    if isinstance(node, Select | Index):
        return 28 if node.optional else 0
    if isinstance(node, ListLiteral):
        return 28 if any(optional for _, optional in node.elements) else 0
    if isinstance(node, MapLiteral):
        return 28 if any(entry[2] for entry in node.entries) else 0
    return 0


def walk(tree: Node) -> Iterator[Node]:
    """Every node of `tree`, a parent before its parts."""
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(parts(node)))


def parts(node: Node) -> list[Node]:
    """The nodes directly below `node`, in the order of the text."""
    if isinstance(node, Select):
        return [node.operand]
    if isinstance(node, Index):
        return [node.operand, node.at]
    if isinstance(node, Call):
        return [*([node.target] if node.target is not None else []), *node.args]
    if isinstance(node, ListLiteral):
        return [element for element, _ in node.elements]
    if isinstance(node, MapLiteral):
        return [part for entry in node.entries for part in entry[:2]]
    if isinstance(node, Struct):
        return [value for _, value, _ in node.fields]
    if isinstance(node, Macro):
        return [node.range, *node.args]
    return []
