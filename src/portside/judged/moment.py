"""Times as the API server reads and writes them back; loaded where an object holds one.

Source: Go's `time.Parse` with the layouts of RFC 3339, which takes an hour of one digit and, for
times in seconds, any fraction after a point or a comma.
"""

from __future__ import annotations

SECOND = "a time such as 2026-01-31T12:00:00Z"
MICRO = "a time such as 2026-01-31T12:00:00.000000Z"
NO_TIME = "0001-01-01T00:00:00Z"
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def in_utc(text: str, micro: bool) -> str | None:
    """`text` in UTC as the server writes it, NO_TIME for Go's zero time, None for no time."""
    if not text.isascii():
        return None
    date, mark, rest = text.partition("T")
    clock = _clock(rest, micro)
    day = _day(date)
    if not mark or clock is None or day is None:
        return None
    seconds, fraction = clock
    total = day * 86400 + seconds
    if total == _ordinal(1, 1, 1) * 86400 and not fraction.strip("0"):
        return NO_TIME
    return _written(total, fraction if micro else "")


def _day(date: str) -> int | None:
    parts = date.split("-")
    if [len(it) for it in parts] != [4, 2, 2] or not all(it.isdigit() for it in parts):
        return None
    year, month, day = (int(it) for it in parts)
    if not 1 <= month <= 12 or not 1 <= day <= _length(year, month):
        return None
    return _ordinal(year, month, day)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _length(year: int, month: int) -> int:
    return _DAYS[month - 1] + (month == 2 and _is_leap(year))


def _ordinal(year: int, month: int, day: int) -> int:
    """Days since the first of January of the year 0."""
    before = year - 1
    days = 365 * year + (before // 4 - before // 100 + before // 400 + 1 if year else 0)
    return days + sum(_length(year, it) for it in range(1, month)) + day - 1


def _clock(text: str, micro: bool) -> tuple[int, str] | None:
    """Seconds since midnight in UTC and the digits of the fraction."""
    zone = _zone(text)
    if zone is None:
        return None
    offset, length = zone
    clock = text[: len(text) - length]
    whole, fraction = clock, ""
    for mark in ".,":
        if mark in clock:
            whole, _, fraction = clock.partition(mark)
            if not fraction.isdigit():
                return None
    if micro and len(fraction) != 6:
        return None
    seconds = _of_day(whole)
    return None if seconds is None else (seconds - offset, fraction)


def _of_day(text: str) -> int | None:
    parts = text.split(":")
    if len(parts) != 3 or not all(it.isdigit() for it in parts):
        return None
    if len(parts[0]) > 2 or len(parts[1]) != 2 or len(parts[2]) != 2:
        return None
    hour, minute, second = (int(it) for it in parts)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return hour * 3600 + minute * 60 + second


def _zone(text: str) -> tuple[int, int] | None:
    """The offset in seconds and how many characters it takes."""
    if text.endswith("Z"):
        return 0, 1
    zone = text[-6:]
    if len(zone) < 6 or zone[0] not in "+-" or zone[3] != ":":
        return None
    hours, minutes = zone[1:3], zone[4:]
    if not (hours + minutes).isdigit() or int(hours) > 24 or int(minutes) > 60:
        return None
    offset = int(hours) * 3600 + int(minutes) * 60
    return (-offset if zone[0] == "-" else offset), 6


def _written(total: int, fraction: str) -> str:
    days, seconds = divmod(total, 86400)
    year = days * 400 // 146097
    while _ordinal(year + 1, 1, 1) <= days:
        year += 1
    while _ordinal(year, 1, 1) > days:
        year -= 1
    days -= _ordinal(year, 1, 1)
    month = 1
    while days >= _length(year, month):
        days -= _length(year, month)
        month += 1
    date = f"{'-' * (year < 0)}{abs(year):04}-{month:02}-{days + 1:02}"
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{date}T{clock}{'.' + fraction if fraction else ''}Z"
