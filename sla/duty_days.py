"""On which days a calendar duty is owed: pure, from its row of the table and the calendar.

A period has a key that says it aloud (`2026-03`, `2026-W10`, `2026-03-02`), the day its case
begins and the day it is to be done by. Both are dates in Asia/Taipei.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sla.working_time import Calendar

_A_DAY = timedelta(days=1)
LONGEST_LEAD = 92
"""Days a case may begin before it is due; longer plans are duties of their own."""


class Every(StrEnum):
    """How often a duty comes round."""

    WORKING_DAY = "working_day"
    WEEK = "week"
    MONTH = "month"  # a quarter, and a year, are months of which only some count


class Rest(StrEnum):
    """What becomes of a last day that the office does not work on."""

    STANDS = "stands"
    FORWARD = "forward"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a duty is owed. `months`: those it counts in, none for all. `on`: a day of the month
    (0, or one that a month lacks, is its last) or of the week (1 is Monday). `lead`: how many
    calendar days before the last day its case begins."""

    every: Every
    months: tuple[int, ...]
    on: int
    rest: Rest
    lead: int


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One turn of a duty: begins on `starts_on`, is to be done by the end of `due_on`."""

    starts_on: date
    due_on: date
    key: str


def periods(rhythm: Rhythm, first: date, last: date, calendar: Calendar) -> Iterator[Period]:
    """The periods that have begun by `last` and are due on `first` or later, earliest first.

    Raises CalendarError for days that the calendar does not hold.
    """
    match rhythm.every:
        case Every.WORKING_DAY:
            found = _working_days(rhythm, first, last, calendar)
        case Every.WEEK:
            found = _weeks(rhythm, first, last, calendar)
        case Every.MONTH:
            found = _months(rhythm, first, last, calendar)
    return (each for each in found if each.starts_on <= last and first <= each.due_on)


def _working_days(rhythm: Rhythm, first: date, last: date, calendar: Calendar) -> Iterator[Period]:
    day = first
    while day <= last:
        if _counts(rhythm, day) and calendar.is_working_day(day):
            yield Period(day, day, day.isoformat())
        day += _A_DAY


def _weeks(rhythm: Rhythm, first: date, last: date, calendar: Calendar) -> Iterator[Period]:
    monday = first - timedelta(days=first.weekday() + 7)
    while monday <= last + timedelta(days=rhythm.lead):
        named = monday + timedelta(days=rhythm.on - 1)
        if _counts(rhythm, named) and named >= first - timedelta(days=7):
            due_on = _moved(rhythm, named, calendar)
            # A week without a working day keeps its day: it is not the week before, once more.
            if due_on.isocalendar()[:2] != named.isocalendar()[:2]:
                due_on = named
            year, week, _ = named.isocalendar()
            yield Period(_begins(rhythm, due_on), due_on, f"{year}-W{week:02}")
        monday += timedelta(days=7)


def _months(rhythm: Rhythm, first: date, last: date, calendar: Calendar) -> Iterator[Period]:
    # A last day that moves forward may leave its month, so the month before is looked at as well.
    month = (first.replace(day=1) - _A_DAY).replace(day=1)
    while month <= last + timedelta(days=rhythm.lead):
        length = monthrange(month.year, month.month)[1]
        named = month.replace(day=min(rhythm.on or length, length))
        if _counts(rhythm, named) and named >= first - timedelta(days=31):
            due_on = _moved(rhythm, named, calendar)
            yield Period(_begins(rhythm, due_on), due_on, f"{month:%Y-%m}")
        month = (month + timedelta(days=length)).replace(day=1)


def _counts(rhythm: Rhythm, day: date) -> bool:
    return not rhythm.months or day.month in rhythm.months


def _begins(rhythm: Rhythm, due_on: date) -> date:
    return due_on - timedelta(days=rhythm.lead)


def _moved(rhythm: Rhythm, day: date, calendar: Calendar) -> date:
    if rhythm.rest is Rest.STANDS:
        return day
    step = _A_DAY if rhythm.rest is Rest.FORWARD else -_A_DAY
    while not calendar.is_working_day(day):
        day += step
    return day
