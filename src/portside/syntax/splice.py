"""Pieces of a text that give way to others."""

from __future__ import annotations

from collections.abc import Iterable

Splice = tuple[int, int, str]
"""Where the piece begins, where it ends, and what takes its place."""


def spliced(text: str, pieces: Iterable[Splice]) -> str:
    """`text` with every piece replaced; they do not overlap."""
    for begin, end, new in sorted(pieces, reverse=True):
        text = text[:begin] + new + text[end:]
    return text
