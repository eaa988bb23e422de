"""Which cases stand under a tab of the overdue desk, the longest overdue first. One line a case.

A case stands where its first limit is: the clock (of those running) that ends first. So it is in
one of “overdue” and “due soon”, never in both, and the place behind the last line seen is that
clock's due time and id.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal, or_, select, tuple_

from engine.actors import Actor
from engine.clock import legal_day
from sla.overdue import COUNTED
from store.tables import (
    absences,
    clocks,
    memberships,
    outbox,
    persons,
    user_task_groups,
    user_tasks,
)

SOON = timedelta(days=7)
_OPEN = ("unclaimed", "claimed")
_PROMISES = ("agency.notify", "agency.look_up")
Place = tuple[datetime | None, UUID]


class View(StrEnum):
    OVERDUE = "overdue"
    SECTION = "section"  # overdue, and the work lies in my section
    AGENCY = "agency"  # overdue, and another agency has not answered
    LEAVE = "leave"  # overdue, and who has the work is on leave
    UPCOMING = "upcoming"  # due within seven days
    PAUSED = "paused"  # a clock stands still by law


def heads(actor: Actor, view: View, now: datetime) -> Select[Any]:
    """The first limit of each case under a tab: `case_id`, `due_at`, `id`."""
    first = clocks.alias("first")
    wanted = select(first.c.case_id, first.c.due_at, first.c.id).where(
        first.c.office_id == actor.office_id, ~_earlier(first)
    )
    if view is View.PAUSED:
        return wanted.where(first.c.status == "paused").order_by(first.c.id)
    wanted = wanted.where(first.c.status == "running", *_when(first, view, now))
    which = _which(first, actor, view, now)
    if which is not None:
        wanted = wanted.where(which)
    return wanted.order_by(first.c.due_at, first.c.id)


def behind(wanted: Select[Any], place: Place | None) -> Select[Any]:
    """Only what comes after the last line seen."""
    if place is None:
        return wanted
    due_at, clock_id = place
    at, id_ = wanted.selected_columns.due_at, wanted.selected_columns.id
    if due_at is None:
        return wanted.where(id_ > literal(clock_id, id_.type))
    seen = tuple_(literal(due_at, at.type), literal(clock_id, id_.type))
    return wanted.where(tuple_(at, id_) > seen)


def tab_counts(tx: Connection, actor: Actor, now: datetime) -> dict[View, int]:
    """How many cases stand under each tab, at most `COUNTED`, in one statement."""
    figures = [
        select(func.count())
        .select_from(heads(actor, view, now).order_by(None).limit(COUNTED).subquery())
        .scalar_subquery()
        for view in View
    ]
    return dict(zip(View, tx.execute(select(*figures)).one(), strict=True))


def _earlier(first: Any) -> ColumnElement[bool]:
    """The case has another such clock that ends before this one."""
    other = clocks.alias("other")
    sooner = tuple_(other.c.due_at, other.c.id) < tuple_(first.c.due_at, first.c.id)
    same = and_(
        other.c.case_id == first.c.case_id,
        other.c.office_id == first.c.office_id,
        other.c.status == first.c.status,
    )
    both_stand = and_(other.c.due_at.is_(None), first.c.due_at.is_(None), other.c.id < first.c.id)
    return select(other.c.id).where(same, or_(sooner, both_stand)).exists()


def _when(first: Any, view: View, now: datetime) -> list[ColumnElement[bool]]:
    if view is View.UPCOMING:
        return [first.c.due_at > now, first.c.due_at <= now + SOON]
    return [first.c.due_at <= now]


def _which(first: Any, actor: Actor, view: View, now: datetime) -> ColumnElement[bool] | None:
    match view:
        case View.SECTION:
            return _in_section(first, actor)
        case View.AGENCY:
            return (
                select(outbox.c.id)
                .where(
                    outbox.c.case_id == first.c.case_id,
                    outbox.c.operation.in_(_PROMISES),
                    outbox.c.key.is_not(None),
                    outbox.c.answered_at.is_(None),
                    outbox.c.status.in_(("queued", "sending", "sent")),
                )
                .exists()
            )
        case View.LEAVE:
            day = legal_day(now)
            away = select(absences.c.person_id).where(
                absences.c.office_id == actor.office_id,
                absences.c.first_day <= day,
                absences.c.last_day >= day,
            )
            return _task_of(first).where(user_tasks.c.assignee_id.in_(away)).exists()
        case _:
            return None


def _in_section(first: Any, actor: Actor) -> ColumnElement[bool]:
    """Somebody of my section has the work, or nobody yet and my section may take it."""
    mine = (
        select(persons.c.section)
        .where(persons.c.id == actor.person_id, persons.c.section != "")
        .scalar_subquery()
    )
    people = select(persons.c.id).where(
        persons.c.office_id == actor.office_id, persons.c.section == mine
    )
    groups = select(memberships.c.group_name).where(
        memberships.c.office_id == actor.office_id, memberships.c.person_id.in_(people)
    )
    ours = (
        select(user_task_groups.c.task_id)
        .where(user_task_groups.c.task_id == user_tasks.c.id)
        .where(user_task_groups.c.group_name.in_(groups))
        .exists()
    )
    return (
        _task_of(first)
        .where(
            or_(
                user_tasks.c.assignee_id.in_(people),
                and_(user_tasks.c.assignee_id.is_(None), ours),
            )
        )
        .exists()
    )


def _task_of(first: Any) -> Select[Any]:
    return select(user_tasks.c.id).where(
        user_tasks.c.case_id == first.c.case_id, user_tasks.c.status.in_(_OPEN)
    )
