"""Days that are over, summed up by month: what reports of many months are made of.

Nothing that has ended changes any more: a limit that was met, a task that was completed, a case
that was closed. So a day that is over is counted once, by a beat, and added to the figures of its
month (`month_figures`); `figured_days` says how far each office has come. Deeds write nothing for
it. Who wants figures adds what the beat has not come to, counted by the same statements
(`sla.ended`), so that they are exact also while no worker runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID, uuid5

from sqlalchemy import (
    BigInteger,
    Connection,
    cast,
    func,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from engine.clock import legal_day
from engine.errors import Unavailable
from sla.ended import About, Found, Sums, count, midnight, month_of
from store.database import Database
from store.tables import cases, clocks, figured_days, month_figures, offices, user_tasks

A_DAY = timedelta(days=1)
SETTLED = timedelta(hours=1)
"""A day is counted an hour after its end: the last deed of it has long been committed then."""
MOST_DAYS = 100
"""So many days a report counts from their rows."""
MOST_ENDED = 20_000
"""So many cases, and as many tasks, that ended in one scope: two seconds of counting."""
NAMES = UUID("6f2d1c4e-3f0b-4e53-9d43-0d7b7f7f2b19")
BEGINNING = date(1970, 1, 1)
SUMS = tuple(Sums.__slots__)


# --- the beat -----------------------------------------------------------------------------------


def sum_up_next(db: Database, now: datetime) -> bool:
    """Sum up the next day of an office that lags behind. False if none does."""
    until = settled_until(now)
    with db.transaction(read_only=True) as tx:
        behind = _behind(tx, until)
        if behind is None:
            return False
        office_id, seen = behind
        day = _next_day(tx, office_id, seen or BEGINNING, until)
        # Counted before anything is locked: what has ended does not change meanwhile.
        found = count(tx, [office_id], day, day + A_DAY) if day < until else {}
    with db.transaction() as tx:
        if _come_to(tx, office_id, seen, min(day + A_DAY, until)):
            _add(tx, found)
    return True


def settled_until(now: datetime) -> date:
    """The first day that may still change."""
    return legal_day(now - SETTLED)


def _behind(tx: Connection, until: date) -> tuple[str, date | None] | None:
    lagging = (
        select(offices.c.id, figured_days.c.next_day)
        .outerjoin(figured_days, figured_days.c.office_id == offices.c.id)
        .where(or_(figured_days.c.next_day.is_(None), figured_days.c.next_day < until))
        .order_by(offices.c.id)
        .limit(1)
    )
    row = tx.execute(lagging).first()
    return None if row is None else (row.id, row.next_day)


def _next_day(tx: Connection, office_id: str, first: date, until: date) -> date:
    """The first day from `first` on which something ended; `until` if there is none before."""
    moments = [
        tx.scalar(
            select(func.min(at)).where(table.c.office_id == office_id, at >= midnight(first), which)
        )
        for table, at, which in (
            (clocks, clocks.c.met_at, clocks.c.status == "met"),
            (user_tasks, user_tasks.c.ended_at, user_tasks.c.status == "completed"),
            (cases, cases.c.closed_at, cases.c.closed_at.is_not(None)),
        )
    ]
    return min([until, *(legal_day(at) for at in moments if at is not None)])


def _come_to(tx: Connection, office_id: str, seen: date | None, day: date) -> bool:
    """Take the days before `day` for counted. False where somebody else came there first."""
    if seen is None:
        row = {"office_id": office_id, "next_day": day}
        return tx.execute(_FIRST[tx.dialect.name], row).first() is not None
    moved = tx.execute(
        update(figured_days)
        .where(figured_days.c.office_id == office_id, figured_days.c.next_day == seen)
        .values(next_day=day)
    )
    return bool(moved.rowcount)


def _add(tx: Connection, found: Found) -> None:
    rows = [{"id": _id(about), **about._asdict(), **asdict(sums)} for about, sums in found.items()]
    if rows:
        tx.execute(_ADD[tx.dialect.name], rows)


def _id(about: About) -> UUID:
    return uuid5(NAMES, "/".join(str(part) for part in about))


def _adding(insert_into: Any) -> Any:
    statement = insert_into(month_figures)
    more = {name: month_figures.c[name] + statement.excluded[name] for name in SUMS}
    return statement.on_conflict_do_update(index_elements=["id"], set_=more)


_ADD = {"postgresql": _adding(postgresql.insert), "sqlite": _adding(sqlite.insert)}
_FIRST = {
    "postgresql": postgresql.insert(figured_days)
    .on_conflict_do_nothing()
    .returning(figured_days.c.next_day),
    "sqlite": sqlite.insert(figured_days)
    .on_conflict_do_nothing()
    .returning(figured_days.c.next_day),
}


# --- reading ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figures:
    """What comes twice is to be added up. `until` is the first day that is left out, where more
    ended since than can be counted while somebody waits; None where everything is in it."""

    lines: Sequence[tuple[About, Sums]]
    until: date | None = None


def of_months(
    tx: Connection, office_ids: Sequence[str], first: date, last: date, now: datetime
) -> Figures:
    """The figures of the months `first` to `last` (their first days), until now.

    Of one office each step and person; of several each step only, since nobody compares the persons
    of several offices. Raises `Unavailable` where days that are over lag too far behind.
    """
    lines, come_to = _summed_up(tx, office_ids, first, last)
    end = min(_month_after(last), legal_day(now) + A_DAY)
    together: dict[date, list[str]] = {}
    for office_id in office_ids:
        begin = max(first, come_to.get(office_id, first))
        together.setdefault(begin, []).append(office_id)
    parts = [(_begin(tx, some, begin, end), some) for begin, some in together.items()]
    counted = _counted_until(tx, parts, end, now)
    for begin, some in parts:
        lines += count(tx, some, begin, counted).items()
    return Figures(lines, None if counted == end else counted)


_Parts: TypeAlias = Sequence[tuple[date, Sequence[str]]]
"""From which day on which offices are to be counted from the rows."""


def _begin(tx: Connection, office_ids: Sequence[str], begin: date, end: date) -> date:
    """From which day on to count from the rows.

    Raises `Unavailable` where that is more than `MOST_DAYS`: after an upgrade with years of cases,
    or with a worker that has stood still for a season. A beat sums up a year in minutes.
    """
    if (end - begin).days <= MOST_DAYS:
        return begin
    begin = min(_next_day(tx, office_id, begin, end) for office_id in office_ids)
    if (end - begin).days > MOST_DAYS:
        raise _summing_up(begin)
    return begin


def _counted_until(tx: Connection, parts: _Parts, end: date, now: datetime) -> date:
    """Before which day the rows are counted: all, or without the days that no beat may sum up yet,
    where more than `MOST_ENDED` ended. Raises `Unavailable` where too much of days that are over
    waits for the beat."""
    if not _are_many(tx, parts, end):
        return end
    settled = min(settled_until(now), end)
    if _are_many(tx, parts, settled):
        raise _summing_up(min(begin for begin, _ in parts))
    return settled


def _are_many(tx: Connection, parts: _Parts, end: date) -> bool:
    """Whether more ended than is counted while somebody waits; never looks at many more."""
    for table, at in ((cases, cases.c.closed_at), (user_tasks, user_tasks.c.ended_at)):
        room = MOST_ENDED
        for begin, some in parts:
            if begin >= end:
                continue
            ended = (
                select(table.c.id)
                .where(table.c.office_id.in_(some), at >= midnight(begin), at < midnight(end))
                .limit(room + 1)
            )
            room -= tx.scalar(select(func.count()).select_from(ended.subquery())) or 0
            if room < 0:
                return True
    return False


def _summing_up(begin: date) -> Unavailable:
    return Unavailable(
        "report.summing_up",
        f"The days since {begin} are being summed up by a worker; "
        "come back in some minutes, and see that a worker runs",
        day=begin.isoformat(),
    )


def _summed_up(
    tx: Connection, office_ids: Sequence[str], first: date, last: date
) -> tuple[list[tuple[About, Sums]], dict[str, date]]:
    """What is summed up, and how far: in one statement, since the beat goes on meanwhile."""
    figures, days = month_figures.c, figured_days.c
    about = [figures.office_id, figures.month, figures.package_id, figures.element_id, figures.name]
    if len(office_ids) == 1:
        about.append(figures.person_id)
    summed = (
        select(*about, *(func.sum(figures[name]).label(name) for name in SUMS))
        .where(figures.office_id.in_(office_ids), figures.month >= first, figures.month <= last)
        .group_by(*about)
    )
    nothing = (cast(null(), column.type) for column in about[2:])
    come_to = select(
        days.office_id, days.next_day, *nothing, *(cast(null(), BigInteger) for _ in SUMS)
    ).where(days.office_id.in_(office_ids))
    rows: list[tuple[About, Sums]] = []
    known: dict[str, date] = {}
    for row in tx.execute(union_all(summed, come_to)):
        if row.package_id is None:
            known[row.office_id] = row.month
        else:
            rows.append((About(*row[: len(about)]), Sums(*map(int, row[len(about) :]))))
    return rows, known


def _month_after(first: date) -> date:
    return month_of(first + timedelta(days=31))
