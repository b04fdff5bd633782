"""find() and findAll(). Source: k8s.io/apiserver/pkg/cel/library/regex.go.

Patterns run where `matches` runs them: in RE2, or in Python where that cannot mean anything else.
"""

from __future__ import annotations

from typing import Any

from portside.cel.errors import no_overload
from portside.cel.library.core import compiled


def find(text: Any, pattern: Any) -> str:
    """The first match, "" where there is none."""
    if type(text) is not str or type(pattern) is not str:
        raise no_overload("find")
    found = compiled(pattern).search(text)
    return "" if found is None else str(found.group(0))


def find_all(text: Any, pattern: Any, most: Any = -1) -> list[str]:
    """The matches from left to right, `most` of them unless that is negative.

    An empty match directly behind another match does not count, as in Go.
    """
    if type(text) is not str or type(pattern) is not str or type(most) is not int:
        raise no_overload("findAll")
    matcher = compiled(pattern)
    made: list[Any] = []
    # RE2's wrapper would turn a text into bytes at each search.
    data: Any = text if type(matcher).__module__ == "re" else text.encode("utf-8", "replace")
    at, behind = 0, -1
    while at <= len(data) and len(made) != most:
        found = matcher.search(data, at)
        if found is None:
            break
        start, end = found.span()
        if start != end or start != behind:
            made.append(found.group(0))
        behind = end
        at = end if end > start else _next(data, end)
    return [it.decode() if type(it) is bytes else it for it in made]


def _next(data: Any, at: int) -> int:
    """The place of the next character, of several bytes in UTF-8."""
    at += 1
    if type(data) is bytes:
        while at < len(data) and data[at] & 0xC0 == 0x80:
            at += 1
    return at
