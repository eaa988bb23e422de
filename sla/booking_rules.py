"""When an office takes appointments: the tables of its own version of P51, asked day by day.

`booking-services` says what may be booked and in which group it is, `booking-windows` which hours
are open to that group on a day, how long one turn takes and how many places it has, `booking-terms`
what becomes of people who do not come. An office changes them as it changes every table of a
process: in the studio, with a second person. An opening on a rest day makes it no working day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection

from engine import deployments, functions
from engine.clock import legal_day
from engine.deployments import Loaded
from engine.errors import NotFound
from engine.public_words import Text
from sla import calendars
from sla.errors import CalendarError
from sla.working_time import Calendar, Day, Half, Hours

PACKAGE = "P51"
SERVICES, WINDOWS, TERMS = "booking-services", "booking-windows", "booking-terms"
WEEKEND = frozenset({"星期六", "星期日"})
"""What the calendar calls a rest day that is no holiday."""
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """Hours that are open on a day: `begins`, `ends` in Taipei, `minutes` a turn, `places` each."""

    id: str
    title: Text
    begins: time
    ends: time
    minutes: int
    places: int


@dataclass(frozen=True, slots=True)
class Slot:
    """One turn of a window: the day, `HH:MM` in Taipei."""

    day: date
    at: str
    window: Window


@dataclass(frozen=True, slots=True)
class Terms:
    """`no_shows` within `counted_months` close the channel to somebody until `blocked_months` after
    the last of them; None: never."""

    late_minutes: int
    no_shows: int | None
    counted_months: int
    blocked_months: int


@dataclass(frozen=True, slots=True)
class Book:
    """The rules of one office, with its calendar as it is known now."""

    loaded: Loaded
    calendar: Calendar
    now: datetime

    def group_of(self, service: str) -> str | None:
        """In which group a matter is booked; None for one that is not."""
        return None if (found := self._ask(SERVICES, {"service": service})) is None else str(found)

    def terms(self, channel: str) -> Terms:
        found = self._ask(TERMS, {"case": {"channel": channel}})
        limit = found["no_shows"]
        return Terms(
            int(found["late_minutes"]),
            None if limit is None else int(limit),
            int(found["counted_months"] or 0),
            int(found["blocked_months"] or 0),
        )

    def slots(self, group: str, first: date, last: date) -> Iterator[Slot]:
        """Every turn open to a group from `first` to `last`, by day and time."""
        day = max(first, self.calendar.first)
        while day <= min(last, self.calendar.last):
            found = [
                Slot(day, at, window)
                for window in self._windows(group, day)
                for at in turns(window, self.calendar.day(day), self.calendar.hours)
            ]
            yield from sorted(found, key=lambda slot: (slot.at, slot.window.id))
            day += ONE_DAY

    def slot(self, group: str, day: date, at: str) -> Slot | None:
        """The turn at `at`, None where none begins then."""
        return next((slot for slot in self.slots(group, day, day) if slot.at == at), None)

    def _windows(self, group: str, day: date) -> list[Window]:
        known = self.calendar.day(day)
        if known.closure and not known.is_working:
            return []  # a disaster closes special openings as well
        given = {
            "group": group,
            "weekday": day.isoweekday(),
            "working_day": known.is_working,
            "holiday": not known.is_working and known.reason not in WEEKEND,
            "month_end": (day + ONE_DAY).day == 1,
            "lead": (day - legal_day(self.now)).days,
        }
        return [_window(row) for row in self._ask(WINDOWS, given) or ()]

    def _ask(self, name: str, given: Mapping[str, Any]) -> Any:
        return self.loaded.decisions[name].decide(given, functions.given(self.now)).value


def book_of(tx: Connection, office_id: str, now: datetime) -> Book | None:
    """The rules of an office; None where it takes no appointments (P51 is not active there)."""
    try:
        loaded = deployments.active(tx, office_id, PACKAGE)
        return Book(loaded, calendars.snapshot(tx, office_id, now), now)
    except NotFound as missing:
        if missing.code != "definition.none_active":
            raise
    except CalendarError:
        pass  # no year is loaded: nobody can say which days are worked
    return None


def turns(window: Window, day: Day, hours: Hours) -> list[str]:
    """When the turns of a window begin; none in the half of the day that is closed."""
    begin = datetime.combine(date.min, window.begins)
    end = datetime.combine(date.min, window.ends)
    length = timedelta(minutes=max(window.minutes, 1))
    found = []
    while begin + length <= end:
        if not _is_closed(begin.time(), day.half, hours):
            found.append(begin.strftime("%H:%M"))
        begin += length
    return found


def _is_closed(at: time, half: Half | None, hours: Hours) -> bool:
    if half is None:
        return False
    return (at < hours.midday) == (half is Half.MORNING)


def _window(row: Mapping[str, Any]) -> Window:
    return Window(
        str(row["window"]),
        Text(str(row["title"]), str(row["title_en"])),
        time.fromisoformat(row["begins"]),
        time.fromisoformat(row["ends"]),
        int(row["minutes"]),
        int(row["places"]),
    )
