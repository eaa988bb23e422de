"""Our additions to FEEL: days and rules of law, for conditions, forms and decision tables.

They use the national calendar; a date of a case comes from its clocks, which use the office's. In
a case of an office `last day under` counts by the rules in force there: those that the office, its
city or the country has entered, before those of the released table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.functions import Maker, Place
from sla.calendars import rules_of
from sla.explanation import national_calendar
from sla.periods import due
from sla.rules import Places, Rule, rule
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
    return _last_day(rule(rule_id, start), start)


class LastDayHere:
    """The same in a case of an office, by what has been entered there."""

    def __init__(self, place: Place, _now: datetime) -> None:
        self._asked: Place | None = place
        self._places: Places = ()
        self._entered: tuple[Rule, ...] = ()

    def __call__(self, rule_id: str, start: date) -> date | None:
        self._read_once()
        return _last_day(rule(rule_id, start, self._places, self._entered), start)

    def _read_once(self) -> None:
        if self._asked is not None:
            self._places, self._entered = rules_of(self._asked.tx, self._asked.office_id)
            self._asked = None  # whoever remembers the function keeps no transaction by it


def _last_day(version: Rule, start: date) -> date | None:
    explained: Explained = due(version, start, national_calendar(start.year))
    return explained.due


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "is working day": is_working_day,
    "add working days": add_working_days,
    "count working days": working_days_between,
    # FEEL keeps `of` and `between` for itself: a name with one of them could not be called.
    "last day under": last_day_of,
}

OF_PLACES: Mapping[str, Maker] = {"last day under": LastDayHere}
"""Those that answer by what an office has entered, in its cases."""
