"""How bad a finding is: a small integer, so that it sorts, and its name."""

from __future__ import annotations

INFO, LOW, MEDIUM, HIGH, CRITICAL = range(5)
NAMES = ("info", "low", "medium", "high", "critical")


def severity(name: str) -> int:
    """The severity called `name`. Raises ValueError for any other word."""
    return NAMES.index(name)
