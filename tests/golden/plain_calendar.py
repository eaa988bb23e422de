"""The office calendar of 2024 to 2027 as the Executive Yuan published it, typed in by hand.

Weekday days off and the make-up Saturdays; nothing here is computed, and nothing comes from the
package that seeds our calendars.
"""

from __future__ import annotations

from datetime import date, timedelta

ONE = timedelta(days=1)

DAYS_OFF = {
    2024: "01-01 02-08 02-09 02-12 02-13 02-14 02-28 04-04 04-05 06-10 09-17 10-10",
    2025: (
        "01-01 01-27 01-28 01-29 01-30 01-31 02-28 04-03 04-04 05-30 09-29 10-06 10-10 10-24 12-25"
    ),
    2026: (
        "01-01 02-16 02-17 02-18 02-19 02-20 02-27 04-03 04-06 05-01 06-19 09-25 09-28 10-09"
        " 10-26 12-25"
    ),
    2027: (
        "01-01 02-04 02-05 02-08 02-09 02-10 03-01 04-05 04-06 04-30 06-09 09-15 09-28 10-11"
        " 10-25 12-24 12-31"
    ),
}
MAKE_UP_SATURDAYS = (date(2024, 2, 17), date(2025, 2, 8))
FIRST, LAST = date(2024, 1, 1), date(2027, 12, 31)

_OFF = {
    date.fromisoformat(f"{year}-{day}") for year, days in DAYS_OFF.items() for day in days.split()
}


def works(day: date) -> bool:
    """Whether agencies work on `day`; a day of another year is an error, never a guess."""
    if not FIRST <= day <= LAST:
        raise ValueError(f"{day} is not in the typed calendar")
    if day in MAKE_UP_SATURDAYS:
        return True
    return day.weekday() < 5 and day not in _OFF
