"""`portside version`."""

from __future__ import annotations

from collections.abc import Sequence

from portside import __version__


def run(argv: Sequence[str]) -> int:
    print(f"portside {__version__}")
    return 0
