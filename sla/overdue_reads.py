"""What the lines of the overdue desk are made of: one statement for each kind of fact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from engine.clock import legal_day
from sla import time_spent
from sla.ledger import Entry
from sla.time_spent import Stretch
from store.tables import (
    absences,
    attempts,
    case_service,
    notices,
    outbox,
    persons,
    user_task_groups,
    user_tasks,
)


def stretches(
    tasks: Sequence[Any], promises: Sequence[Any], ledgers: Iterable[Sequence[Entry]]
) -> Iterable[Stretch]:
    """Who had the case when, as its tasks, its promises and the ledgers of its clocks say."""
    for task in tasks:
        yield from time_spent.of_task(
            task.created_at, task.claimed_at, task.ended_at, waits=task.wait
        )
    for promise in promises:
        given_up = promise.last_attempt_at if promise.status == "failed" else None
        yield Stretch(time_spent.Spent.AGENCY, promise.created_at, promise.answered_at or given_up)
    for ledger in ledgers:
        yield from _pauses(ledger)


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


def grouped(rows: Sequence[Any]) -> dict[UUID, list[Any]]:
    """Rows by their case, in their order."""
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row.case_id, []).append(row)
    return found


def tasks(tx: Connection, case_ids: Sequence[UUID]) -> Sequence[Any]:
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
            user_tasks.c.element_id,
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


def away(tx: Connection, office_id: str, day: date) -> dict[UUID, Any]:
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


def owners(tx: Connection, case_ids: Sequence[UUID]) -> dict[UUID, Any]:
    """Who answers for the cases: their id and name, by case."""
    rows = tx.execute(
        select(case_service.c.case_id, persons.c.id, persons.c.display_name)
        .join(persons, persons.c.id == case_service.c.owner_id)
        .where(case_service.c.case_id.in_(case_ids))
    )
    return {row.case_id: row for row in rows}


def deputies(tx: Connection, office_id: str, now: datetime) -> dict[UUID, UUID]:
    """Who of the office is on leave today and has a deputy, and who that is."""
    found = away(tx, office_id, legal_day(now))
    return {who: row.substitute_id for who, row in found.items() if row.substitute_id is not None}


def promises(tx: Connection, case_ids: Sequence[UUID]) -> Sequence[Any]:
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


def delays(tx: Connection, case_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When the applicant was last told of a delay."""
    rows = tx.execute(
        select(notices.c.case_id, func.max(notices.c.issued_at).label("at"))
        .where(notices.c.case_id.in_(case_ids), notices.c.kind == "delay")
        .group_by(notices.c.case_id)
    )
    return {row.case_id: row.at for row in rows}
