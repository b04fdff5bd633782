"""Room for deep expressions: their depth is bounded, and Python's own bound is for their sum.

An expression of the greatest depth takes more nested calls than Python allows by default. The
limit is the whole interpreter's: it is raised while anybody needs it, never lowered below what it
was.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from portside.cel.dialect import parts
from portside.cel.errors import CelSyntaxError
from portside.cel.tree import Node

DEEPEST = 250
"""Nested operations; cel-go's default limit, and Kubernetes'."""
_ENOUGH = 12_000
_LOCK = threading.Lock()
_BEFORE: list[int] = []


def refuse_too_deep(tree: Node) -> None:
    """Raise CelSyntaxError at the first part of `tree` that is nested too deep."""
    level, depth = [tree], 1
    while level:
        if depth > DEEPEST + 1:
            raise CelSyntaxError(f"nested too deep: more than {DEEPEST} levels", *level[0].place)
        level = [part for node in level for part in parts(node)]
        depth += 1


@contextmanager
def room() -> Iterator[None]:
    """Room for an expression that is not too deep, shared by all threads that ask for it."""
    with _LOCK:
        _BEFORE.append(sys.getrecursionlimit() if not _BEFORE else _BEFORE[0])
        sys.setrecursionlimit(max(_ENOUGH, _BEFORE[0]))
    try:
        yield
    finally:
        with _LOCK:
            before = _BEFORE.pop()
            if not _BEFORE:
                sys.setrecursionlimit(before)
