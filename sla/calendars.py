"""Working calendars as rows: per office, as known from a moment, with source.

The national days lie with the country's office; a city or an office adds closures and special
openings of its own. The newest row known for a day counts, the nearest office before its parents.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select

from engine.actors import Actor
from engine.errors import Forbidden, Rejected
from engine.history import Entry, append
from engine.office_tree import UPWARDS
from sla.errors import Refusal
from sla.rules import Places, Rule, of_row, places_of
from sla.settings import Settings
from sla.working_time import Calendar, Day, Half, Hours, instant, national_days
from store.prepared import Prepared
from store.tables import calendar_days, office_settings, offices

LAW = "law."
"""Before the id of a rule: the setting that keeps the versions of it an office has entered."""
MAY_CLOSE = frozenset({"chief", "secretary", "director", "operator"})


def seed_national_days(
    tx: Connection, office_id: str, first_year: int, last_year: int, now: datetime
) -> int:
    """Load the national days of the years into `office_id` (the country's). Returns the rows.

    They count as known from the first day loaded: when each list was published is not in them.
    Raises `Rejected` for an office that is not there.
    """
    if tx.scalar(select(offices.c.id).where(offices.c.id == office_id)) is None:
        raise Rejected(
            "calendar.office",
            f"There is no office {office_id!r}; found it first with `huzheng office create`",
        )
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
    return _known(tx, _read(tx, office_id, known_at), known_at)


def settings_of(tx: Connection, office_id: str) -> Settings:
    """The choices of the office (sla.settings): its own, else its city's, else the country's, and
    defaults where nobody has made one. Raises SettingError for one that is unknown."""
    return _settings(_read(tx, office_id, _NEVER).choices)


def all_choices(
    tx: Connection, office_id: str, known_at: datetime
) -> tuple[Calendar, Settings, tuple[Rule, ...]]:
    """The calendar, the settings and the rules that the office or those above it entered, the
    nearest last: in one statement where the calendar was used before."""
    read = _read(tx, office_id, known_at)
    return _known(tx, read, known_at), _settings(read.choices), read.rules


def rules_of(tx: Connection, office_id: str) -> tuple[Places, tuple[Rule, ...]]:
    """The places of the office, and the rules that it or those above it entered, the nearest
    last."""
    read = _read(tx, office_id, _NEVER)
    return read.places, read.rules


def close_office(tx: Connection, closure: Closure, actor: Actor, now: datetime) -> None:
    """Enter a closure by announcement (typhoon tomorrow). Open clocks are moved by the caller.

    Raises `Forbidden` unless the actor is a supervisor or operator of the office, `Rejected` for a
    day that the calendar does not hold or that was not worked anyway.
    """
    demand_editor(actor, closure.office_id)
    demand_change(tx, closure.office_id, closure.day, closure.part, now)
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


def enter_day(tx: Connection, entry: DayEntry, actor: Actor, now: datetime) -> None:
    """Enter that an office works, or rests, on a day: a make-up day, or a closure taken back.

    Open clocks are moved by the caller. Refusals as `close_office`.
    """
    demand_editor(actor, entry.office_id)
    part = "works" if entry.is_working else "rests"
    demand_change(tx, entry.office_id, entry.day, part, now)
    tx.execute(
        insert(calendar_days).values(
            office_id=entry.office_id,
            day=entry.day,
            is_working=entry.is_working,
            part="all",
            reason_zh=entry.reason,
            reason_en=entry.reason,
            source=entry.source,
            disaster=False,
            known_from=now,
            entered_by=actor.person_id,
        )
    )
    detail = {
        "day": entry.day.isoformat(),
        "kind_of_day": "working_day" if entry.is_working else "day_off",
        "reason": entry.reason,
        "source": entry.source,
    }
    append(
        tx,
        Entry(
            "calendar.day_entered",
            actor,
            now,
            object_id=entry.day.isoformat(),
            detail=detail,
            office_id=entry.office_id,
        ),
    )


def demand_change(tx: Connection, office_id: str, day: date, part: str, now: datetime) -> None:
    """Raise Rejected for a day that the calendar does not hold, or that is so already. `part`:
    all, morning, afternoon (closed by announcement), works, rests."""
    known = _day(snapshot(tx, office_id, now), day)
    if part in ("works", "rests"):
        is_so = known.is_working == (part == "works") and not known.closure and known.half is None
    else:
        is_so = known.half is not None and known.half.value == part
    if is_so:
        raise Rejected("calendar.unchanged", f"{day} is so in the calendar already: {known.reason}")
    if part not in ("works", "rests") and not known.is_working:
        raise Rejected(
            "calendar.rest_day",
            f"Expected a working day to close, but {day} is a day off: {known.reason}",
            day=day.isoformat(),
        )


def demand_editor(actor: Actor, office_id: str) -> None:
    """Raise Forbidden unless the actor may edit the calendar of the office."""
    if not actor.is_system and not (actor.office_id == office_id and actor.groups & MAY_CLOSE):
        raise Forbidden(
            "calendar.not_yours", "Expected a supervisor or operator of this office to close it"
        )


@dataclass(frozen=True, slots=True)
class DayEntry:
    """A whole day of an office that is worked, or not, by order."""

    office_id: str
    day: date
    is_working: bool
    reason: str
    source: str

    def __post_init__(self) -> None:
        if not self.reason or not self.source:
            raise Rejected("calendar.source", "Expected a reason and the announcement it rests on")


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


# --- loading ------------------------------------------------------------------------------------

_MOST_SNAPSHOTS = 64
_NEVER = datetime.min.replace(tzinfo=UTC)  # no day of a calendar was known by then
_snapshots: dict[tuple[str, str, Any, Any, str], Calendar] = {}
_lock = threading.Lock()


def _known(tx: Connection, read: _Read, known_at: datetime) -> Calendar:
    # Rows are only added, so the newest and the moment of the last name one state of the calendar.
    # Without the moment, an entry that was undone would be taken for the next one: SQLite gives its
    # number out again; and one that is known from tomorrow on would be taken for known.
    chain, hours = read.chain, read.choices.get("office.hours")
    state = (read.newest, read.last_known)
    key = (str(tx.engine.url), chain[0], *state, f"{hours}{read.places}")
    with _lock:
        cached = _snapshots.get(key)
    if cached is None:
        rows = tx.execute(
            select(calendar_days).where(
                calendar_days.c.office_id.in_(chain), calendar_days.c.known_from <= known_at
            )
        ).all()
        version = f"{chain[0]}#{read.newest or 0}"
        cached = Calendar(chain[0], version, _days(chain, rows), _hours(hours), read.places)
        with _lock:
            if len(_snapshots) > _MOST_SNAPSHOTS:
                _snapshots.clear()
            _snapshots[key] = cached
    return cached


def _days(chain: list[str], rows: Sequence[Any]) -> dict[date, Day]:
    """The country's days, the city's on top of them, then the office's own; and closures last.

    A closure takes nothing from a day off, nor from a day nobody has loaded. It is taken back by
    an ordinary day entered after it, by the same office or a nearer one.
    """
    rank = {office: len(chain) - place for place, office in enumerate(chain)}
    days: dict[date, Day] = {}
    entered: dict[date, tuple[int, int]] = {}
    for row in sorted(rows, key=lambda row: (rank[row.office_id], row.id)):
        if not row.disaster:
            days[row.day] = Day(row.is_working, row.reason_zh, row.source)
            entered[row.day] = (row.id, rank[row.office_id])
    for row in sorted(rows, key=lambda row: row.id):
        known = days.get(row.day)
        if not row.disaster or known is None or not known.is_working:
            continue
        number, nearness = entered[row.day]
        if number < row.id or nearness < rank[row.office_id]:
            days[row.day] = _closed(known, row)
    return days


def _closed(known: Day, row: Any) -> Day:
    half = None if row.part == "all" else Half(row.part)
    whole = half is None or (known.half is not None and known.half is not half)
    return Day(
        is_working=not whole,
        reason=row.reason_zh,
        source=row.source,
        half=None if whole else half,
        closure=True,
    )


def _hours(value: Any) -> Hours:
    if not value:
        return Hours()
    return Hours(*(time.fromisoformat(value[part]) for part in ("opens", "midday", "closes")))


def _settings(choices: Mapping[str, Any]) -> Settings:
    return Settings.from_mapping(
        {
            name.removeprefix("sla."): value
            for name, value in choices.items()
            if name.startswith("sla.")
        }
    )


def _read(tx: Connection, office_id: str, known_at: datetime) -> _Read:
    """The office, its city and the country, their settings of time, and the state of their
    calendar: one statement."""
    rows = _READ.all(tx, {"office": office_id, "known_at": known_at})
    if not rows:
        return _Read([office_id], {}, None, None, (), ())
    chain = list(dict.fromkeys(row.id for row in rows))
    # Of several settings the one nearest to the office counts: it comes last.
    choices = {row.name: row.value for row in reversed(rows) if row.name is not None}
    places = places_of(rows[0].name_zh, rows[0].city)
    newest = max((row.newest for row in rows if row.newest is not None), default=None)
    last_known = max((row.last_known for row in rows if row.last_known is not None), default=None)
    return _Read(chain, choices, newest, last_known, places, _rules(rows))


def _rules(rows: Sequence[Any]) -> tuple[Rule, ...]:
    """The country's versions, the city's behind them, then the office's own."""
    entered = [row.value for row in reversed(rows) if (row.name or "").startswith(LAW)]
    return tuple(of_row(version) for versions in entered for version in versions)


@dataclass(frozen=True, slots=True)
class _Read:
    chain: list[str]
    choices: Mapping[str, Any]
    newest: int | None
    last_known: datetime | None
    places: Places
    rules: tuple[Rule, ...]


_known_days = (
    calendar_days.c.office_id == UPWARDS.c.id,
    calendar_days.c.known_from <= bindparam("known_at", type_=calendar_days.c.known_from.type),
)
_READ = Prepared(
    select(
        UPWARDS.c.id,
        offices.c.name_zh,
        offices.c.city,
        office_settings.c.name,
        office_settings.c.value,
        select(func.max(calendar_days.c.id)).where(*_known_days).scalar_subquery().label("newest"),
        select(func.max(calendar_days.c.known_from))
        .where(*_known_days)
        .scalar_subquery()
        .label("last_known"),
    )
    .select_from(
        UPWARDS.join(offices, offices.c.id == UPWARDS.c.id).outerjoin(
            office_settings,
            (office_settings.c.office_id == UPWARDS.c.id)
            & (
                office_settings.c.name.like("sla.%")
                | office_settings.c.name.like(f"{LAW}%")
                | (office_settings.c.name == "office.hours")
            ),
        )
    )
    .order_by(UPWARDS.c.height)
)


def _day(calendar: Calendar, day: date) -> Day:
    try:
        return calendar.day(day)
    except Refusal as refused:
        raise Rejected(refused.code, refused.en, zh=refused.zh, en=refused.en) from refused
