"""Which cases stand under a tab of the overdue desk, the longest overdue first. One line a case.

A case stands where its first limit is: the clock (of those running) that ends first. So it is in
one of “overdue” and “due soon”, never in both, and the place behind the last line seen is that
clock's due time and id.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    FromClause,
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
from sla.overdue import COUNTED, LOOKED_AT, count_cases, first_limits
from store.partial import among, unindexed
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
    """The first limit of each case under a tab: `case_id`, `due_at`, `id`.

    Read along the index of what runs (or stands), so a page costs what it shows; which cases
    a narrower tab has is a set that is made once.
    """
    first = clocks.alias("first")
    wanted = select(first.c.case_id, first.c.due_at, first.c.id).where(
        *_limits(first, actor, view, now), ~_earlier(first)
    )
    which = _which(actor, view, now)
    if which is not None:
        wanted = wanted.where(unindexed(first.c.case_id).in_(which))
    if view is View.PAUSED:
        return wanted.order_by(first.c.id)
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


@dataclass(frozen=True, slots=True)
class Figure:
    """How many cases stand under a tab, at most `COUNTED`. `is_least`: there may be more, since
    not all limits were looked at."""

    number: int
    is_least: bool = False


def tab_counts(tx: Connection, actor: Actor, now: datetime) -> dict[View, Figure]:
    """The figures on the tabs, in one statement; a narrower tab's among `LOOKED_AT` limits."""
    late = first_limits(*_limits(clocks, actor, View.OVERDUE, now)).cte("late")
    soon = first_limits(*_limits(clocks, actor, View.UPCOMING, now)).cte("soon")
    looked_at = [select(func.count()).select_from(each).scalar_subquery() for each in (late, soon)]
    parts = [_counted(late, soon, actor, view, now) for view in View]
    *numbers, all_late, all_soon = tx.execute(select(*parts, *looked_at)).one()
    partly = dict.fromkeys((View.SECTION, View.AGENCY, View.LEAVE), all_late == LOOKED_AT)
    partly[View.UPCOMING] = all_soon == LOOKED_AT
    return {
        view: Figure(number, number < COUNTED and partly.get(view, False))
        for view, number in zip(View, numbers, strict=True)
    }


def _counted(late: CTE, soon: CTE, actor: Actor, view: View, now: datetime) -> ScalarSelect[int]:
    """A case has its first limit under a tab if it has any: to count, nobody need know which.

    What `heads` looks up in a set is asked case by case: of a bounded number this is less.
    """
    if view in (View.OVERDUE, View.PAUSED):
        limits = select(clocks.c.case_id).where(*_limits(clocks, actor, view, now))
        return count_cases(limits.subquery())
    if view is View.UPCOMING:
        return count_cases(soon, ~_is_late(soon.c.case_id, actor, now))
    which = _which(actor, view, now)
    if which is None:
        return count_cases(late)
    return count_cases(late, which.where(which.selected_columns.case_id == late.c.case_id).exists())


def _is_late(case_id: ColumnElement[UUID], actor: Actor, now: datetime) -> ColumnElement[bool]:
    other = clocks.alias("other")
    return (
        select(other.c.id)
        .where(
            other.c.office_id == actor.office_id,
            other.c.case_id == case_id,
            among(other.c.status, "running", "paused"),  # as the index has it
            other.c.status == "running",
            unindexed(other.c.due_at) <= now,  # else SQLite goes through all that are late
        )
        .exists()
    )


def _limits(
    of: FromClause, actor: Actor, view: View, now: datetime
) -> tuple[ColumnElement[bool], ...]:
    """What a limit under a tab is; its case may have others under it."""
    here = of.c.office_id == actor.office_id
    if view is View.PAUSED:
        return here, of.c.status == "paused"
    runs = of.c.status == "running"
    if view is View.UPCOMING:
        return here, runs, of.c.due_at > now, of.c.due_at <= now + SOON
    return here, runs, of.c.due_at <= now


def _earlier(first: Any) -> ColumnElement[bool]:
    """The case has another such clock that ends before this one."""
    other = clocks.alias("other")
    sooner = tuple_(other.c.due_at, other.c.id) < tuple_(first.c.due_at, first.c.id)
    same = and_(
        other.c.case_id == first.c.case_id,
        other.c.office_id == first.c.office_id,
        other.c.status == first.c.status,
        among(other.c.status, "running", "paused"),  # as the index has it
    )
    both_stand = and_(other.c.due_at.is_(None), first.c.due_at.is_(None), other.c.id < first.c.id)
    return select(other.c.id).where(same, or_(sooner, both_stand)).exists()


def _which(actor: Actor, view: View, now: datetime) -> Select[tuple[UUID]] | None:
    """The cases that a narrower tab shows, late or not; None for all of them."""
    match view:
        case View.SECTION:
            return _in_section(actor)
        case View.AGENCY:
            return select(outbox.c.case_id).where(
                outbox.c.office_id == actor.office_id,
                outbox.c.operation.in_(_PROMISES),
                outbox.c.key.is_not(None),
                outbox.c.answered_at.is_(None),
                outbox.c.status.in_(("queued", "sending", "sent")),
                outbox.c.case_id.is_not(None),
            )
        case View.LEAVE:
            day = legal_day(now)
            away = select(absences.c.person_id).where(
                absences.c.office_id == actor.office_id,
                absences.c.first_day <= day,
                absences.c.last_day >= day,
            )
            return _open_tasks(actor).where(user_tasks.c.assignee_id.in_(away))
        case _:
            return None


def _in_section(actor: Actor) -> Select[tuple[UUID]]:
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
    return _open_tasks(actor).where(
        or_(
            user_tasks.c.assignee_id.in_(people),
            and_(user_tasks.c.assignee_id.is_(None), ours),
        )
    )


def _open_tasks(actor: Actor) -> Select[tuple[UUID]]:
    """The cases of the office's open tasks."""
    return select(user_tasks.c.case_id).where(
        user_tasks.c.office_id == actor.office_id,
        among(user_tasks.c.status, "unclaimed", "claimed"),
    )
