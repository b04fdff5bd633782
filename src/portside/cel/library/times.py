"""timestamp(), duration() and what can be asked of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

from portside.cel.errors import CelEvaluationError, no_overload
from portside.cel.values import Duration, Timestamp

_SECOND = 10**9
_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d\d:\d\d)"
)
_UNITS = {
    **{"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6},
    **{"s": _SECOND, "m": 60 * _SECOND, "h": 3600 * _SECOND},
}
_SPAN = re.compile(r"([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)")
_ZONE = re.compile(r"([+-]?)(\d{1,2}):(\d\d)")


def timestamp(value: Any) -> Timestamp:
    """A moment from RFC 3339 text, or from seconds since 1970."""
    if type(value) is Timestamp:
        return value
    if type(value) is int:
        return Timestamp(value * _SECOND)
    if type(value) is not str:
        raise no_overload("timestamp")
    found = _MOMENT.fullmatch(value)
    if found is None:
        raise CelEvaluationError(f"{value[:40]!r} is not a time of RFC 3339")
    return Timestamp(_since_1970(found))


def _since_1970(found: re.Match[str]) -> int:
    year, month, day, hour, minute, second = (int(it) for it in found.groups()[:6])
    try:
        moment = datetime(year or 1, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise CelEvaluationError(f"no such time: {error}") from error
    since = int((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1))
    since -= 366 * 86400 if not year else 0
    zone = found[8]
    if zone not in ("Z", "z"):
        sign = -1 if zone[0] == "-" else 1
        since -= sign * (int(zone[1:3]) * 3600 + int(zone[4:6]) * 60)
    return since * _SECOND + int((found[7] or "0").ljust(9, "0"))


def duration(value: Any) -> Duration:
    """A span from text such as `1h30m`, `1.5s`, `-2ms`."""
    if type(value) is Duration:
        return value
    if type(value) is int:
        return Duration(value)
    if type(value) is not str:
        raise no_overload("duration")
    body = value[1:] if value[:1] in ("+", "-") else value
    if body == "0":
        return Duration(0)
    total, position = 0, 0
    while position < len(body):
        found = _SPAN.match(body, position)
        if found is None or not (found[1] or found[2]) or len(found.group()) > 60:
            break
        unit = _UNITS[found[3]]
        total += int(found[1] or "0") * unit
        total += int((found[2] or "0")[:18].ljust(18, "0")) * unit // 10**18
        position = found.end()
    if position < len(body) or not body:
        raise CelEvaluationError(f"{value[:40]!r} is not a duration")
    return Duration(-total if value[0] == "-" else total)


def timestamp_text(value: Timestamp) -> str:
    seconds, rest = divmod(value.nanoseconds, _SECOND)
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{moment.year:04d}{moment.strftime('-%m-%dT%H:%M:%S')}{fraction}Z"


def duration_text(value: Duration) -> str:
    sign = "-" if value.nanoseconds < 0 else ""
    seconds, rest = divmod(abs(value.nanoseconds), _SECOND)
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{sign}{seconds}{fraction}s"


def _zone(name: str) -> tzinfo:
    if name in ("", "UTC"):
        return UTC
    found = _ZONE.fullmatch(name)
    if found is not None:
        offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
        return timezone(-offset if found[1] == "-" else offset)
    import zoneinfo

    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CelEvaluationError(f"no such time zone: {name[:60]}") from error


def _local(value: Any, zone: tuple[Any, ...]) -> datetime:
    if type(value) is not Timestamp or any(type(it) is not str for it in zone):
        raise no_overload("timestamp accessor")
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value.nanoseconds // _SECOND)
    try:
        return moment.astimezone(_zone(zone[0] if zone else ""))
    except OverflowError as error:
        raise CelEvaluationError("timestamp out of range in that time zone") from error


def get_full_year(value: Any, *zone: Any) -> int:
    return _local(value, zone).year


def get_month(value: Any, *zone: Any) -> int:
    return _local(value, zone).month - 1


def get_date(value: Any, *zone: Any) -> int:
    return _local(value, zone).day


def get_day_of_month(value: Any, *zone: Any) -> int:
    return _local(value, zone).day - 1


def get_day_of_week(value: Any, *zone: Any) -> int:
    return _local(value, zone).isoweekday() % 7


def get_day_of_year(value: Any, *zone: Any) -> int:
    return _local(value, zone).timetuple().tm_yday - 1


def _whole(value: Duration, unit: int) -> int:
    return abs(value.nanoseconds) // unit * (-1 if value.nanoseconds < 0 else 1)


def get_hours(value: Any, *zone: Any) -> int:
    if type(value) is Duration and not zone:
        return _whole(value, 3600 * _SECOND)
    return _local(value, zone).hour


def get_minutes(value: Any, *zone: Any) -> int:
    if type(value) is Duration and not zone:
        return _whole(value, 60 * _SECOND)
    return _local(value, zone).minute


def get_seconds(value: Any, *zone: Any) -> int:
    if type(value) is Duration and not zone:
        return _whole(value, _SECOND)
    return _local(value, zone).second


def get_milliseconds(value: Any, *zone: Any) -> int:
    if type(value) is Duration and not zone:
        return (
            _whole(value, 10**6) % 1000
            if value.nanoseconds >= 0
            else -(_whole(value, -(10**6)) % 1000)
        )
    _local(value, zone)
    return int(value.nanoseconds % _SECOND // 10**6)
