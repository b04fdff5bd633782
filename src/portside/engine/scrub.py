"""Values without the credentials in them: what is kept of objects whose fields nobody can list."""

from __future__ import annotations

from typing import Any

from portside.secrets.texts import in_lines, in_value, in_words, may_tell

_DEEPEST = 100
"""Deeper than that nothing is kept."""


def scrubbed(value: Any, name: str = "", depth: int = 0) -> Any:
    """A copy of `value`, the value of the field `name`, with an empty text for each credential."""
    if type(value) is str:
        return "" if _is_credential(name, value) else value
    if depth == _DEEPEST:
        return None
    if type(value) is list:
        told = _told_by_words(value)
        return ["" if at in told else scrubbed(it, name, depth + 1) for at, it in enumerate(value)]
    if type(value) is not dict:
        return value
    called = value.get("name")
    return {
        key: scrubbed(it, called if key == "value" and type(called) is str else key, depth + 1)
        for key, it in value.items()
    }


def _told_by_words(items: list[Any]) -> set[int]:
    """Where the words of a command that `items` may be give a credential, or the option before."""
    if not all(type(it) is str for it in items):
        return set()
    return {at + more for at, _ in in_words(items) for more in (0, 1)}


def _is_credential(name: str, value: str) -> bool:
    hit = in_value(name, value)
    if hit is not None:
        return not hit.placeholder
    if " " in value and may_tell(value):
        return True
    return "\n" in value and any(True for _ in in_lines(value))
