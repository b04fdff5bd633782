"""`indexOf` and `lastIndexOf` as Kubernetes has them: places beyond the end are no error.

Source: cel-go, ext/strings.go.
"""

from __future__ import annotations

from typing import Any

from portside.cel.errors import CelEvaluationError, no_overload


def index_of(text: Any, part: Any, start: Any = 0) -> int:
    """Where `part` is first found from `start` on, -1 where it is not."""
    _expect("indexOf", text, part, start)
    if start < 0:
        raise CelEvaluationError(f"index out of range: {start}")
    if not part:
        return int(min(start, len(text)))
    return int(text.find(part, start)) if start < len(text) else -1


def last_index_of(text: Any, part: Any, *start: Any) -> int:
    """Where `part` is last found at or before `start`, -1 where it is not."""
    begin = start[0] if start else 0
    _expect("lastIndexOf", text, part, begin)
    if not start:
        return int(text.rfind(part))
    if begin < 0:
        raise CelEvaluationError(f"index out of range: {begin}")
    if not part:
        return int(min(begin, len(text)))
    return int(text.rfind(part, 0, begin + len(part))) if begin < len(text) else -1


def _expect(name: str, text: Any, part: Any, start: Any) -> None:
    if type(text) is not str or type(part) is not str or type(start) is not int:
        raise no_overload(name)
