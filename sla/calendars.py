"""Working calendars as rows: per office, as known from a moment, with source.

The national days lie with the country's office; a city or an office adds closures and special
openings of its own. The newest row known for a day counts, the nearest office before its parents.
"""

from __future__ import annotations

import threading
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, func, insert, select

from engine.actors import Actor
from engine.clock import legal_day
from engine.errors import Forbidden, Rejected
from engine.history import Entry, append
from sla.errors import Refusal
from sla.settings import Settings
from sla.working_time import Calendar, Day, Half, Hours, instant, national_days
from store.tables import calendar_days, office_settings, offices

MAY_CLOSE = frozenset({"chief", "secretary", "director", "operator"})


def seed_national_days(
    tx: Connection, office_id: str, first_year: int, last_year: int, now: datetime
) -> int:
    """Load the national days of the years into `office_id` (the country's). Returns the rows.

    They count as known from the first day loaded: when each list was published is not in them.
    """
    known_from = min(now, instant(date(first_year, 1, 1), time()))
    rows = [
        {
            "office_id": office_id,
            "day": day,
            "is_working": known.is_working,
            "part": "all",
            "reason_zh": known.reason,
            "reason_en": known.reason,
            "source": known.source,
            "disaster": False,
            "known_from": known_from,
        }
        for day, known in national_days(first_year, last_year).items()
    ]
    tx.execute(insert(calendar_days), rows)
    return len(rows)


def snapshot(tx: Connection, office_id: str, known_at: datetime) -> Calendar:
    """The calendar of an office as it was known at `known_at` (aware UTC)."""
    chain = _ancestors(tx, office_id)
    newest = tx.scalar(
        select(func.max(calendar_days.c.id)).where(
            calendar_days.c.office_id.in_(chain), calendar_days.c.known_from <= known_at
        )
    )
    key = (str(tx.engine.url), office_id, newest)
    with _lock:
        known = _snapshots.get(key)
    if known is None:
        known = _load(tx, chain, office_id, known_at, newest)
        with _lock:
            if len(_snapshots) > _MOST_SNAPSHOTS:
                _snapshots.clear()
            _snapshots[key] = known
    return known


def settings_of(tx: Connection, office_id: str) -> Settings:
    """The choices of the office (sla.settings), defaults where it has made none."""
    rows = tx.execute(
        select(office_settings.c.name, office_settings.c.value).where(
            office_settings.c.office_id.in_(_ancestors(tx, office_id)),
            office_settings.c.name.like("sla.%"),
        )
    )
    return Settings.from_mapping({name.removeprefix("sla."): value for name, value in rows})


def close_office(tx: Connection, closure: Closure, actor: Actor, now: datetime) -> None:
    """Enter a closure by announcement (typhoon tomorrow). Open clocks are moved by the caller.

    Raises `Forbidden` unless the actor is a supervisor or operator of the office, `Rejected` for a
    day that the calendar does not hold or that was not worked anyway.
    """
    if not actor.is_system and not (
        actor.office_id == closure.office_id and actor.groups & MAY_CLOSE
    ):
        raise Forbidden(
            "calendar.not_yours", "Expected a supervisor or operator of this office to close it"
        )
    known = _day(snapshot(tx, closure.office_id, now), closure.day)
    if not known.is_working:
        raise Rejected(
            "calendar.rest_day",
            f"Expected a working day to close, but {closure.day} is a day off: {known.reason}",
            day=closure.day.isoformat(),
        )
    tx.execute(
        insert(calendar_days).values(
            office_id=closure.office_id,
            day=closure.day,
            is_working=False,
            part=closure.part,
            reason_zh=closure.reason,
            reason_en=closure.reason,
            source=closure.source,
            disaster=True,
            known_from=now,
            entered_by=actor.person_id,
        )
    )
    append(
        tx,
        Entry(
            "calendar.closure_entered",
            actor,
            now,
            object_id=closure.day.isoformat(),
            detail={
                "day": closure.day.isoformat(),
                "part": closure.part,
                "reason": closure.reason,
                "source": closure.source,
            },
            office_id=closure.office_id,
        ),
    )


class Closure:
    """An office, or half a day of it, shut by decree."""

    __slots__ = ("day", "office_id", "part", "reason", "source")

    def __init__(self, office_id: str, day: date, part: str, reason: str, source: str) -> None:
        if part not in ("all", "morning", "afternoon"):
            raise Rejected("calendar.part", "Expected all, morning or afternoon", part=part)
        if not reason or not source:
            raise Rejected("calendar.source", "Expected a reason and the announcement it rests on")
        self.office_id, self.day, self.part = office_id, day, part
        self.reason, self.source = reason, source


def days_from(tx: Connection, office_id: str, now: datetime, count: int) -> list[tuple[date, Day]]:
    """The next `count` days of the office, today first, for pages."""
    calendar = snapshot(tx, office_id, now)
    first = legal_day(now)
    listed = [date.fromordinal(first.toordinal() + i) for i in range(count)]
    return [(day, calendar.day(day)) for day in listed if day <= calendar.last]


# --- loading ------------------------------------------------------------------------------------

_MOST_SNAPSHOTS = 64
_snapshots: dict[tuple[str, str, Any], Calendar] = {}
_lock = threading.Lock()


def _load(
    tx: Connection, chain: list[str], office_id: str, known_at: datetime, newest: Any
) -> Calendar:
    rows = tx.execute(
        select(calendar_days)
        .where(calendar_days.c.office_id.in_(chain), calendar_days.c.known_from <= known_at)
        .order_by(calendar_days.c.id)
    ).all()
    rank = {office: len(chain) - place for place, office in enumerate(chain)}
    days: dict[date, Day] = {}
    for row in sorted(rows, key=lambda row: (rank[row.office_id], row.id)):
        days[row.day] = _with(days.get(row.day), row)
    return Calendar(office_id, f"{office_id}#{newest or 0}", days, _hours(tx, chain))


def _with(known: Day | None, row: Any) -> Day:
    if not row.disaster or known is None or not known.is_working:
        return Day(
            row.is_working, row.reason_zh, row.source, closure=row.disaster and not row.is_working
        )
    half = None if row.part == "all" else Half(row.part)
    whole = half is None or (known.half is not None and known.half is not half)
    return Day(
        is_working=not whole,
        reason=row.reason_zh,
        source=row.source,
        half=None if whole else half,
        closure=True,
    )


def _hours(tx: Connection, chain: list[str]) -> Hours:
    for office in chain:
        value = tx.scalar(
            select(office_settings.c.value).where(
                office_settings.c.office_id == office, office_settings.c.name == "office.hours"
            )
        )
        if value:
            return Hours(
                *(time.fromisoformat(value[part]) for part in ("opens", "midday", "closes"))
            )
    return Hours()


def _ancestors(tx: Connection, office_id: str) -> list[str]:
    """The office, its city, the country."""
    chain = [office_id]
    while True:
        parent = tx.scalar(select(offices.c.parent_id).where(offices.c.id == chain[-1]))
        if parent is None or parent in chain:
            return chain
        chain.append(parent)


def _day(calendar: Calendar, day: date) -> Day:
    try:
        return calendar.day(day)
    except Refusal as refused:
        raise Rejected(refused.code, refused.en, zh=refused.zh, en=refused.en) from refused
