"""Which task comes next for somebody: the most urgent one they may have, and that is not held."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Date, bindparam, exists, or_, select

from engine import task_holds
from engine.actors import Actor
from engine.clock import legal_day
from store.column_types import Instant
from store.tables import case_duties, cases, user_task_groups, user_tasks


def find(tx: Connection, actor: Actor, now: datetime) -> UUID | None:
    """The task somebody would take next, locked; None if there is none."""
    values = {
        "office": actor.office_id,
        "person": actor.person_id,
        "group": sorted(actor.groups),
        "now": now,
        "today": legal_day(now),
    }
    first = tx.execute(_NEXT, values).first()
    if actor.person_id is not None and task_holds.has_some(tx, actor.person_id, now):
        held = tx.execute(_NEXT_HELD, values).first()
        if held is not None and (first is None or held.priority >= first.priority):
            first = held
    return None if first is None else first.id


_MINE = (
    select(user_tasks.c.id, user_tasks.c.priority)
    .join(cases, cases.c.id == user_tasks.c.case_id)
    .where(
        user_tasks.c.office_id == bindparam("office"),
        user_tasks.c.status == "unclaimed",
        user_tasks.c.wait.is_(False),
        cases.c.status == "active",
        exists().where(
            user_task_groups.c.task_id == user_tasks.c.id,
            user_task_groups.c.group_name.in_(bindparam("group", expanding=True)),
        ),
        or_(
            user_tasks.c.duty.is_(None),
            ~exists().where(
                case_duties.c.case_id == user_tasks.c.case_id,
                case_duties.c.person_id == bindparam("person"),
                case_duties.c.duty != user_tasks.c.duty,
            ),
        ),
    )
    .order_by(
        user_tasks.c.priority.desc(),
        user_tasks.c.urgent_at.is_(None),
        user_tasks.c.urgent_at,
        user_tasks.c.created_at,
        user_tasks.c.id,
    )
    .limit(1)
    .with_for_update(skip_locked=True, of=user_tasks)
)
_NOW, _TODAY = bindparam("now", type_=Instant()), bindparam("today", type_=Date())
_NEXT = _MINE.where(~task_holds.for_others(bindparam("person"), _NOW, _TODAY))
_NEXT_HELD = _MINE.where(task_holds.for_me(bindparam("person"), _NOW))
