"""Following an explanation as it is stored, with nothing but its own words.

Whoever holds the JSON of a due date (a court, an auditor) can compute the date again: every step
says what it did, how much, and which days it passed over. No calendar and no rule table is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

ONE = timedelta(days=1)
STANDING = frozenset(
    {
        *("starts", "first_day_excluded", "lapses", "make_up_day", "ends", "extended", "served"),
        "transferred",
        *("age_complete", "shorter_term", "term_lawful", "term_too_short", "closes"),
    }
)
"""Steps that say something and move nothing."""
COMPARED = frozenset({"other_reading", "rest_day_stands", "received_later", "outer_limit"})
"""Steps that take over a date they name."""


def followed(explanation: Mapping[str, Any]) -> str:
    """The last day that the steps lead to, ISO. Fails where a step does not follow."""
    day: date | None = None
    for step in explanation["steps"]:
        after = date.fromisoformat(step["after"][:10])
        if day is None:
            day = after
            continue
        assert step["before"] in (None, day.isoformat()), step
        reached = _after(step, day)
        assert reached == after, (step, reached)
        day = reached
    assert day is not None
    return day.isoformat()


def _after(step: Mapping[str, Any], day: date) -> date:  # noqa: C901  # one arm per action
    action, amount = step["action"], step["amount"] or 0
    if action in STANDING:
        return day
    if action in COMPARED:
        return date.fromisoformat(step["after"])
    passed = {date.fromisoformat(each) for each, _ in step["passed"]}
    match action:
        case "first_day_counted":
            return day - ONE
        case "calendar_days":
            return day + amount * ONE
        case "weeks":
            return day + 7 * amount * ONE
        case "months":
            return _months(day, amount)
        case "years":
            return _months(day, 12 * amount)
        case "working_days":
            return _past(day, amount, passed)
        case "paused":
            return _past(day, amount, passed)
        case "rolled":
            while day in passed:
                day += ONE
            return day
        case _:
            raise AssertionError(f"a step nobody can follow: {action}")


def _past(day: date, amount: int, passed: set[date]) -> date:
    """`amount` days on, those that were passed over not counted."""
    while amount:
        day += ONE
        amount -= day not in passed
    return day


def _months(zero: date, months: int) -> date:
    """The day before the one with day 1's number, or the end of a month that has no such day."""
    first = zero + ONE
    turn = first.replace(day=1)
    for _ in range(months):
        turn = (turn + 31 * ONE).replace(day=1)
    same = turn + (first.day - 1) * ONE
    return same - ONE if same.month == turn.month else same.replace(day=1) - ONE
