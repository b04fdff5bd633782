"""The documents of rendered texts that this process has read: most are made again and again."""

from __future__ import annotations

from functools import lru_cache

from portside.syntax import Limits
from portside.syntax.kept import Kept


@lru_cache(maxsize=2)
def kept(limits: Limits) -> Kept:
    """What was read within these limits."""
    return Kept()
