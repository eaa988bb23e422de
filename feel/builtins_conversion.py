"""Conversion functions (DMN 1.3, table 72): date, time, number, string, duration …"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from feel import temporal
from feel.errors import Code, Fault
from feel.limits import check_string
from feel.range_text import read_range
from feel.registry import Topic
from feel.runtime import Run
from feel.values import NUMBERS, Function, Range, YearsMonths

TOPIC = Topic()
define = TOPIC.define


@define("date", "from: string")
def date_of_text(text: str) -> dt.date:
    return temporal.parse_date(text)


@define("date", "from: moment | date")
def date_of(value: dt.date) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


@define("date", "year: number, month: number, day: number")
def date_of_parts(year: Decimal, month: Decimal, day: Decimal) -> dt.date:
    return temporal.make_date(_whole(year), _whole(month), _whole(day))


@define("date and time", "from: string")
def moment_of_text(text: str) -> dt.datetime:
    return temporal.parse_moment(text)


@define("date and time", "from: moment")
def moment_of(value: dt.datetime) -> dt.datetime:
    return value


@define("date and time", "date: date | moment, time: time")
def moment_of_parts(date: dt.date, time: dt.time) -> dt.datetime:
    return dt.datetime.combine(date_of(date), time)


@define("date and time", "date: moment, timezone: string")
def moment_in_zone(value: dt.datetime, name: str) -> dt.datetime:
    zone = temporal.zone(name)
    return value.replace(tzinfo=zone) if value.tzinfo is None else value.astimezone(zone)


@define("time", "from: string")
def time_of_text(text: str) -> dt.time:
    return temporal.parse_time(text)


@define("time", "from: time | moment | date")
def time_of(value: dt.time | dt.date) -> dt.time:
    match value:
        case dt.datetime():
            return value.timetz()
        case dt.time():
            return value
    return dt.time(tzinfo=dt.UTC)


@define("time", "hour: number, minute: number, second: number, offset?: span | null")
def time_of_parts(
    hour: Decimal, minute: Decimal, second: Decimal, offset: dt.timedelta | None = None
) -> dt.time:
    seconds = int(second.to_integral_value(ROUND_FLOOR))
    micros = int((second - seconds) * 1_000_000)
    zone = None if offset is None else temporal.make_offset(offset)
    try:
        return dt.time(_whole(hour), _whole(minute), seconds, micros, zone)
    except ValueError:
        raise Fault(
            f"Expected a time of day, but there is no {hour}:{minute}:{second}", Code.OUT_OF_RANGE
        ) from None


@define("duration", "from: string")
def duration_of_text(text: str) -> dt.timedelta | YearsMonths:
    return temporal.parse_duration(text)


@define("duration", "from: span | months")
def duration_of(value: dt.timedelta | YearsMonths) -> dt.timedelta | YearsMonths:
    return value


@define("years and months duration", "from: date | moment, to: date | moment")
def years_and_months(start: dt.date, end: dt.date) -> YearsMonths:
    return YearsMonths(temporal.months_between(date_of(start), date_of(end)))


@define(
    "number", "from: string, grouping separator?: string | null, decimal separator?: string | null"
)
def number_of_text(text: str, grouping: str | None = None, point: str | None = None) -> Decimal:
    if grouping not in {None, " ", ",", "."}:
        raise Fault("Expected a blank, comma or point as the grouping separator")
    if point not in {None, ".", ","} or (point is not None and point == grouping):
        raise Fault("Expected a point or comma, unlike the grouping, as the decimal separator")
    plain = text.replace(grouping, "") if grouping else text
    plain = plain.replace(point, ".") if point == "," and "." not in plain else plain
    digits = plain.removeprefix("-").removeprefix("+")
    if len(plain) > 200 or not _is_number(digits):
        raise Fault(f"Expected a number such as 1234.5, but got {len(text)} other characters")
    return NUMBERS.create_decimal(plain)


@define("number", "from: number")
def number_of(value: Decimal) -> Decimal:
    return value


def _is_number(text: str) -> bool:
    mantissa, exponent_sign, exponent = text.lower().partition("e")
    if exponent_sign and not exponent.lstrip("+-").isdecimal():
        return False
    whole, _, fraction = mantissa.partition(".")
    return mantissa.isascii() and (whole + fraction).isdecimal()


@define("string", "from: any", metered=True)
def string_of(run: Run, value: Any) -> str | None:
    if value is None or type(value) is str:
        return value
    return check_string(text_of(run, value, 0))


def text_of(run: Run, value: Any, depth: int) -> str:
    """Write a value as FEEL would spell it; strings inside lists and contexts are quoted."""
    run.meter.spend(1)
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Decimal():
            return number_text(value)
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if depth else value
        case list() | dict() | Range():
            return _text_of_container(run, value, depth + 1)
        case Function():
            return f"function({', '.join(value.parameters)})"
    return temporal_text(value)


def number_text(value: Decimal) -> str:
    """Write all digits, never an exponent; the scale (2.50) is kept."""
    return format(value, "f") if value else format(abs(value), "f")


def temporal_text(value: Any) -> str:
    match value:
        case dt.datetime():
            return temporal.format_moment(value)
        case dt.date():
            return temporal.format_date(value)
        case dt.time():
            return temporal.format_time(value)
        case dt.timedelta():
            return temporal.format_duration(value)
        case YearsMonths():
            return temporal.format_months(value)
    raise Fault(f"Expected a FEEL value, but got {type(value).__name__}", Code.WRONG_TYPE)


def _text_of_container(run: Run, value: Any, depth: int) -> str:
    match value:
        case list():
            text = "[" + ", ".join(text_of(run, element, depth) for element in value) + "]"
        case dict():
            entries = (f"{key}: {text_of(run, entry, depth)}" for key, entry in value.items())
            text = "{" + ", ".join(entries) + "}"
        case _:
            text = _text_of_range(run, value, depth)
    run.meter.spend(len(text) // 64)
    return check_string(text)


def _text_of_range(run: Run, value: Range, depth: int) -> str:
    if value.start is None:
        return ("<=" if value.end_included else "<") + text_of(run, value.end, depth)
    if value.end is None:
        return (">=" if value.start_included else ">") + text_of(run, value.start, depth)
    opening = "[" if value.start_included else "("
    closing = "]" if value.end_included else ")"
    start, end = text_of(run, value.start, depth), text_of(run, value.end, depth)
    return f"{opening}{start}..{end}{closing}"


@define("range", "from: string")
def range_of_text(text: str) -> Range:
    return read_range(text)


def _whole(value: Decimal) -> int:
    if value != value.to_integral_value() or abs(value) > 999_999_999:
        raise Fault(f"Expected a whole number, but got {number_text(value)[:40]}")
    return int(value)
