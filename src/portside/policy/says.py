"""The sentence of a rule: text with CEL expressions in braces."""

from __future__ import annotations

from collections.abc import Iterator


def message_expression(says: str) -> str | None:
    """The CEL expression whose value is the sentence; None where it is plain text."""
    parts = list(pieces(says))
    if not any(code for _, code in parts):
        return None
    return " + ".join(f"string({text})" if code else quoted(text) for text, code in parts)


def pieces(says: str) -> Iterator[tuple[str, bool]]:
    """The pieces of `says`, each with whether it is an expression."""
    position = 0
    while position < len(says):
        start = says.find("{", position)
        end = _end(says, start) if start >= 0 else -1
        if end < 0:
            yield says[position:], False
            return
        if start > position:
            yield says[position:start], False
        yield says[start + 1 : end], True
        position = end + 1


def _end(says: str, start: int) -> int:
    """Where the brace opened at `start` closes."""
    depth = 0
    for position in range(start, len(says)):
        depth += (says[position] == "{") - (says[position] == "}")
        if depth == 0:
            return position
    return -1


def quoted(text: str) -> str:
    """`text` as a string literal of CEL."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
