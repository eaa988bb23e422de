"""A second way to count: one day at a time, as somebody with a wall calendar would.

It knows no rule tables, no formula for months and none of our code, so that the two can disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date

from tests.golden.plain_calendar import ONE, works

Works = Callable[[date], bool]


def days_after(start: date, n: int, paused: Collection[date] = ()) -> date:
    """The n-th day after `start`, paused days not counted."""
    day = start
    while n:
        day += ONE
        n -= day not in paused
    return day


def working_days_after(
    start: date, n: int, paused: Collection[date] = (), open_on: Works = works
) -> date:
    """The n-th working day after `start`, paused days not counted."""
    day = start
    while n:
        day += ONE
        n -= open_on(day) and day not in paused
    return day


def working_days_before(named: date, n: int) -> date:
    """The n-th working day before `named`."""
    day = named
    while n:
        day -= ONE
        n -= works(day)
    return day


def months_after(start: date, months: int) -> date:
    """Art. 48(3): walk from day 1 into the last month; the day before the day with day 1's number
    is the end; a month without that number ends itself."""
    first = start + ONE
    day, turns = first, 0
    while turns < months:  # into the last month
        day += ONE
        turns += day.day == 1
    month = day.month
    while day.month == month:
        if day.day == first.day:
            return day - ONE
        day += ONE
    return day - ONE


def on_a_working_day(day: date, paused: Collection[date] = (), open_on: Works = works) -> date:
    """Art. 48(4): the next day that is worked, and not in a pause."""
    while not open_on(day) or day in paused:
        day += ONE
    return day


def span(first: date, last: date) -> list[date]:
    """All days from `first` to `last`."""
    found = []
    while first <= last:
        found.append(first)
        first += ONE
    return found
