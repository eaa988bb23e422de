"""Our additions to FEEL: days and rules of law, for conditions, forms and decision tables.

They are pure and use the national calendar; a date of a case comes from its clocks, which use the
office's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sla.explanation import national_calendar
from sla.periods import due
from sla.rules import rule
from sla.steps import Explained


def is_working_day(day: date) -> bool:
    """Whether agencies of the state work on `day`."""
    return national_calendar(day.year).is_working_day(day)


def add_working_days(day: date, days: Decimal) -> date:
    """The `days`-th working day after `day`; negative goes back."""
    return national_calendar(day.year).nth_working_day(day, int(days))


def working_days_between(after: date, until: date) -> Decimal:
    """Working days after `after`, up to and including `until`."""
    return Decimal(national_calendar(after.year).working_days_between(after, until))


def last_day_of(rule_id: str, start: date) -> date | None:
    """The last day of a rule of `legal-limits.dmn` for an event on `start`."""
    explained: Explained = due(rule(rule_id, start), start, national_calendar(start.year))
    return explained.due


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "is working day": is_working_day,
    "add working days": add_working_days,
    "count working days": working_days_between,
    # FEEL keeps `of` and `between` for itself: a name with one of them could not be called.
    "last day under": last_day_of,
}
