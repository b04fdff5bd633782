"""What is told of an exception that nobody foresaw: its class and the lines it came through.

Its own message is left out. It may quote whatever was at hand, as `int("…")` and `KeyError` do.
"""

from __future__ import annotations

from collections.abc import Iterator


def told(error: BaseException) -> str:
    """The class of `error`, and the function and line that raised it."""
    from traceback import extract_tb

    frames = extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    last = frames[-1]
    file = last.filename.replace("\\", "/").rpartition("/")[2]
    return f"{type(error).__name__} in {last.name} ({file}, line {last.lineno})"


def traceback_of(error: BaseException) -> str:
    """The traceback of `error` and of what led to it, each with its class instead of a message."""
    parts = [*_traces(error)]
    return "\nthen, while that was handled:\n\n".join(reversed(parts))


def _traces(error: BaseException) -> Iterator[str]:
    from traceback import format_tb

    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        lines = "".join(format_tb(following.__traceback__))
        yield f"Traceback (most recent call last):\n{lines}{type(following).__name__}\n"
        hidden = following.__suppress_context__
        following = following.__cause__ or (None if hidden else following.__context__)
