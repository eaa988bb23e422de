"""Tasks that the people of a desk have before others, for a while.

A hold passes over nobody for long: it ends by itself at a moment that stands in its row, and counts
only while somebody of the desk is on duty who may take the task. Whoever opens the task may claim
it all the same; `take_next` is what a hold changes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, bindparam, exists, insert, or_, select

from store.prepared import Prepared
from store.tables import (
    absences,
    case_duties,
    desk_people,
    memberships,
    persons,
    task_holds,
    user_task_groups,
    user_tasks,
)


def hold(tx: Connection, task_id: UUID, desk_id: UUID, office_id: str, until: datetime) -> bool:
    """Hold a task for a desk, if some of its people may take it at all."""
    if _CANDIDATE.first(tx, {"task": task_id, "desk": desk_id}) is None:
        return False
    row = {"task_id": task_id, "office_id": office_id, "desk_id": desk_id, "until": until}
    _ADD.run(tx, row)
    return True


def for_others(person_id: Any, now: Any, today: Any) -> ColumnElement[bool]:
    """Whether a row of `user_tasks` is held for a desk the person does not sit at, of whose people
    somebody is on duty and may take it."""
    return _held(now, ~_sits(person_id), _on_duty(today))


def for_me(person_id: Any, now: Any) -> ColumnElement[bool]:
    """Whether a row of `user_tasks` is held for a desk the person sits at."""
    return _held(now, _sits(person_id))


def has_some(tx: Connection, person_id: UUID, now: datetime) -> bool:
    """Whether anything is held for a desk at which the person sits."""
    return _SOME.first(tx, {"person": person_id, "now": now}) is not None


def is_for(tx: Connection, task_id: UUID, person_id: UUID | None, now: datetime) -> bool:
    """Whether a task is held for a desk at which the person sits."""
    seated = select(user_tasks.c.id).where(user_tasks.c.id == task_id, for_me(person_id, now))
    return tx.scalar(seated) is not None


# Each condition says which tables are its own; all others are those of the statement around it.


def _held(now: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    is_held = (task_holds.c.task_id == user_tasks.c.id, task_holds.c.until > now)
    return exists().where(*is_held, *conditions).correlate_except(task_holds)


def _sits(person_id: Any) -> ColumnElement[bool]:
    seats = desk_people.alias("own_seat")
    mine = (seats.c.desk_id == task_holds.c.desk_id, seats.c.person_id == person_id)
    return exists().where(*mine).correlate_except(seats)


def _on_duty(today: Any) -> ColumnElement[bool]:
    """Somebody at the desk of the hold: not away, not gone, in a group of the task, with no other
    duty in its case."""
    is_away = (
        absences.c.person_id == desk_people.c.person_id,
        absences.c.first_day <= today,
        absences.c.last_day >= today,
    )
    is_candidate = (
        memberships.c.person_id == desk_people.c.person_id,
        memberships.c.office_id == user_tasks.c.office_id,
        user_task_groups.c.task_id == user_tasks.c.id,
        user_task_groups.c.group_name == memberships.c.group_name,
    )
    had_another_duty = (
        case_duties.c.case_id == user_tasks.c.case_id,
        case_duties.c.person_id == desk_people.c.person_id,
        case_duties.c.duty != user_tasks.c.duty,
    )
    sits_there = (
        desk_people.c.desk_id == task_holds.c.desk_id,
        persons.c.id == desk_people.c.person_id,
        or_(persons.c.left_on.is_(None), persons.c.left_on >= today),
        ~exists().where(*is_away).correlate_except(absences),
        exists().where(*is_candidate).correlate_except(memberships, user_task_groups),
        ~exists().where(*had_another_duty).correlate_except(case_duties),
    )
    return exists().where(*sits_there).correlate_except(desk_people, persons)


_CANDIDATE = Prepared(
    select(desk_people.c.person_id)
    .join(memberships, memberships.c.person_id == desk_people.c.person_id)
    .join(user_task_groups, user_task_groups.c.group_name == memberships.c.group_name)
    .where(
        desk_people.c.desk_id == bindparam("desk"),
        user_task_groups.c.task_id == bindparam("task"),
        memberships.c.office_id == user_task_groups.c.office_id,
    )
    .limit(1)
)
_ADD = Prepared(insert(task_holds))
_SOME = Prepared(
    select(task_holds.c.task_id)
    .join(desk_people, desk_people.c.desk_id == task_holds.c.desk_id)
    .where(desk_people.c.person_id == bindparam("person"), task_holds.c.until > bindparam("now"))
    .limit(1)
)
