"""What edits of a calendar would move, and how far those entered have come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from engine.actors import Actor
from sla.benches import Bench, bench_of, lawful
from sla.calendars import Closure
from sla.clock_rows import ledgers_of, rule_of
from sla.closures import KIND, below
from sla.ledger import replay
from sla.recalculation import Moved
from sla.working_time import instant
from store.tables import cases, clock_entries, clocks, jobs, persons

MOST_COMPUTED = 100
MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Preview:
    """What a closure would move. `candidates` are open limits that end on the day or after it;
    `moved` are those of the first hundred that would move (all of them, if `is_whole`)."""

    candidates: int
    moved: list[Moved]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of a calendar and its work: cases looked at of `total`, limits moved."""

    id: UUID
    day: date
    part: str  # all, morning, afternoon, works, rests
    reason: str
    status: str
    entered_at: datetime
    entered_by: str
    ended_at: datetime | None
    looked_at: int
    total: int
    moved: int
    last_error: str | None


def preview(tx: Connection, closure: Closure, now: datetime) -> Preview:
    """Say what the closure would move, without entering it.

    Raises Rejected for a day the calendar does not hold.
    """
    places = below(tx, closure.office_id)
    running = (
        clocks.c.office_id.in_(places),
        clocks.c.status == "running",
        clocks.c.due_at >= instant(closure.day, time()),
        clocks.c.started_at < instant(closure.day, time()) + timedelta(days=1),
    )
    candidates = tx.execute(select(func.count()).select_from(clocks).where(*running)).scalar_one()
    first = tx.execute(
        select(clocks, cases.c.number.label("case_number"))
        .join(cases, cases.c.id == clocks.c.case_id)
        .where(*running)
        .order_by(clocks.c.due_at, clocks.c.id)
        .limit(MOST_COMPUTED)
    ).all()
    benches = {
        place: _closed(tx, place, closure, now) for place in {row.office_id for row in first}
    }
    return Preview(candidates, computed(tx, first, benches), candidates <= MOST_COMPUTED)


def _closed(tx: Connection, office_id: str, closure: Closure, now: datetime) -> Bench:
    bench = bench_of(tx, office_id, now)

    def shut() -> Bench:
        calendar = bench.calendar.with_closure(
            closure.day, closure.part, closure.reason, closure.source
        )
        return replace(bench, calendar=calendar)

    return lawful(shut)


def computed(tx: Connection, rows: Sequence[Any], benches: Mapping[str, Bench]) -> list[Moved]:
    """Those of the clocks that would end otherwise on these benches, by office, before and after.

    `rows` are clocks with their `case_number`. Nothing is written.
    """
    ledgers = ledgers_of(tx, [row.id for row in rows])
    moved = []
    for row in rows:
        bench, entries = benches[row.office_id], ledgers[row.id]
        result = lawful(
            lambda row=row, bench=bench, entries=entries: replay(  # type: ignore[misc]
                rule_of(row, entries), entries, bench.calendar, bench.settings
            )
        )
        if result.due_at != row.due_at:
            moved.append(
                Moved(row.id, row.case_id, row.case_number, row.name, row.due_at, result.due_at)
            )
    return moved


def edits(tx: Connection, actor: Actor, limit: int = 20) -> list[Edit]:
    """The last edits of the actor's office, the newest first."""
    rows = tx.execute(
        select(jobs)
        .where(jobs.c.office_id == actor.office_id, jobs.c.kind == KIND)
        .order_by(jobs.c.created_at.desc())
        .limit(limit)
    ).all()
    return _with_names(tx, rows)


def edit(tx: Connection, job_id: UUID, actor: Actor) -> Edit | None:
    """One edit of the actor's office."""
    rows = tx.execute(
        select(jobs).where(
            jobs.c.id == job_id, jobs.c.office_id == actor.office_id, jobs.c.kind == KIND
        )
    ).all()
    return next(iter(_with_names(tx, rows)), None)


def moved_by(tx: Connection, job_id: UUID, actor: Actor) -> list[Moved]:
    """What an edit has moved so far, at most 200 of the actor's office, the earliest first."""
    rows = tx.execute(
        select(
            clock_entries,
            clocks.c.name,
            clocks.c.case_id,
            cases.c.number.label("case_number"),
        )
        .join(clocks, clocks.c.id == clock_entries.c.clock_id)
        .join(cases, cases.c.id == clocks.c.case_id)
        .where(
            clock_entries.c.office_id == actor.office_id,
            clock_entries.c.kind == "recalculate",
            clock_entries.c.ground == str(job_id),
        )
        .order_by(clock_entries.c.due_before)
        .limit(MOST_LISTED)
    ).all()
    return [
        Moved(row.clock_id, row.case_id, row.case_number, row.name, row.due_before, row.due_after)
        for row in rows
    ]


def _with_names(tx: Connection, rows: Sequence[Any]) -> list[Edit]:
    people = {UUID(by) for row in rows if (by := row.payload.get("entered_by"))}
    named = tx.execute(select(persons.c.id, persons.c.display_name).where(persons.c.id.in_(people)))
    names = {str(row.id): row.display_name for row in named}
    return [
        Edit(
            id=row.id,
            day=date.fromisoformat(row.payload["day"]),
            part=row.payload["part"],
            reason=row.payload["reason"],
            status=row.status,
            entered_at=row.created_at,
            entered_by=names.get(row.payload.get("entered_by") or "", ""),
            ended_at=row.ended_at,
            looked_at=row.payload["looked_at"],
            total=row.payload["total"],
            moved=row.payload["moved"],
            last_error=row.last_error,
        )
        for row in rows
    ]
