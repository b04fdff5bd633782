"""Which name is meant by one that there is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(name: str, names: Iterable[str]) -> str:
    """The one of `names` that `name` is most likely a slip of; empty where none is near."""
    if len(name) > _LONGEST:
        return ""
    from difflib import get_close_matches

    by_lower = {it.lower(): it for it in names if len(it) <= _LONGEST}
    found = get_close_matches(name.lower(), list(by_lower), 1, 0.7)
    return by_lower[found[0]] if found else ""


_LONGEST = 64
"""Letters of a name that is compared with others."""
