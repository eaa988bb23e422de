"""Dates, times and durations: how they are written, read and calculated with (ISO 8601)."""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from feel.errors import Code, Fault
from feel.values import YearsMonths

DAY = dt.timedelta(days=1)
MICROSECOND = dt.timedelta(microseconds=1)
MIDNIGHT = dt.time()

_DATE = re.compile(r"(-?(?:\d{4}|[1-9]\d{4,8}))-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,18}))?(?:(Z)|([+-])(\d\d):(\d\d)(?::(\d\d))?|@([\w/+-]{1,64}))?",
    re.ASCII,
)
_MONTHS = re.compile(r"(-)?P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?", re.ASCII)
_DAYS = re.compile(
    r"(-)?P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,18}))?S)?)?",
    re.ASCII,
)


def parse_date(text: str) -> dt.date:
    """Read `2026-03-02`. Raises Fault."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise Fault(f"Expected a date such as 2026-03-02, but got {_short(text)}")
    return make_date(*(int(part) for part in match.groups()))


def make_date(year: int, month: int, day: int) -> dt.date:
    """Return that day, or raise Fault if the calendar has none such (years 1 to 9999)."""
    try:
        return dt.date(year, month, day)
    except (ValueError, OverflowError):
        raise Fault(
            f"Expected a day of the calendar, but there is no {year}-{month:02}-{day:02}",
            Code.OUT_OF_RANGE,
        ) from None


def parse_time(text: str) -> dt.time:
    """Read `08:30:00`, with `Z`, `+08:00` or `@Asia/Taipei` after it or without. Raises Fault."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise Fault(f"Expected a time such as 08:30:00 or 08:30:00+08:00, but got {_short(text)}")
    hour, minute, second, fraction = match.group(1, 2, 3, 4)
    try:
        return dt.time(int(hour), int(minute), int(second), _micros(fraction), _zone_of(match))
    except ValueError:
        raise Fault(
            f"Expected a time of day before 24:00:00, but got {_short(text)}", Code.OUT_OF_RANGE
        ) from None


def _zone_of(match: re.Match[str]) -> dt.tzinfo | None:
    if match.group(5):
        return dt.UTC
    if match.group(10):
        return zone(match.group(10))
    if not match.group(6):
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.group(7, 8, 9))
    offset = dt.timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return make_offset(-offset if match.group(6) == "-" else offset)


def make_offset(offset: dt.timedelta) -> dt.tzinfo:
    """Return a zone that is `offset` ahead of UTC, at most 14 hours. Raises Fault."""
    if abs(offset) > dt.timedelta(hours=14):
        raise Fault(f"Expected an offset of at most 14:00, but got {offset}", Code.OUT_OF_RANGE)
    return dt.timezone(offset) if offset else dt.UTC


@lru_cache(maxsize=512)
def zone(name: str) -> dt.tzinfo:
    """Return the zone of that IANA name. Raises Fault."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise Fault("Expected a time zone such as Asia/Taipei, but no zone is so called") from None


def parse_moment(text: str) -> dt.datetime:
    """Read `2026-03-02T08:30:00+08:00`; a date alone means its midnight. Raises Fault."""
    day, separator, time = text.partition("T")
    date = parse_date(day)
    return dt.datetime.combine(date, parse_time(time) if separator else MIDNIGHT)


def parse_duration(text: str) -> dt.timedelta | YearsMonths:
    """Read `P1Y2M` or `P3DT4H`. Raises Fault for a mixture of both. Raises Fault."""
    if len(text) > 2 and not text.endswith(("P", "T")):
        if match := _MONTHS.fullmatch(text):
            total = int(match.group(2) or 0) * 12 + int(match.group(3) or 0)
            return YearsMonths(-total if match.group(1) else total)
        if match := _DAYS.fullmatch(text):
            return _days_time(match)
    raise Fault(f"Expected a duration such as P1Y2M or P3DT4H30M, but got {_short(text)}")


def _days_time(match: re.Match[str]) -> dt.timedelta:
    days, hours, minutes, seconds = (int(part or 0) for part in match.group(2, 3, 4, 5))
    try:
        span = dt.timedelta(days, seconds, _micros(match.group(6)), 0, minutes, hours)
    except OverflowError:
        raise Fault("Expected a duration of at most 999999999 days", Code.OUT_OF_RANGE) from None
    return -span if match.group(1) else span


def _micros(fraction: str | None) -> int:
    return int(fraction[:6].ljust(6, "0")) if fraction else 0


def parse_any(text: str) -> Any:
    """Read an at-literal: whichever of date, time, date and time, duration it is."""
    if text.lstrip("-").startswith("P"):
        return parse_duration(text)
    if "T" in text.partition("@")[0]:
        return parse_moment(text)
    return parse_time(text) if text[2:3] == ":" else parse_date(text)


def add_months(date: dt.date, months: int) -> dt.date:
    """Return the same day `months` later; if that month is shorter, its last day.

    Works for dates with a time too, and keeps the time and zone.
    """
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise Fault(f"Expected a year from 1 to 9999, but got {year}", Code.OUT_OF_RANGE)
    last = monthrange(year, month + 1)[1]
    return date.replace(year=year, month=month + 1, day=min(date.day, last))


def months_between(start: dt.date, end: dt.date) -> int:
    """Count the whole months from `start` to `end`; negative if `end` is earlier."""
    if end < start:
        return -months_between(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - 1 if end.day < start.day else months


def format_date(value: dt.date) -> str:
    return value.isoformat()


def format_time(value: dt.time) -> str:
    local = f"{value.hour:02}:{value.minute:02}:{value.second:02}{_fraction(value.microsecond)}"
    return local + _format_zone(value.tzinfo, value.utcoffset())


def format_moment(value: dt.datetime) -> str:
    local = format_time(value.time())
    return f"{value.date().isoformat()}T{local}{_format_zone(value.tzinfo, value.utcoffset())}"


def _format_zone(tzinfo: dt.tzinfo | None, offset: dt.timedelta | None) -> str:
    if tzinfo is None:
        return ""
    if isinstance(tzinfo, ZoneInfo) and tzinfo.key:
        return f"@{tzinfo.key}"
    if not offset:
        return "Z"
    sign, offset = ("-", -offset) if offset < dt.timedelta() else ("+", offset)
    minutes, seconds = divmod(offset.seconds, 60)
    text = f"{sign}{minutes // 60:02}:{minutes % 60:02}"
    return f"{text}:{seconds:02}" if seconds else text


def _fraction(microseconds: int) -> str:
    return f".{microseconds:06}".rstrip("0") if microseconds else ""


def format_duration(value: dt.timedelta) -> str:
    if not value:
        return "PT0S"
    sign, value = ("-", -value) if value < dt.timedelta() else ("", value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{sign}P{value.days}D" if value.days else f"{sign}P"
    clock = f"{hours}H" * bool(hours) + f"{minutes}M" * bool(minutes)
    if seconds or value.microseconds:
        clock += f"{seconds}{_fraction(value.microseconds)}S"
    return text + (f"T{clock}" if clock else "")


def format_months(value: YearsMonths) -> str:
    if not value.total:
        return "P0M"
    years, months = abs(value.years), abs(value.months)
    text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return ("-P" if value.total < 0 else "P") + text


def seconds_of(value: dt.timedelta) -> Decimal:
    """Return the whole length in seconds, exactly."""
    return Decimal(value // MICROSECOND) / 1_000_000


def from_seconds(seconds: Decimal) -> dt.timedelta:
    """Return a duration of `seconds`, cut to microseconds. Raises Fault if too long."""
    try:
        return int(seconds * 1_000_000) * MICROSECOND
    except OverflowError:
        raise Fault("Expected a duration of at most 999999999 days", Code.OUT_OF_RANGE) from None


def _short(text: str) -> str:
    # Messages are kept with incidents and logs; what the text says may be about a person.
    return f"another text of {len(text)} characters"
