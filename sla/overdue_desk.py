"""A page of the overdue desk: one line a case, with all that a supervisor needs to decide.

Why (where the time went), whose (and who stands in), how late (in calendar and in working days),
what next (the acts that remain, and why the others do not). The statements do not grow with the
lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from engine.actors import Actor
from engine.clock import legal_day
from sla import chase, lawful, time_spent
from sla.calendars import snapshot
from sla.chase import Chase
from sla.clock_rows import ledgers_of, rule_of
from sla.extensions import may_extend
from sla.lawful import Act, Standing
from sla.ledger import Entry
from sla.overdue import FiredRung, fired_rungs, late_working_days
from sla.overdue_views import Place, View, behind, heads
from sla.time_spent import Stretch, TimeSpent
from sla.working_time import Calendar
from store.tables import (
    absences,
    attempts,
    cases,
    clocks,
    notices,
    outbox,
    persons,
    user_task_groups,
    user_tasks,
)

MOST_LINES = 200
DUNNING = "dunning"  # the clock of a served demand (催告): ended, the office may register itself
_OPEN = ("unclaimed", "claimed")


@dataclass(frozen=True, slots=True)
class Limit:
    """One running or paused clock of a case. `late_days` are calendar days after the last day,
    `late_working_days` whole working days. `steps` explain it, by language."""

    clock_id: UUID
    name: str
    rule_id: str
    status: str
    task_id: UUID | None
    due_on: date | None
    due_at: datetime | None
    is_overdue: bool
    late_days: int
    late_working_days: int
    explanation: Mapping[str, Any]
    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """An open task: whose it is. `away` says that they are on leave; `deputy` who stands in."""

    id: UUID
    name: str
    assignee_id: UUID | None
    assignee: str | None
    section: str
    groups: tuple[str, ...]
    since: datetime
    waits: bool
    away: bool
    deputy_id: UUID | None
    deputy: str | None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case. `limits` has the one that ends first at the top."""

    case_id: UUID
    case_number: str
    package_id: str
    subject_label: str
    filed_at: datetime
    limits: tuple[Limit, ...]
    work: tuple[Work, ...]
    told: tuple[FiredRung, ...]
    spent: TimeSpent
    chase: Chase | None
    delay_told_at: datetime | None

    @property
    def first(self) -> Limit:
        return self.limits[0]

    @property
    def is_overdue(self) -> bool:
        return any(limit.is_overdue for limit in self.limits)


@dataclass(frozen=True, slots=True)
class DeskPage:
    """`next_place` is the place behind the last line, None on the last page."""

    lines: tuple[CaseLine, ...]
    next_place: Place | None = None


def desk(
    tx: Connection,
    actor: Actor,
    now: datetime,
    view: View,
    place: Place | None = None,
    limit: int = 50,
) -> DeskPage:
    """One page of a tab, in its order."""
    size = min(limit, MOST_LINES)
    found = tx.execute(behind(heads(actor, view, now), place).limit(size + 1)).all()
    shown = found[:size]
    lines = _lines(tx, actor, [row.case_id for row in shown], now)
    more = (shown[-1].due_at, shown[-1].id) if len(found) > size else None
    return DeskPage(tuple(lines), more)


def one(tx: Connection, actor: Actor, case_id: UUID, now: datetime) -> CaseLine | None:
    """The line of one case; None where it is not the office's, or has no limit that runs."""
    return next(iter(_lines(tx, actor, [case_id], now)), None)


# --- building -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Known:
    """What the lines of one page are made of, read in a handful of statements."""

    now: datetime
    calendar: Calendar
    ledgers: Mapping[UUID, list[Entry]]
    tasks: Mapping[UUID, list[Any]]
    away: Mapping[UUID, Any]
    promises: Mapping[UUID, list[Any]]
    rungs: Mapping[UUID, list[FiredRung]]
    chases: Mapping[UUID, Chase]
    delays: Mapping[UUID, datetime]


def _lines(tx: Connection, actor: Actor, case_ids: Sequence[UUID], now: datetime) -> list[CaseLine]:
    if not case_ids:
        return []
    rows = tx.execute(
        select(
            clocks,
            cases.c.number,
            cases.c.package_id,
            cases.c.subject_label,
            cases.c.filed_at,
        )
        .join(cases, cases.c.id == clocks.c.case_id)
        .where(
            clocks.c.office_id == actor.office_id,
            clocks.c.case_id.in_(case_ids),
            clocks.c.status.in_(("running", "paused")),
        )
        .order_by(clocks.c.due_at.is_(None), clocks.c.due_at, clocks.c.id)
    ).all()
    by_case = _grouped(rows)
    clock_ids = [row.id for row in rows]
    known = _Known(
        now=now,
        calendar=snapshot(tx, actor.office_id, now),
        ledgers=ledgers_of(tx, clock_ids),
        tasks=_grouped(_tasks(tx, case_ids)),
        away=_away(tx, actor.office_id, legal_day(now)),
        promises=_grouped(_promises(tx, case_ids)),
        rungs=fired_rungs(tx, clock_ids),
        chases=chase.latest_of(tx, case_ids),
        delays=_delays(tx, case_ids),
    )
    return [_line(by_case[case_id], known) for case_id in case_ids if case_id in by_case]


def _line(rows: Sequence[Any], known: _Known) -> CaseLine:
    first = rows[0]
    tasks = known.tasks.get(first.case_id, [])
    told = [rung for row in rows for rung in known.rungs.get(row.id, ())]
    return CaseLine(
        case_id=first.case_id,
        case_number=first.number,
        package_id=first.package_id,
        subject_label=first.subject_label,
        filed_at=first.filed_at,
        limits=tuple(_limit(row, rows, tasks, known) for row in rows),
        work=tuple(_work(task, known.away) for task in tasks if task.status in _OPEN),
        told=tuple(sorted(told, key=lambda rung: rung.fired_at)),
        spent=_spent(rows, tasks, known),
        chase=known.chases.get(first.case_id),
        delay_told_at=known.delays.get(first.case_id),
    )


def _has_passed(row: Any, now: datetime) -> bool:
    return row.status == "running" and row.due_at is not None and bool(row.due_at <= now)


def _limit(row: Any, beside: Sequence[Any], tasks: Sequence[Any], known: _Known) -> Limit:
    """One limit; `beside` are all that run in the case: a demand may have ended beside it."""
    now = known.now
    overdue = _has_passed(row, now)
    entries = known.ledgers[row.id]
    why_not = may_extend(row, entries, now)
    last_chase = known.chases.get(row.case_id)
    standing = Standing(
        kind=rule_of(row, entries).kind,
        is_overdue=overdue,
        has_open_task=any(task.status in _OPEN for task in tasks),
        has_open_chase=last_chase is not None and last_chase.is_open,
        is_chase=row.package_id == chase.PACKAGE,
        may_extend=None if why_not is None else why_not.code,
        dunned=any(each.name == DUNNING and _has_passed(each, now) for each in beside),
    )
    return Limit(
        clock_id=row.id,
        name=row.name,
        rule_id=row.rule_id,
        status=row.status,
        task_id=row.task_id,
        due_on=row.due_on,
        due_at=row.due_at,
        is_overdue=overdue,
        late_days=(legal_day(now) - row.due_on).days if overdue else 0,
        late_working_days=late_working_days(known.calendar, row.due_on, now) if overdue else 0,
        explanation=row.explanation,
        acts=lawful.acts(standing),
    )


def _work(task: Any, away: Mapping[UUID, Any]) -> Work:
    leave = away.get(task.assignee_id)
    return Work(
        id=task.id,
        name=task.name,
        assignee_id=task.assignee_id,
        assignee=task.display_name,
        section=task.section or "",
        groups=tuple(sorted(filter(None, (task.groups or "").split(",")))),
        since=task.claimed_at or task.created_at,
        waits=task.wait,
        away=leave is not None,
        deputy_id=None if leave is None else leave.substitute_id,
        deputy=None if leave is None else leave.display_name,
    )


def _spent(rows: Sequence[Any], tasks: Sequence[Any], known: _Known) -> TimeSpent:
    first = rows[0]
    return time_spent.add_up(first.filed_at, known.now, _stretches(rows, tasks, known))


def _stretches(rows: Sequence[Any], tasks: Sequence[Any], known: _Known) -> Iterable[Stretch]:
    for task in tasks:
        yield from time_spent.of_task(
            task.created_at, task.claimed_at, task.ended_at, waits=task.wait
        )
    for promise in known.promises.get(rows[0].case_id, ()):
        given_up = promise.last_attempt_at if promise.status == "failed" else None
        yield Stretch(time_spent.Spent.AGENCY, promise.created_at, promise.answered_at or given_up)
    for row in rows:
        yield from _pauses(known.ledgers[row.id])


def _pauses(entries: Sequence[Entry]) -> Iterable[Stretch]:
    opened: Entry | None = None
    for entry in entries:
        if entry.kind == "pause" and opened is None:
            opened = entry
        elif entry.kind == "resume" and opened is not None:
            yield from time_spent.of_pause(opened.ground, opened.at, entry.at)
            opened = None
    if opened is not None:
        yield from time_spent.of_pause(opened.ground, opened.at, None)


# --- reading ------------------------------------------------------------------------------------


def _grouped(rows: Sequence[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row.case_id, []).append(row)
    return found


def _tasks(tx: Connection, case_ids: Sequence[UUID]) -> Sequence[Any]:
    """Every task of the cases, ended ones too: they say where the time went."""
    groups = (
        select(func.aggregate_strings(user_task_groups.c.group_name, ","))
        .where(user_task_groups.c.task_id == user_tasks.c.id)
        .scalar_subquery()
    )
    return tx.execute(
        select(
            user_tasks.c.id,
            user_tasks.c.case_id,
            user_tasks.c.name,
            user_tasks.c.status,
            user_tasks.c.wait,
            user_tasks.c.assignee_id,
            user_tasks.c.created_at,
            user_tasks.c.claimed_at,
            user_tasks.c.ended_at,
            persons.c.display_name,
            persons.c.section,
            groups.label("groups"),
        )
        .outerjoin(persons, persons.c.id == user_tasks.c.assignee_id)
        .where(user_tasks.c.case_id.in_(case_ids))
        .order_by(user_tasks.c.created_at, user_tasks.c.id)
    ).all()


def _away(tx: Connection, office_id: str, day: date) -> dict[UUID, Any]:
    """Who of the office is on leave on a day, and who stands in directly."""
    rows = tx.execute(
        select(absences.c.person_id, absences.c.substitute_id, persons.c.display_name)
        .outerjoin(persons, persons.c.id == absences.c.substitute_id)
        .where(
            absences.c.office_id == office_id,
            absences.c.first_day <= day,
            absences.c.last_day >= day,
        )
        # Of two that overlap, the one that names a substitute counts.
        .order_by(absences.c.substitute_id.is_not(None), absences.c.first_day)
    )
    return {row.person_id: row for row in rows}


def _promises(tx: Connection, case_ids: Sequence[UUID]) -> Sequence[Any]:
    """What the cases asked or told agencies and had to wait for; given up with the last try."""
    last_try = (
        select(func.max(attempts.c.at)).where(attempts.c.outbox_id == outbox.c.id).scalar_subquery()
    )
    return tx.execute(
        select(
            outbox.c.case_id,
            outbox.c.status,
            outbox.c.created_at,
            outbox.c.answered_at,
            last_try.label("last_attempt_at"),
        ).where(
            outbox.c.case_id.in_(case_ids),
            outbox.c.key.is_not(None),
            outbox.c.operation.in_(("agency.notify", "agency.look_up")),
        )
    ).all()


def _delays(tx: Connection, case_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When the applicant was last told of a delay."""
    rows = tx.execute(
        select(notices.c.case_id, func.max(notices.c.issued_at).label("at"))
        .where(notices.c.case_id.in_(case_ids), notices.c.kind == "delay")
        .group_by(notices.c.case_id)
    )
    return {row.case_id: row.at for row in rows}
