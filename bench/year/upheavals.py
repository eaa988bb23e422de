"""What the year brings for everybody: typhoons, a calendar issued anew, settings that change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import Connection

from engine.actors import Actor, system
from sla import calendar_edits, setting_changes
from sla.calendars import DayEntry
from sla.closures import enter_working_day
from sla.working_time import instant
from store.database import Database

COUNTRY = "tw"


@dataclass(frozen=True, slots=True)
class Upheaval:
    """Something that moves open limits, at a moment (aware UTC)."""

    at: datetime
    name: str

    def happen(self, db: Database, people: Mapping[str, Actor], now: datetime) -> None:
        with db.transaction() as tx:
            self._enter(tx, people, now)

    def _enter(self, tx: Connection, people: Mapping[str, Actor], now: datetime) -> None:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class LocalEdit(Upheaval):
    """The office's own calendar: proposed by one, approved by another."""

    change: calendar_edits.Change

    def _enter(self, tx: Connection, people: Mapping[str, Actor], now: datetime) -> None:
        edit = calendar_edits.propose(tx, self.change, people["operator.he"], now)
        calendar_edits.approve(tx, edit, people["chief.wang"], now)


@dataclass(frozen=True, slots=True)
class NationalEdit(Upheaval):
    """The country's calendar is issued anew: a day is worked, or not, otherwise than before."""

    day: date
    is_working: bool

    def _enter(self, tx: Connection, people: Mapping[str, Actor], now: datetime) -> None:
        entry = DayEntry(COUNTRY, self.day, self.is_working, "行事曆修正", "修正公告")
        enter_working_day(tx, entry, system(COUNTRY), now)


@dataclass(frozen=True, slots=True)
class NewSetting(Upheaval):
    """The office counts otherwise from now on."""

    setting: str
    given: Mapping[str, str]

    def _enter(self, tx: Connection, people: Mapping[str, Actor], now: datetime) -> None:
        given = {**self.given, "source": "所務會議紀錄"}
        setting_changes.enter(tx, self.setting, given, people["operator.he"], now)


def _at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return instant(date(2026, month, day), time(hour, minute))


def _closed(month: int, day: int, part: str) -> calendar_edits.Change:
    return calendar_edits.Change(date(2026, month, day), part, "颱風", "市府公告")


UPHEAVALS: tuple[Upheaval, ...] = (
    NewSetting(
        _at(3, 17, 10), "convention of pauses", "sla.pause_convention", {"value": "both_count"}
    ),
    NewSetting(
        _at(5, 4, 14),
        "hours of the office",
        "office.hours",
        {"opens": "08:30", "midday": "12:00", "closes": "17:30"},
    ),
    NationalEdit(_at(6, 15, 16), "national day off", date(2026, 7, 3), is_working=False),
    NationalEdit(_at(6, 15, 16, 1), "national make-up day", date(2026, 7, 11), is_working=True),
    LocalEdit(_at(7, 21, 20), "typhoon, next afternoon", _closed(7, 22, "afternoon")),
    LocalEdit(_at(7, 22, 20), "typhoon, next morning", _closed(7, 23, "morning")),
    LocalEdit(_at(7, 23, 11), "typhoon, the afternoon too", _closed(7, 23, "afternoon")),
    LocalEdit(_at(8, 12, 21), "typhoon, the next day", _closed(8, 13, "all")),
    LocalEdit(
        _at(8, 13, 6),
        "typhoon that did not come",
        calendar_edits.Change(date(2026, 8, 13), "works", "颱風警報解除", "市府公告"),
    ),
    NewSetting(
        _at(9, 21, 9, 30), "end of a working day", "sla.working_day_ends", {"value": "midnight"}
    ),
    LocalEdit(_at(10, 2, 22), "typhoon, Monday", _closed(10, 5, "all")),
    NationalEdit(
        _at(11, 9, 10), "national day off in December", date(2026, 12, 18), is_working=False
    ),
)
