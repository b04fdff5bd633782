"""timestamp(), duration() and what can be asked of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from portside.cel.errors import CelEvaluationError, CelUndecidedError, no_overload
from portside.cel.values import Duration, Timestamp

_SECOND = 10**9
_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)",
    re.ASCII,
)
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_CYCLE = 146_097
"""Days of 400 years, after which the calendar repeats itself."""
_UNITS = {
    **{"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6},
    **{"s": _SECOND, "m": 60 * _SECOND, "h": 3600 * _SECOND},
}
_SPAN = re.compile(r"([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)")
_ZONE = re.compile(r"([+-]?\d{1,6}):([+-]?\d{1,6})", re.ASCII)


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
    offset = _offset(found[8])
    return Timestamp(_since_1970(found) - offset * _SECOND, offset)


def _offset(zone: str) -> int:
    """Seconds east of Greenwich."""
    if zone == "Z":
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[4:6]) * 60
    if int(zone[1:3]) > 24 or int(zone[4:6]) > 60:
        raise CelEvaluationError(f"no such time zone: {zone}")
    return -seconds if zone[0] == "-" else seconds


def _since_1970(found: re.Match[str]) -> int:
    year, month, day, hour, minute, second = (int(it) for it in found.groups()[:6])
    try:
        moment = datetime(year or 1, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise CelEvaluationError(f"no such time: {error}") from error
    since = int((moment - _FIRST) // timedelta(seconds=1)) - (0 if year else 366 * 86400)
    return since * _SECOND + int((found[7] or "0").ljust(9, "0"))


def duration(value: Any) -> Duration:
    """A span from text such as `1h30m`, `1.5s`, `-2ms`."""
    if type(value) is Duration:
        return value
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
    moment, year = _civil(value.nanoseconds, value.offset)
    rest = value.nanoseconds % _SECOND
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{year:04d}{moment.strftime('-%m-%dT%H:%M:%S')}{fraction}{_zone_text(value.offset)}"


def _zone_text(offset: int) -> str:
    if not offset:
        return "Z"
    hours, minutes = divmod(abs(offset) // 60, 60)
    return f"{'-' if offset < 0 else '+'}{hours:02d}:{minutes:02d}"


def _civil(nanoseconds: int, offset: int) -> tuple[datetime, int]:
    """The local time, and its year, which may be beyond those that Python knows."""
    days, seconds = divmod(nanoseconds // _SECOND + offset, 86_400)
    cycles, days = divmod(days, _CYCLE)
    moment = _FIRST + timedelta(days=days, seconds=seconds)
    return moment, moment.year + 400 * cycles


def duration_text(value: Duration) -> str:
    sign = "-" if value.nanoseconds < 0 else ""
    seconds, rest = divmod(abs(value.nanoseconds), _SECOND)
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{sign}{seconds}{fraction}s"


def _east(nanoseconds: int, name: str) -> int:
    """Seconds east of Greenwich at that moment in the zone called `name`."""
    if name in ("", "UTC", "Local"):
        return 0
    if ":" in name:
        found = _ZONE.fullmatch(name)
        if found is None:
            raise CelEvaluationError(f"no such time zone: {name[:60]}")
        hours, minutes = int(found[1]), int(found[2])
        return (hours * 60 + (-minutes if name[0] == "-" else minutes)) * 60
    zone, moment = _zone(name), _FIRST + timedelta(seconds=nanoseconds // _SECOND)
    try:
        offset = moment.astimezone(zone).utcoffset()
    except OverflowError:
        offset = zone.utcoffset(moment.replace(tzinfo=None))
    return int((offset or timedelta()).total_seconds())


def _zone(name: str) -> tzinfo:
    import zoneinfo

    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        if not zoneinfo.available_timezones():
            raise CelUndecidedError("this machine has no table of time zones") from error
        raise CelEvaluationError(f"no such time zone: {name[:60]}") from error


def _local(value: Any, zone: tuple[Any, ...]) -> datetime:
    if type(value) is not Timestamp or any(type(it) is not str for it in zone):
        raise no_overload("timestamp accessor")
    offset = _east(value.nanoseconds, zone[0]) if zone else 0
    return _civil(value.nanoseconds, offset)[0]


def get_full_year(value: Any, *zone: Any) -> int:
    if type(value) is not Timestamp or any(type(it) is not str for it in zone):
        raise no_overload("getFullYear")
    return _civil(value.nanoseconds, _east(value.nanoseconds, zone[0]) if zone else 0)[1]


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
    """Of a duration what is left beside whole seconds, as the specification has it."""
    if type(value) is Duration and not zone:
        return abs(value.nanoseconds) % _SECOND // 10**6 * (-1 if value.nanoseconds < 0 else 1)
    _local(value, zone)
    return int(value.nanoseconds % _SECOND // 10**6)


def all_milliseconds(value: Any, *zone: Any) -> int:
    """`getMilliseconds` as Kubernetes has it: a duration's are all of it."""
    if type(value) is Duration and not zone:
        return _whole(value, 10**6)
    return get_milliseconds(value, *zone)
