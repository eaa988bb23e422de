"""Lengths of periods: what `60`, `3m+30`, `7+7`, `5th of next month` or `01-15` mean."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from sla.errors import PeriodError


class Unit(StrEnum):
    """In what a rule counts. The values are those of the decision tables and of golden files."""

    MINUTE = "minute"
    OFFICE_MINUTE = "office_minute"  # of the time the office is open
    HOUR = "hour"
    DAY = "day"  # calendar or working, as the office chooses
    CALENDAR_DAY = "calendar_day"
    WORKING_DAY = "working_day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    MONTH_AND_DAY = "month+calendar_day"
    CALENDAR_DAY_BEFORE = "calendar_day_before"
    WORKING_DAY_BEFORE = "working_day_before"
    FIXED_DAY = "fixed_day"
    MONTH_END = "month_end"
    DAYS_LATE = "days_late"


@dataclass(frozen=True, slots=True)
class Span:
    """A whole number of one unit."""

    amount: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class FixedDay:
    """A day of the calendar: of the next month (`month` is None), or of the year."""

    day: int
    month: int | None = None


_FIXED_NEXT_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th) of next month")
_FIXED_IN_YEAR = re.compile(r"(\d{2})-(\d{2})")
_PART = re.compile(r"(\d+)([wmy]?)")
_AT = re.compile(r"(.+)@([01]\d|2[0-3]):([0-5]\d)")
_BEFORE = (Unit.CALENDAR_DAY_BEFORE, Unit.WORKING_DAY_BEFORE)
_LONGEST = {
    Unit.MINUTE: 52_560_000,
    Unit.HOUR: 876_000,
    Unit.CALENDAR_DAY: 36_525,
    Unit.WEEK: 5_217,
    Unit.MONTH: 1_200,
    Unit.YEAR: 100,
}
"""A hundred years: what is longer was mistyped."""
AT_ONCE = frozenset({Unit.MINUTE, Unit.OFFICE_MINUTE, Unit.HOUR})
"""Units that run from an instant, not from a day."""
_SHORT_UNITS = {"w": Unit.WEEK, "m": Unit.MONTH, "y": Unit.YEAR}


def parse_spans(text: str, unit: Unit) -> tuple[Span, ...]:
    """Read `60`, `2`, or parts joined by `+`: `3m+30` is three months, then thirty days.

    A part without a letter is in `unit` (in days, where the unit is `month+calendar_day`). Days
    counted backwards may name an hour (`1@15:00`, see `closing_hour`). Raises PeriodError for
    anything else.
    """
    if unit in _BEFORE and closing_hour(text) is not None:
        text = text.partition("@")[0]
    plain = Unit.CALENDAR_DAY if unit is Unit.MONTH_AND_DAY else unit
    spans = []
    for part in text.split("+"):
        match = _PART.fullmatch(part.strip())
        if not match:
            raise _unreadable(text, unit)
        amount, letter = match.groups()
        spans.append(_span(int(amount), _SHORT_UNITS.get(letter, plain), text))
    return tuple(spans)


def _span(amount: int, unit: Unit, text: str) -> Span:
    if amount > _LONGEST.get(unit, _LONGEST[Unit.CALENDAR_DAY]):
        raise PeriodError(
            "length.too_long",
            zh=f"期間長度「{text}」（單位 {unit}）超過一百年，請檢查。",
            en=f"Expected at most a hundred years, but got {text!r} in {unit}.",
        )
    return Span(amount, unit)


def closing_hour(text: str) -> time | None:
    """The hour in Taipei at which a day counted backwards closes: 15:00 of `1@15:00`, or None."""
    match = _AT.fullmatch(text.strip())
    return time(int(match[2]), int(match[3])) if match else None


def parse_fixed_day(text: str) -> FixedDay:
    """Read `5th of next month` or `01-15`. Raises PeriodError for anything else."""
    next_month = _FIXED_NEXT_MONTH.fullmatch(text.strip())
    if next_month and 1 <= int(next_month[1]) <= 28:
        return FixedDay(int(next_month[1]))
    in_year = _FIXED_IN_YEAR.fullmatch(text.strip())
    if in_year and _exists_every_year(int(in_year[1]), int(in_year[2])):
        return FixedDay(int(in_year[2]), int(in_year[1]))
    raise PeriodError(
        "length.fixed_day",
        zh=f"看不懂固定日期「{text}」，請寫成「5th of next month」或「01-15」（每年都有的日期）。",
        en=f"Expected '5th of next month' or '01-15', a day of every year, but got {text!r}.",
    )


def _exists_every_year(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= monthrange(2023, month)[1]  # no leap year


def _unreadable(text: str, unit: Unit) -> PeriodError:
    return PeriodError(
        "length.unreadable",
        zh=f"看不懂期間長度「{text}」（單位 {unit}），請寫成 30、2 或 3m+30。",
        en=f"Expected a length such as 30, 2 or 3m+30 in {unit}, but got {text!r}.",
    )
