"""Chasing an overdue case (查催, C13): a case of its own, started by a rung and by nothing else.

One chase per overdue case is open at a time: a second clock that runs out joins the first.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from engine import cases as engine_cases
from engine import events, messages
from engine.actors import system
from engine.errors import NotFound
from sla.audiences import Firing
from store.tables import cases, user_tasks

PACKAGE = "C13"
CLOSED = "case_closed"  # the message by which a chase learns that its case is done


def start(tx: Connection, firing: Firing, now: datetime) -> None:
    """File the chase of a rung, linked to the overdue case."""
    open_chases = tx.scalar(
        select(func.count())
        .select_from(cases)
        .where(
            cases.c.parent_case_id == firing.case.id,
            cases.c.package_id == PACKAGE,
            cases.c.status.in_(("active", "suspended")),
        )
    )
    if open_chases:
        return
    values = {
        "overdue_case": firing.case.number,
        "overdue_clock": firing.clock.name,
        "overdue_since": firing.clock.due_on,
        "rung": firing.rung.at_point,
        "owner": _owner(tx, firing),
    }
    try:
        engine_cases.file(
            tx,
            engine_cases.FileCase(
                package_id=PACKAGE,
                channel="rung",
                values=values,
                data={},
                parent_case_id=firing.case.id,
            ),
            system(firing.rung.office_id),
            now,
        )
    except NotFound as missing:
        if missing.code != "definition.none_active":
            raise
        # The office has not deployed the chase: the rung itself still reaches its people.


def _owner(tx: Connection, firing: Firing) -> str | None:
    """Who has the late work: the slip is theirs to answer. None if nobody took it, or several."""
    wanted = select(user_tasks.c.assignee_id).where(
        user_tasks.c.case_id == firing.case.id,
        user_tasks.c.status == "claimed",
        user_tasks.c.assignee_id.is_not(None),
    )
    if firing.clock.task_id is not None:
        wanted = wanted.where(user_tasks.c.id == firing.clock.task_id)
    owners = set(tx.scalars(wanted))
    return str(owners.pop()) if len(owners) == 1 else None


def tell_closed(
    tx: Connection, event: events.CaseClosed | events.CaseWithdrawn, now: datetime
) -> None:
    """The overdue case is done: its open chases end. As a job, so that no step locks two cases."""
    chases = tx.scalars(
        select(cases.c.id).where(
            cases.c.parent_case_id == event.case.id,
            cases.c.package_id == PACKAGE,
            cases.c.status.in_(("active", "suspended")),
        )
    ).all()
    if chases:
        messages.throw(tx, event.case, CLOSED, event.case.number, now)
