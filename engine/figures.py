"""How much there is of what: for those who watch the system, over all offices, nobody's data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, literal, or_, select, union_all

from store.tables import (
    cases,
    clocks,
    history,
    history_seals,
    incidents,
    jobs,
    outbox,
    rungs,
    timers,
)

CASE_STATUSES = ("active", "suspended", "closed", "withdrawn")
OUTBOX_STATUSES = ("queued", "sending", "sent", "confirmed", "failed")


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts by label. `due` are rows whose time has come and that nobody has done yet: a number
    that grows says that no worker runs. `overdue` counts clocks that the office is late with, of
    cases and of tasks; an applicant's term that has ended is not among them."""

    cases: dict[str, int]
    overdue: dict[str, int]
    due: dict[str, int]
    outbox: dict[str, int]
    incidents: dict[str, int]


def figures(tx: Connection, now: datetime) -> Figures:
    return Figures(
        cases=dict.fromkeys(CASE_STATUSES, 0) | _by(tx, cases.c.status),
        overdue=_overdue(tx, now),
        due=_due(tx, now),
        outbox=dict.fromkeys(OUTBOX_STATUSES, 0) | _by(tx, outbox.c.status),
        incidents=_by(tx, incidents.c.source, incidents.c.status == "open"),
    )


def _by(tx: Connection, column: ColumnElement[str], *which: ColumnElement[bool]) -> dict[str, int]:
    rows = tx.execute(select(column, func.count()).where(*which).group_by(column))
    return {row[0]: row[1] for row in rows}


def _overdue(tx: Connection, now: datetime) -> dict[str, int]:
    late = (
        clocks.c.status == "running",
        clocks.c.party == "office",
        clocks.c.due_at <= now,
    )
    own = select(literal("cases"), func.count()).where(*late, clocks.c.task_id.is_(None))
    tasks = select(literal("tasks"), func.count()).where(*late, clocks.c.task_id.is_not(None))
    return {row[0]: row[1] for row in tx.execute(union_all(own, tasks))}


def _due(tx: Connection, now: datetime) -> dict[str, int]:
    def count(kind: str, *which: ColumnElement[bool]) -> Any:
        return select(literal(kind), func.count()).where(*which)

    not_put_off = or_(timers.c.not_before.is_(None), timers.c.not_before <= now)
    rung_not_put_off = or_(rungs.c.not_before.is_(None), rungs.c.not_before <= now)
    unsealed = (
        history.c.id
        > select(func.coalesce(func.max(history_seals.c.history_id), 0)).scalar_subquery()
    )
    kinds = (
        count("timers", timers.c.status == "waiting", timers.c.due_at <= now, not_put_off),
        count("rungs", rungs.c.status == "waiting", rungs.c.due_at <= now, rung_not_put_off),
        count("jobs", jobs.c.status == "waiting", jobs.c.due_at <= now),
        count(
            "outbox",
            outbox.c.status.in_(("queued", "sending")),
            outbox.c.next_attempt_at <= now,
        ),
        count("history", unsealed),
    )
    return {row[0]: row[1] for row in tx.execute(union_all(*kinds))}
