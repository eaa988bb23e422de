"""Calendar functions (DMN 1.3, table 77; `now` and `today` of 1.4) and `is`."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from feel.errors import Code, Fault
from feel.registry import Topic
from feel.runtime import Run
from feel.values import equal, offset_of, to_feel

TOPIC = Topic()
define = TOPIC.define

_DAYS = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@define("day of year", "date: date | moment")
def day_of_year(date: dt.date) -> Decimal:
    return Decimal(date.timetuple().tm_yday)


@define("day of week", "date: date | moment")
def day_of_week(date: dt.date) -> str:
    return _DAYS[date.weekday()]


@define("month of year", "date: date | moment")
def month_of_year(date: dt.date) -> str:
    return _MONTHS[date.month - 1]


@define("week of year", "date: date | moment")
def week_of_year(date: dt.date) -> Decimal:
    """The week of ISO 8601: weeks begin on Monday, the first one holds the first Thursday."""
    return Decimal(date.isocalendar().week)


@define("now", metered=True)
def now(run: Run) -> dt.datetime:
    """The moment given with the evaluation; FEEL never reads a clock here."""
    moment = _given(run, "now")
    if type(moment) is not dt.datetime:
        raise _no_clock("now")
    return moment


@define("today", metered=True)
def today(run: Run) -> dt.date:
    """The day given with the evaluation, in the zone of whoever gave it."""
    day = _given(run, "today")
    if type(day) is not dt.date:
        raise _no_clock("today")
    return day


def _given(run: Run, name: str) -> Any:
    return to_feel(run.names.get(name), run.meter)


def _no_clock(name: str) -> Fault:
    return Fault(
        f"Expected '{name}' among the given functions or variables, but nothing gives it",
        Code.NO_CLOCK,
    )


@define("is", "value1: any, value2: any", metered=True)
def is_same(run: Run, a: Any, b: Any) -> bool:
    """Like `=`, but also the offsets must be the same, and unlike kinds are simply not the same."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dt.datetime | dt.time):
        return a.replace(tzinfo=None) == b.replace(tzinfo=None) and _zones_match(a, b)
    return equal(a, b, run.meter) is True


def _zones_match(a: Any, b: Any) -> bool:
    return (a.tzinfo is None) == (b.tzinfo is None) and offset_of(a) == offset_of(b)
