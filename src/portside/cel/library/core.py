"""size, contains, startsWith, endsWith, matches: what nearly every rule uses. Light to import."""

from __future__ import annotations

from typing import Any

from portside.cel.errors import CelEvaluationError, CelUndecidedError, no_overload
from portside.cel.values import CelMap

_SIZED = (str, bytes, list, dict, CelMap)
_PATTERNS: dict[str, Any] = {}
_MOST_PATTERNS = 500


def size(value: Any) -> int:
    if type(value) in _SIZED:
        return len(value)
    raise no_overload("size")


def contains(text: Any, part: Any) -> bool:
    if type(text) is str and type(part) is str:
        return part in text
    raise no_overload("contains")


def starts_with(text: Any, part: Any) -> bool:
    if type(text) is str and type(part) is str:
        return text.startswith(part)
    raise no_overload("startsWith")


def ends_with(text: Any, part: Any) -> bool:
    if type(text) is str and type(part) is str:
        return text.endswith(part)
    raise no_overload("endsWith")


def matches(text: Any, pattern: Any) -> bool:
    """Whether `pattern`, a regular expression in RE2's syntax, is found in `text`."""
    if type(text) is str and type(pattern) is str:
        return compiled(pattern).search(text) is not None
    raise no_overload("matches")


def compiled(pattern: str) -> Any:
    """`pattern` ready to search. Raises CelEvaluationError where RE2 refuses it.

    Patterns run in RE2, whose time is linear. Where it is not installed, those whose syntax and
    meaning are the same in Python, and which cannot backtrack, run there; others are undecided.
    """
    found = _PATTERNS.get(pattern)
    if found is None:
        found = _compile(pattern)
        if len(_PATTERNS) < _MOST_PATTERNS:
            _PATTERNS[pattern] = found
    return found


def _compile(pattern: str) -> Any:
    from portside.cel.library.patterns import in_python

    same = in_python(pattern)
    if same is not None:
        return same
    try:
        import re2
    except ImportError as error:
        raise CelUndecidedError(
            "this pattern needs google-re2, which is not installed: pip install 'portside[re2]'"
        ) from error
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 16 << 20
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise CelEvaluationError(f"not a regular expression of RE2: {error}") from error
