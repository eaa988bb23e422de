"""The edits of a calendar and of rules that were entered, and how far their work has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine.actors import Actor
from engine.confidence import seen_by
from sla import closures
from sla.recalculation import Moved, Stayed
from store.tables import calendar_edits, cases, clock_entries, clocks, jobs, persons

MOST_LISTED = closures.MOST_LISTED


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of a calendar and its work: cases looked at of `total`, limits moved, and limits
    that could not be counted anew and `stayed`."""

    id: UUID
    day: date
    part: str  # all, morning, afternoon, works, rests
    reason: str
    status: str
    entered_at: datetime
    entered_by: str
    proposed_by: str  # empty where no person proposed it
    ended_at: datetime | None
    looked_at: int
    total: int
    moved: int
    stayed: int
    last_error: str | None


def edits(tx: Connection, actor: Actor, limit: int = 20) -> list[Edit]:
    """The last edits of the actor's office, the newest first."""
    rows = tx.execute(
        select(jobs)
        .where(jobs.c.office_id == actor.office_id, jobs.c.kind == closures.KIND)
        .order_by(jobs.c.created_at.desc())
        .limit(limit)
    ).all()
    return _with_names(tx, rows)


def edit(tx: Connection, job_id: UUID, actor: Actor) -> Edit | None:
    """One edit of the actor's office."""
    rows = tx.execute(
        select(jobs).where(
            jobs.c.id == job_id, jobs.c.office_id == actor.office_id, jobs.c.kind == closures.KIND
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
            # A new version of a rule is entered in the ledger also where the date stays.
            clock_entries.c.due_before.is_distinct_from(clock_entries.c.due_after),
            seen_by(actor),
        )
        .order_by(clock_entries.c.due_before)
        .limit(MOST_LISTED)
    ).all()
    return [
        Moved(row.clock_id, row.case_id, row.case_number, row.name, row.due_before, row.due_after)
        for row in rows
    ]


def stayed_by(tx: Connection, job_id: UUID, actor: Actor) -> list[Stayed]:
    """The limits that the work of an edit could not count anew, and why: at most 200, those of
    cases that the actor may see."""
    payload = tx.scalar(
        select(jobs.c.payload).where(jobs.c.id == job_id, jobs.c.office_id == actor.office_id)
    )
    why = {UUID(each["clock"]): each for each in (payload or {}).get("stayed", ())}
    rows = tx.execute(
        select(clocks, cases.c.number.label("case_number"))
        .join(cases, cases.c.id == clocks.c.case_id)
        .where(clocks.c.id.in_(why), seen_by(actor))
        .order_by(clocks.c.due_at, clocks.c.id)
    )
    return [
        Stayed(row.id, row.case_id, row.case_number, row.name, row.due_at, told["zh"], told["en"])
        for row in rows
        for told in (why[row.id],)
    ]


def _with_names(tx: Connection, rows: Sequence[Any]) -> list[Edit]:
    people = {UUID(by) for row in rows if (by := row.payload.get("entered_by"))}
    proposers: dict[UUID, str] = {
        row.job_id: row.display_name
        for row in tx.execute(
            select(calendar_edits.c.job_id, persons.c.display_name)
            .join(persons, persons.c.id == calendar_edits.c.proposed_by)
            .where(calendar_edits.c.job_id.in_([row.id for row in rows]))
        )
    }
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
            proposed_by=proposers.get(row.id, ""),
            ended_at=row.ended_at,
            looked_at=row.payload["looked_at"],
            total=row.payload["total"],
            moved=row.payload["moved"],
            stayed=row.payload.get("stayed_count", 0),
            last_error=row.last_error,
        )
        for row in rows
    ]
