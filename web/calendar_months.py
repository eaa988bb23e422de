"""A month of the office's calendar, week by week."""

from __future__ import annotations

import calendar as months
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.minguo import format_date
from sla.working_time import Calendar, Day, reason_text
from web.visits import lang


@dataclass(frozen=True, slots=True)
class Shown:
    """One day of the month, in the reader's words; None outside the calendar."""

    day: date
    known: Day | None
    reason: str


def day_text(value: date) -> str:
    """A day as plain text, for sentences."""
    return format_date(value, lang())


def month_of(text: str, otherwise: date) -> date:
    """The first day of the month named as 2026-03; anything else: of the month of `otherwise`."""
    try:
        year, month = (int(part) for part in text.split("-"))
        return date(year, month, 1)
    except ValueError:
        return otherwise.replace(day=1)


def weeks(known: Calendar, month: date) -> Sequence[Sequence[Shown | None]]:
    """The month's weeks, Monday first; None where another month's day would stand."""
    return [
        [_shown(known, day) if day.month == month.month else None for day in week]
        for week in months.Calendar().monthdatescalendar(month.year, month.month)
    ]


def _shown(known: Calendar, day: date) -> Shown:
    if not known.first <= day <= known.last:
        return Shown(day, None, "")
    found = known.day(day)
    return Shown(day, found, reason_text(found.reason, lang()))


def neighbour(known: Calendar, month: date, step: int) -> date | None:
    """The first day of the month before (-1) or after (1); None where the calendar ends."""
    at = month.year * 12 + month.month - 1 + step
    other = date(at // 12, at % 12 + 1, 1)
    last = date(other.year, other.month, months.monthrange(other.year, other.month)[1])
    return other if known.first <= last and other <= known.last else None
