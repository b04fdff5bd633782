"""The patterns of `${name#pattern}`: `*`, `?` and escapes, matched in time linear in both texts."""

from __future__ import annotations

ANY = "*"
ONE = "?"
_DEAREST = 1_000_000
"""How many comparisons may be needed; no Dockerfile comes near."""


def parts_of(pattern: str) -> list[str]:
    """`*` and `?` as they are, every other character with a backslash in front.

    Raises ValueError for an escape that BuildKit does not know.
    """
    parts = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char in (ANY, ONE):
            parts.append(char)
            continue
        if char == "\\":
            after = pattern[at : at + 1]
            if after and after in "}/":
                continue
            if not after or after not in "*?\\":
                raise ValueError(f"invalid escape \\{after}")
            char = after
            at += 1
        parts.append("\\" + char)
    return parts


def match_prefix(parts: list[str], value: str, begin: int, greedy: bool) -> int | None:
    """Where the shortest (or longest) match that begins at `begin` ends; None without one.

    Raises ValueError for texts that are too long.
    """
    _bound(len(parts) * len(value))
    states = _closure({0}, parts)
    found = begin if len(parts) in states else None
    at = begin
    while states and at < len(value) and (greedy or found is None):
        states = _step(states, parts, value[at])
        at += 1
        if len(parts) in states:
            found = at
    return found


def without_suffix(pattern: str, value: str, greedy: bool) -> str:
    """`value` without the shortest (or longest) end that matches. ValueError as in `parts_of`."""
    end = match_prefix(parts_of(_reversed(pattern)), value[::-1], 0, greedy)
    return value if not end else value[:-end]


def _reversed(pattern: str) -> str:
    """The pattern from its end; as in BuildKit, escapes stay in front of what they escape."""
    turned = []
    at = 0
    while at < len(pattern):
        width = 2 if pattern[at] == "\\" and at + 1 < len(pattern) else 1
        turned.append(pattern[at : at + width])
        at += width
    return "".join(reversed(turned))


def replaced(parts: list[str], replacement: str, value: str, everywhere: bool) -> str:
    """`value` with its first match, or every match, replaced."""
    _bound(len(parts) * len(value) ** 2)
    result: list[str] = []
    at, last = 0, -1
    while at <= len(value):
        end = match_prefix(parts, value, at, True)
        if end is None or (end == at and at == last):
            result.append(value[at : at + 1])
            at += 1
            continue
        result.append(replacement)
        if not everywhere:
            return "".join(result) + value[end:]
        if end == at:
            result.append(value[at : at + 1])
            at += 1
        else:
            at = last = end
    return "".join(result)


def _bound(comparisons: int) -> None:
    if comparisons > _DEAREST:
        raise ValueError("too long to be matched")


def _step(states: set[int], parts: list[str], char: str) -> set[int]:
    """As in BuildKit, neither `*` nor `?` takes a line break."""
    reached: set[int] = set()
    for state in states:
        part = parts[state] if state < len(parts) else ""
        if part == ANY:
            reached.update((state,) if char != "\n" else ())
        elif part == "\\" + char or (part == ONE and char != "\n"):
            reached.add(state + 1)
    return _closure(reached, parts)


def _closure(states: set[int], parts: list[str]) -> set[int]:
    for state in list(states):
        while state < len(parts) and parts[state] == ANY:
            state += 1
            states.add(state)
    return states
