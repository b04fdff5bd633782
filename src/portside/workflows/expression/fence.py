"""Where expressions stand in a text: `${{ … }}`."""

from __future__ import annotations

from collections.abc import Iterator

from portside.records import NamedTuple

OPEN = "${{"
CLOSE = "}}"


class Fenced(NamedTuple):
    """An expression and its place in the text that it was found in."""

    code: str
    """What stands between the braces, blanks included."""
    start: int
    """Of `${{`."""
    end: int
    """Behind `}}`."""

    @property
    def code_start(self) -> int:
        return self.start + len(OPEN)


def fenced(text: str) -> Iterator[Fenced]:
    """The expressions of `text`, in order. One that is never closed is none."""
    at = text.find(OPEN)
    while at >= 0:
        end = _closed(text, at + len(OPEN))
        if not end:
            return
        yield Fenced(text[at + len(OPEN) : end - len(CLOSE)], at, end)
        at = text.find(OPEN, end)


def _closed(text: str, begin: int) -> int:
    """The index behind the `}}` that closes the fence whose code begins at `begin`; 0 for none.

    Braces within '…' close nothing, as in the runner.
    """
    at = begin
    while True:
        close = text.find(CLOSE, at)
        if close < 0:
            return 0
        quote = text.find("'", at, close)
        if quote < 0:
            return close + len(CLOSE)
        at = text.find("'", quote + 1) + 1
        if not at:
            return 0


def only_fence(text: str) -> Fenced | None:
    """The expression that the whole of `text` is; None where anything stands beside it."""
    if not (text.startswith(OPEN) and text.endswith(CLOSE)):
        return None
    first = next(fenced(text), None)
    return first if first is not None and first.end == len(text) else None


def condition(text: str) -> Fenced:
    """The expression of an `if:`, where the fence may be left out. Of several, the first."""
    found = next(fenced(text), None)
    # Without a fence the code begins where the text does: `code_start` must be 0.
    return found or Fenced(text, -len(OPEN), len(text))
