"""A calendar is edited: enter the day, and move what it moves, a batch of cases to a transaction.

A closure by decree of a whole city touches thousands of clocks. The day itself is entered at once,
so that everything counted from then on is counted with it; the open clocks follow in batches, the
first in the same transaction, the others by a worker. The job says how far it has come, in the very
transaction of each batch: killed at any moment, it goes on behind the last batch that was kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, distinct, func, insert, select

from engine import jobs as long_work
from engine.actors import Actor, system
from engine.due import do_next
from engine.history import Entry, append
from engine.ids import new_id
from sla import office_closures
from sla.calendars import Closure, DayEntry, close_office, enter_day
from sla.recalculation import FIRST, IS_OPEN, Batch, Moved, Stayed, recalculate_some
from store.database import Database, wake
from store.tables import clocks, jobs, offices

KIND = "calendar.closure"
MOST_LISTED = 200
BATCH = 200  # cases: a quarter of a second of writing, so that nobody at a counter notices


@dataclass(frozen=True, slots=True)
class Entered:
    """The edit of a calendar: its job, what its first batch moved, and whether that was all."""

    job_id: UUID
    moved: list[Moved]
    is_done: bool


def enter_closure(tx: Connection, closure: Closure, actor: Actor, now: datetime) -> Entered:
    """Close an office (and the offices below it) by decree, recompute their open clocks, and have
    the work of the closure done there (`sla.office_closures`).

    Refusals as `sla.calendars.close_office`.
    """
    close_office(tx, closure, actor, now)
    announced = office_closures.Announced(closure.day, closure.part, closure.reason, closure.source)
    office_closures.take_up(tx, below(tx, closure.office_id), announced, now)
    about = {"day": closure.day.isoformat(), "part": closure.part, "reason": closure.reason}
    return _begin(tx, closure.office_id, about, actor, now)


def enter_working_day(tx: Connection, entry: DayEntry, actor: Actor, now: datetime) -> Entered:
    """Enter a make-up day, a day off, or that a closure is taken back. As `enter_closure`."""
    enter_day(tx, entry, actor, now)
    part = "works" if entry.is_working else "rests"
    if entry.is_working:
        office_closures.lifted(tx, below(tx, entry.office_id), entry.day, now)
    about = {"day": entry.day.isoformat(), "part": part, "reason": entry.reason}
    return _begin(tx, entry.office_id, about, actor, now)


def recount(
    tx: Connection, office_id: str, about: Mapping[str, Any], actor: Actor, now: datetime
) -> Entered:
    """Count the open clocks of an office, and of those below it, anew for another reason than a
    day: `about` has `day`, `part` and `reason`, as the list of edits shows them, and `rules`, the
    ids of those whose versions have changed, where only their clocks are to be counted."""
    return _begin(tx, office_id, about, actor, now)


def advance_next(db: Database, now: datetime) -> bool:
    """Work through the next batch of a calendar's edit. False if none waits."""
    return do_next(db, _KIND, now)


def next_due(tx: Connection) -> datetime | None:
    """When the next batch is due, aware UTC; None if none waits."""
    return long_work.next_due(tx, KIND)


def below(tx: Connection, office_id: str) -> list[str]:
    """The office and every office below it."""
    found = [office_id]
    for parent in found:
        found.extend(
            tx.scalars(
                select(offices.c.id).where(offices.c.parent_id == parent).order_by(offices.c.id)
            )
        )
    return found


# --- the job ------------------------------------------------------------------------------------


def _begin(
    tx: Connection, office_id: str, about: Mapping[str, Any], actor: Actor, now: datetime
) -> Entered:
    places = below(tx, office_id)
    payload: dict[str, Any] = {
        **about,
        "offices": places,
        "at": 0,
        "after": str(FIRST),
        "looked_at": 0,
        "moved": 0,
        "total": _open_cases(tx, places, about.get("rules", ())),
        "entered_by": None if actor.person_id is None else str(actor.person_id),
    }
    job_id = new_id()
    first = _one_batch(tx, job_id, payload, now)
    is_done = _is_done(payload)
    tx.execute(
        insert(jobs).values(
            id=job_id,
            office_id=office_id,
            kind=KIND,
            payload=payload,
            due_at=now,
            status="done" if is_done else "waiting",
            created_at=now,
            ended_at=now if is_done else None,
            fence=0,
            attempts=0,
        )
    )
    if is_done:
        _tell(tx, office_id, payload, now)
    wake(tx, "jobs")
    return Entered(job_id, first, is_done)


def _one_batch(tx: Connection, job_id: UUID, payload: dict[str, Any], now: datetime) -> list[Moved]:
    """Move what one batch holds, over as many offices as it fills, and note it in `payload`."""
    moved: list[Moved] = []
    room = BATCH
    while room > 0 and not _is_done(payload):
        rules = frozenset(payload.get("rules", ()))
        batch = Batch(UUID(payload["after"]), room, str(job_id), rules)
        done = recalculate_some(tx, payload["offices"][payload["at"]], now, batch)
        moved.extend(done.moved)
        room -= done.cases
        payload["looked_at"] += done.cases
        if done.last is None:
            payload["at"] += 1
        payload["after"] = str(done.last or FIRST)
        _note_stayed(payload, done.stayed)
    payload["moved"] += len(moved)
    return moved


def _note_stayed(payload: dict[str, Any], stayed: Sequence[Stayed]) -> None:
    # Without case or person: whoever reads it asks for those, and sees what they may see.
    listed: list[dict[str, str]] = payload.setdefault("stayed", [])
    payload["stayed_count"] = payload.get("stayed_count", 0) + len(stayed)
    told = ({"clock": str(each.clock_id), "zh": each.zh, "en": each.en} for each in stayed)
    payload["stayed"] = [*listed, *told][:MOST_LISTED]


def _is_done(payload: Mapping[str, Any]) -> bool:
    return bool(payload["at"] >= len(payload["offices"]))


def _open_cases(tx: Connection, places: list[str], rules: Sequence[str]) -> int:
    counted = select(func.count(distinct(clocks.c.case_id))).where(
        clocks.c.office_id.in_(places), IS_OPEN
    )
    if rules:
        counted = counted.where(clocks.c.rule_id.in_(rules))
    return int(tx.scalar(counted) or 0)


def _step(tx: Connection, row: Any, payload: dict[str, Any], now: datetime) -> bool:
    _one_batch(tx, row.row_id, payload, now)
    is_done = _is_done(payload)
    if is_done:
        _tell(tx, row.row_office_id, payload, now)
    return is_done


def _tell(tx: Connection, office_id: str, payload: Mapping[str, Any], now: datetime) -> None:
    facts = {name: payload[name] for name in ("day", "looked_at", "moved")}
    entry = Entry(
        "calendar.recalculated",
        system(office_id),
        now,
        object_id=payload["day"],
        detail=facts,
        office_id=office_id,
    )
    append(tx, entry)
    day = date.fromisoformat(payload["day"])
    office_closures.counted(tx, payload["offices"], day, payload, now)


_KIND = long_work.in_steps(KIND, _step)
