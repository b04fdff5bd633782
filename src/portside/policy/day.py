"""Days as people write them, YYYY-MM-DD: texts that compare in the order of time."""

from __future__ import annotations

from portside.errors import UsageError

FORM = "YYYY-MM-DD"
_SHAPE = "0000-00-00"


def is_day(text: str) -> bool:
    """Whether `text` is a date of the calendar, written as YYYY-MM-DD."""
    if not text.isascii() or len(text) != len(_SHAPE):
        return False
    if any(got.isdigit() != form.isdigit() for got, form in zip(text, _SHAPE, strict=True)):
        return False
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def parse_day(text: str, option: str) -> str:
    """The day given to `option`. Raises UsageError."""
    if not is_day(text):
        raise UsageError(f"{option} {text}: not a date", hint=f"expected {FORM}")
    return text


def days_between(first: str, last: str) -> int:
    """How many days `last` is after `first`."""
    from datetime import date

    return (date.fromisoformat(last) - date.fromisoformat(first)).days
