"""What edits of a calendar would move, and how far those entered have come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, literal, or_, select, tuple_

from engine.actors import Actor
from engine.confidence import seen_by
from engine.cursors import Order
from sla import closures, rule_edits
from sla.benches import Bench, along, bench_of, lawful
from sla.calendar_edits import CLOSURES, Change
from sla.clock_rows import ledgers_of, rule_now, rule_of
from sla.ledger import Entry, replay
from sla.recalculation import Moved
from sla.rules import Rule
from sla.working_time import Calendar, instant
from store.tables import calendar_edits, cases, clock_entries, clocks, jobs, persons

MOST_COMPUTED = 100
MOST_LISTED = 200


Law = Callable[[Any, Sequence[Entry], Bench], Rule]


def rule_held(clock: Any, entries: Sequence[Entry], _bench: Bench) -> Rule:
    """The rule that the clock is counted by."""
    return rule_of(clock, entries)


def rule_under(clock: Any, entries: Sequence[Entry], bench: Bench) -> Rule:
    """The rule that it would be counted by, where the versions of its rule have changed."""
    return rule_now(clock, entries, bench.calendar.places, bench.rules)


_BY_END = Order("calendar_preview", ("instant", "uuid"))


@dataclass(frozen=True, slots=True)
class Preview:
    """What an edit would move, a page of it. `candidates` are all open limits that end on the day
    or after it, or are counted backwards over it; `moved` are those among a hundred of them that
    would move (of all, if `is_whole`). `next_cursor` leads to the next hundred."""

    candidates: int
    moved: list[Moved]
    is_whole: bool
    next_cursor: str | None = None


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
    proposed_by: str  # empty where no person proposed it
    ended_at: datetime | None
    looked_at: int
    total: int
    moved: int
    last_error: str | None


def preview(
    tx: Connection, office_id: str, change: Change, now: datetime, cursor: str | None = None
) -> Preview:
    """Say what an edit of the office's calendar or rules would move, without entering it.

    Raises Rejected for a day the calendar does not hold, or a cursor of another list.
    """
    places = closures.below(tx, office_id)
    if change.rules:
        rules = rule_edits.ids_of(change.rules)
        nearer = frozenset(places[1:])
        return weighed(
            tx,
            places,
            lambda place: rule_edits.changed(
                bench_of(tx, place, now), office_id, change.rules, nearer
            ),
            (clocks.c.rule_id.in_(rules),),
            cursor,
            law=rule_under,
        )
    # Some are counted backwards from an event to come: the day lies between their end and it.
    begins = instant(change.day, time())
    touched = (or_(clocks.c.due_at >= begins, clocks.c.started_at >= begins),)
    return weighed(tx, places, lambda place: _edited(tx, place, change, now), touched, cursor)


def weighed(
    tx: Connection,
    places: Sequence[str],
    changed: Callable[[str], Bench],
    only: Sequence[ColumnElement[bool]] = (),
    cursor: str | None = None,
    *,
    law: Law = rule_held,
) -> Preview:
    """What would move if the open limits of these offices were counted on `changed` benches, each
    by the rule it has, or by the one that `law` says.

    A hundred limits are counted, from the `cursor` on. Raises Rejected for one of another list.
    """
    running = (clocks.c.office_id.in_(places), clocks.c.status == "running", *only)
    running = (*running, cases.c.confidential.is_(False))  # they move, and are shown to nobody
    of_cases = clocks.join(cases, cases.c.id == clocks.c.case_id)
    candidates = tx.execute(select(func.count()).select_from(of_cases).where(*running)).scalar_one()
    wanted = (
        select(clocks, cases.c.number.label("case_number"))
        .join(cases, cases.c.id == clocks.c.case_id)
        .where(*running)
        .order_by(clocks.c.due_at, clocks.c.id)
        .limit(MOST_COMPUTED + 1)
    )
    if cursor is not None:
        due_at, clock_id = _BY_END.decode(cursor)
        seen = tuple_(literal(due_at, clocks.c.due_at.type), literal(clock_id, clocks.c.id.type))
        wanted = wanted.where(tuple_(clocks.c.due_at, clocks.c.id) > seen)
    found = tx.execute(wanted).all()
    looked_at = found[:MOST_COMPUTED]
    benches = {place: changed(place) for place in {row.office_id for row in looked_at}}
    last = looked_at[-1] if len(found) > MOST_COMPUTED else None
    return Preview(
        candidates,
        _moved(tx, looked_at, benches, law),
        is_whole=candidates <= MOST_COMPUTED,
        next_cursor=None if last is None else _BY_END.encode((last.due_at, last.id)),
    )


def _edited(tx: Connection, office_id: str, change: Change, now: datetime) -> Bench:
    bench = bench_of(tx, office_id, now)

    def calendar() -> Calendar:
        known, why = bench.calendar, (change.reason, change.source)
        if change.part in CLOSURES:
            return known.with_closure(change.day, change.part, *why)
        is_working = change.part == "works"
        return known.with_day(
            change.day, is_working=is_working, reason=change.reason, source=change.source
        )

    return replace(bench, calendar=lawful(calendar))


def _moved(
    tx: Connection, rows: Sequence[Any], benches: Mapping[str, Bench], law: Law
) -> list[Moved]:
    """Those of the clocks that would end otherwise on these benches, by office, before and after.

    `rows` are clocks with their `case_number`. Nothing is written.
    """
    ledgers = ledgers_of(tx, [row.id for row in rows])
    moved = []
    for row in rows:
        entries = ledgers[row.id]
        bench = along(tx, benches[row.office_id], entries)
        result = lawful(
            lambda row=row, bench=bench, entries=entries: replay(  # type: ignore[misc]
                law(row, entries, bench), entries, bench.calendar, bench.settings
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
            last_error=row.last_error,
        )
        for row in rows
    ]
