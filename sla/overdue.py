"""The overdue desk's reads: what is overdue, what will be, whose, why, and what is still lawful.

Overdue is derived here, from running clocks and the given `now`; a stopped worker hides nothing.
Every query is scoped to the actor's office.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    ScalarSelect,
    Select,
    and_,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from engine.actors import Actor
from engine.clock import legal_day
from engine.confidence import open_to, seen_by
from engine.errors import Rejected
from sla.calendars import snapshot
from sla.clock_rows import ledgers_of
from sla.extensions import may_extend
from sla.parties import Party
from sla.working_time import Calendar, instant
from store.partial import among, unindexed
from store.tables import cases, clocks, persons, rungs, user_task_groups, user_tasks

MOST_ROWS = 200
COUNTED = 1_000  # a figure of a thousand is shown as “999+”
SOON = timedelta(days=7)
LOOKED_AT = 2_000
"""What asks more of a limit than its time is asked of so many limits, those that end first."""


@dataclass(frozen=True, slots=True)
class OpenTask:
    """Where the case stands and who has it."""

    id: UUID
    name: str
    assignee: str | None
    groups: tuple[str, ...]
    since: datetime
    wait: bool


@dataclass(frozen=True, slots=True)
class FiredRung:
    at_point: str
    act: str
    to: str
    fired_at: datetime


@dataclass(frozen=True, slots=True)
class OverdueRow:
    """One running (or paused) clock with what a supervisor needs to decide.

    `late_days` counts whole working days after the last day; 0 on the last day itself. `party` is
    who must act: `office` or `applicant`.
    `may_extend` is None if the one extension is still lawful, else the code of why not.
    """

    clock_id: UUID
    case_id: UUID
    case_number: str
    package_id: str
    subject_label: str
    clock: str
    rule_id: str
    status: str
    due_on: date | None
    due_at: datetime | None
    overdue: bool
    party: str
    late_days: int
    tasks: tuple[OpenTask, ...]
    rungs: tuple[FiredRung, ...]
    may_extend: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Cases, each once however many limits it has; at most `COUNTED` each.

    `overdue` are all that are late with a limit: `office` those that the office is late with,
    `applicant` the others, where a term of the applicant or a mere period has ended. `soon` are
    those with a limit that will be overdue (`will_be_overdue`) and none, of the same party or of
    the office, that is; of the `LOOKED_AT` such limits that end first, so it may be “at least”.
    """

    overdue: int
    office: int
    applicant: int
    due_today: int
    soon: int
    paused: int


def counts(tx: Connection, actor: Actor, now: datetime) -> Counts:
    """The strip on top of the desk, in one statement."""
    overdue, office, applicant, paused, today, soon = tx.execute(
        select(
            cases_with(*_running(actor), clocks.c.due_at <= now),
            cases_with(*_late(actor, Party.OFFICE, now)),
            _of_applicants(actor, now),
            cases_with(*_here(actor), clocks.c.status == "paused"),
            _due_today(actor, now),
            _soon(actor, now),
        )
    ).one()
    return Counts(overdue, office, applicant, today, soon, paused)


def due_today(tx: Connection, actor: Actor, now: datetime) -> int:
    """`due_today` of `Counts`, for who has the others from elsewhere."""
    return int(tx.scalar(select(_due_today(actor, now))) or 0)


def _due_today(actor: Actor, now: datetime) -> ScalarSelect[int]:
    return cases_with(
        *_running(actor),
        clocks.c.due_at > now,
        clocks.c.due_on == legal_day(now),
        clocks.c.due_at <= instant(legal_day(now) + timedelta(days=1), time()),
    )


def will_be_overdue(of: FromClause, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """A running limit that is not over, but whose aim is behind. Read along the index of what
    runs, those first that end first: the nearest ends are behind their aims, so a page is found
    at once."""
    return of.c.due_at > now, behind_aim(of, now)


def behind_aim(of: FromClause, now: datetime) -> ColumnElement[bool]:
    """The office meant to be done by now. A limit without an aim (an applicant's term, an office
    that aims at nothing) counts from `SOON` before its end."""
    aimless = and_(of.c.target_at.is_(None), unindexed(of.c.due_at) <= now + SOON)
    return or_(of.c.target_at <= now, aimless)


def _soon(actor: Actor, now: datetime) -> ScalarSelect[int]:
    first = first_limits(*_running(actor), *will_be_overdue(clocks, now)).subquery()
    return count_cases(first, ~stands_as_late(first, actor.office_id, now))


def stands_as_late(soon: FromClause, office_id: str, now: datetime) -> ColumnElement[bool]:
    """A limit that ends soon, of a case that stands under “overdue” with one of the same party or
    of the office."""
    other = clocks.alias("other")
    covers = or_(other.c.party == Party.OFFICE.value, soon.c.party == Party.APPLICANT.value)
    is_late = late_limit(other, soon.c.case_id, office_id, now)
    return select(other.c.id).where(*is_late, covers).exists()


def late_limit(
    of: FromClause, case_id: ColumnElement[UUID], office_id: str, now: datetime
) -> tuple[ColumnElement[bool], ...]:
    """A clock of a case that is late, looked up case by case."""
    return (
        of.c.office_id == office_id,
        of.c.case_id == case_id,
        among(of.c.status, "running", "paused"),  # as the index has it
        of.c.status == "running",
        unindexed(of.c.due_at) <= now,  # else SQLite goes through all that are late
    )


def _of_applicants(actor: Actor, now: datetime) -> ScalarSelect[int]:
    """Cases that wait for what follows an applicant's ended term, and that no one is late with."""
    first = first_limits(*_late(actor, Party.APPLICANT, now)).subquery()
    return count_cases(first, ~office_is_late(first.c.case_id, actor.office_id, now))


def office_is_late(
    case_id: ColumnElement[UUID], office_id: str, now: datetime
) -> ColumnElement[bool]:
    late = clocks.alias("late_office")
    is_late = late_limit(late, case_id, office_id, now)
    return select(late.c.id).where(*is_late, late.c.party == Party.OFFICE.value).exists()


def overdue_count(tx: Connection, actor: Actor, now: datetime) -> int:
    """How many cases the office is late with, at most `COUNTED`: the figure in the menu."""
    late = select(cases_with(*_late(actor, Party.OFFICE, now)))
    return int(tx.scalar(late) or 0)


def late_cases(actor: Actor, now: datetime) -> Select[tuple[UUID]]:
    """The cases the actor's office is late with; one with several limits late is in
    it several times. What it reads is in an index of the running clocks."""
    return select(clocks.c.case_id).where(*_late(actor, Party.OFFICE, now))


def _late(actor: Actor, party: Party, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return *_running(actor), clocks.c.party == party.value, clocks.c.due_at <= now


def _running(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return *_here(actor), clocks.c.status == "running"


def _here(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return clocks.c.office_id == actor.office_id, open_to(actor, clocks.c.case_id)


def cases_with(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many cases have such a clock. The count stops where nobody reads the figure any more:
    no office has so many cases with more than five such limits each."""
    some = select(clocks.c.case_id).where(*conditions).limit(5 * COUNTED)
    return count_cases(some.subquery())


def first_limits(*conditions: ColumnElement[bool]) -> Select[tuple[UUID, UUID, str]]:
    """Clock, case and party of the `LOOKED_AT` limits that end first, read along their index."""
    found = select(clocks.c.id, clocks.c.case_id, clocks.c.party).where(*conditions)
    return found.order_by(clocks.c.due_at, clocks.c.id).limit(LOOKED_AT)


def count_cases(limits: FromClause, *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many cases these limits are of, at most `COUNTED`."""
    # Else SQLite may go through all clocks there are, since an index has them case by case.
    case_id = unindexed(limits.c.case_id)
    some = select(case_id).where(*conditions).distinct().limit(COUNTED).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def queue(
    tx: Connection,
    actor: Actor,
    now: datetime,
    *,
    which: str = "overdue",
    after: tuple[datetime | None, UUID] | None = None,
    limit: int = 50,
) -> list[OverdueRow]:
    """Clocks by due time, the longest overdue first.

    `which`: `overdue`, `upcoming` (see `will_be_overdue`), `paused`. `after` is the due time
    (None where paused) and clock id of the last row seen.
    """
    wanted = (
        select(clocks, cases.c.number, cases.c.package_id, cases.c.subject_label)
        .join(cases, cases.c.id == clocks.c.case_id)
        .where(clocks.c.office_id == actor.office_id, seen_by(actor))
    )
    match which:
        case "overdue":
            wanted = wanted.where(clocks.c.status == "running", clocks.c.due_at <= now)
        case "upcoming":
            wanted = wanted.where(clocks.c.status == "running", *will_be_overdue(clocks, now))
        case "paused":
            wanted = wanted.where(clocks.c.status == "paused")
        case _:
            raise Rejected("overdue.which", "Expected overdue, upcoming or paused", which=which)
    if after is not None:
        due_at, clock_id = after
        behind = clocks.c.id > clock_id
        if due_at is not None:
            seen = tuple_(
                literal(due_at, clocks.c.due_at.type), literal(clock_id, clocks.c.id.type)
            )
            behind = tuple_(clocks.c.due_at, clocks.c.id) > seen
        wanted = wanted.where(behind)
    wanted = wanted.order_by(clocks.c.due_at, clocks.c.id).limit(min(limit, MOST_ROWS))
    rows = tx.execute(wanted).all()
    return _rows(tx, rows, now)


def _rows(tx: Connection, rows: Sequence[Row[Any]], now: datetime) -> list[OverdueRow]:
    """Six statements and the calendar's, however many rows there are: they are of one office."""
    if not rows:
        return []
    tasks = _tasks(tx, {row.case_id for row in rows})
    fired = fired_rungs(tx, [row.id for row in rows])
    ledgers = ledgers_of(tx, [row.id for row in rows])
    calendar = snapshot(tx, rows[0].office_id, now)
    found = []
    for row in rows:
        overdue = row.status == "running" and row.due_at is not None and row.due_at <= now
        why_not = may_extend(row, ledgers[row.id], now)
        found.append(
            OverdueRow(
                clock_id=row.id,
                case_id=row.case_id,
                case_number=row.number,
                package_id=row.package_id,
                subject_label=row.subject_label,
                clock=row.name,
                rule_id=row.rule_id,
                status=row.status,
                due_on=row.due_on,
                due_at=row.due_at,
                overdue=overdue,
                party=row.party,
                late_days=late_working_days(calendar, row.due_on, now) if overdue else 0,
                tasks=_tasks_under(row, tasks),
                rungs=tuple(fired.get(row.id, ())),
                may_extend=None if why_not is None else why_not.code,
            )
        )
    return found


def _tasks_under(row: Row[Any], tasks: Mapping[UUID, list[OpenTask]]) -> tuple[OpenTask, ...]:
    mine = tasks.get(row.case_id, [])
    return tuple(task for task in mine if row.task_id in (None, task.id))


def late_working_days(calendar: Calendar, due_on: date, now: datetime) -> int:
    """Whole working days after the last day, as far as the calendar reaches."""
    first = max(due_on, calendar.first)
    return calendar.working_days_between(first, min(legal_day(now), calendar.last))


def _tasks(tx: Connection, case_ids: set[UUID]) -> dict[UUID, list[OpenTask]]:
    if not case_ids:
        return {}
    rows = tx.execute(
        select(user_tasks, persons.c.display_name)
        .outerjoin(persons, persons.c.id == user_tasks.c.assignee_id)
        .where(
            user_tasks.c.case_id.in_(case_ids),
            user_tasks.c.status.in_(("unclaimed", "claimed")),
        )
        .order_by(user_tasks.c.created_at)
    ).all()
    groups: dict[UUID, list[str]] = {}
    for task_id, group in tx.execute(
        select(user_task_groups.c.task_id, user_task_groups.c.group_name).where(
            user_task_groups.c.task_id.in_([row.id for row in rows])
        )
    ):
        groups.setdefault(task_id, []).append(group)
    found: dict[UUID, list[OpenTask]] = {}
    for row in rows:
        task = OpenTask(
            row.id,
            row.name,
            row.display_name,
            tuple(sorted(groups.get(row.id, []))),
            row.created_at,
            row.wait,
        )
        found.setdefault(row.case_id, []).append(task)
    return found


def fired_rungs(tx: Connection, clock_ids: Sequence[UUID]) -> dict[UUID, list[FiredRung]]:
    """Whom the ladders of these clocks have told so far, by clock, the lowest rung first."""
    if not clock_ids:
        return {}
    found: dict[UUID, list[FiredRung]] = {}
    for row in tx.execute(
        select(rungs)
        .where(rungs.c.clock_id.in_(clock_ids), rungs.c.status == "fired")
        .order_by(rungs.c.clock_id, rungs.c.level)
    ):
        rung = FiredRung(row.at_point, row.act, row.to, row.fired_at)
        found.setdefault(row.clock_id, []).append(rung)
    return found
