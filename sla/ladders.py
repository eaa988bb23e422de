"""Ladders: the rungs of a clock as rows with a due time, and the moments of a clock.

A rung that fired stays fired, whatever the clock does later; a waiting one follows the clock and
waits without a time while the clock stands still.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from engine.ids import derived
from sla.limits import Point, RungPlan, in_order, point
from sla.progress import fraction_due_at
from sla.steps import Explained
from sla.working_time import Calendar
from store.prepared import Prepared
from store.tables import rungs

Followed: TypeAlias = tuple[Any, Explained]
"""A clock's row as it stands now, and the computation of its due date."""


def plan(
    tx: Connection,
    clock: Row[Any],
    explained: Explained,
    calendar: Calendar,
    *,
    is_new: bool = False,
) -> bool:
    """Write the clock's rungs, or move those that still wait. Says whether any moved.

    Raises CalendarError where the calendar does not reach as far as the ladder.
    """
    if not clock.ladder["rungs"]:
        return False
    rows = [] if is_new else _OF_CLOCK.all(tx, {"clock": clock.id})
    return _write(tx, *_changes(clock, explained, calendar, rows))


def plan_all(tx: Connection, followed: Sequence[Followed], calendar: Calendar) -> bool:
    """As `plan`, for many clocks that have their rungs already, in two statements."""
    with_rungs = [each for each in followed if each[0].ladder["rungs"]]
    if not with_rungs:
        return False
    rows: dict[UUID, list[Any]] = {}
    for row in tx.execute(_OF_CLOCKS, {"clocks": [clock.id for clock, _ in with_rungs]}):
        rows.setdefault(row.clock_id, []).append(row)
    fresh: list[dict[str, Any]] = []
    moved: list[dict[str, Any]] = []
    for clock, explained in with_rungs:
        added, changed = _changes(clock, explained, calendar, rows.get(clock.id, ()))
        fresh += added
        moved += changed
    return _write(tx, fresh, moved)


_Rows: TypeAlias = list[dict[str, Any]]


def _changes(
    clock: Row[Any], explained: Explained, calendar: Calendar, rows: Iterable[Any]
) -> tuple[_Rows, _Rows]:
    """The rungs to be added, and those to be moved."""
    known = {row.level: row for row in rows}
    fresh, moved = [], []
    for level, rung in enumerate(clock.ladder["rungs"], 1):
        due = instant_of(clock, explained, point(rung["at"], clock.name), calendar)
        row = known.get(level)
        if row is None:
            fresh.append(_row(clock, level, rung, due))
        elif row.status == "waiting" and row.due_at != due:
            moved.append({"of": clock.id, "rung": level, "due": due})
    return fresh, moved


def _write(tx: Connection, fresh: _Rows, moved: _Rows) -> bool:
    _MOVE.run_many(tx, moved)
    _ADD.run_many(tx, fresh)
    return bool(moved or fresh)


_OF_CLOCKS = select(rungs.c.clock_id, rungs.c.level, rungs.c.status, rungs.c.due_at).where(
    rungs.c.clock_id.in_(bindparam("clocks", expanding=True))
)
_OF_CLOCK = Prepared(
    select(rungs.c.level, rungs.c.status, rungs.c.due_at).where(
        rungs.c.clock_id == bindparam("clock")
    )
)
_ADD = Prepared(insert(rungs))
_MOVE = Prepared(
    update(rungs)
    .where(
        rungs.c.clock_id == bindparam("of"),
        rungs.c.level == bindparam("rung"),
        rungs.c.status == "waiting",
    )
    .values(due_at=bindparam("due"), not_before=None)
)


def succeed(tx: Connection, clock_id: UUID, wanted: Sequence[RungPlan]) -> list[RungPlan]:
    """The rungs of a clock that goes on with another ladder: those up to the last that has fired
    stay, and of the other ladder come those that lie after it. The caller plans them anew."""
    kept, to_come = succession(rows_of(tx, clock_id), wanted)
    tx.execute(
        delete(rungs).where(
            rungs.c.clock_id == clock_id, rungs.c.level > len(kept), rungs.c.status == "waiting"
        )
    )
    return [*kept, *to_come]


def rows_of(tx: Connection, clock_id: UUID) -> Sequence[Row[Any]]:
    """The rungs of a clock, the first first."""
    return tx.execute(
        select(rungs).where(rungs.c.clock_id == clock_id).order_by(rungs.c.level)
    ).all()


def succession(
    rows: Sequence[Row[Any]], wanted: Sequence[RungPlan]
) -> tuple[list[RungPlan], list[RungPlan]]:
    """Of a clock with these rungs that goes on with another ladder: what stays, what comes."""
    highest = max((row.level for row in rows if row.status == "fired"), default=0)
    kept = [
        RungPlan(row.at_point, point(row.at_point, str(row.level)), row.act, row.to)
        for row in rows
        if row.level <= highest
    ]
    return kept, [rung for rung in wanted if _comes_after(kept, rung)]


def _comes_after(kept: Sequence[RungPlan], rung: RungPlan) -> bool:
    """Later than the last that was kept; at the same moment only what was not done then."""
    if not kept or not in_order([kept[-1], rung]):
        return not kept
    done = {(each.point, each.act) for each in kept}
    return not in_order([rung, kept[-1]]) or (rung.point, rung.act) not in done


def silence(tx: Connection, clock_id: UUID) -> None:
    """The clock is over: what has not fired never will."""
    silence_all(tx, [clock_id])


def silence_all(tx: Connection, clock_ids: Iterable[UUID]) -> None:
    """The same of several clocks."""
    _SILENCE.run_many(tx, [{"clock": clock_id} for clock_id in clock_ids])


_SILENCE = Prepared(
    update(rungs)
    .where(rungs.c.clock_id == bindparam("clock"), rungs.c.status == "waiting")
    .values(status="cancelled", due_at=None)
)


def instant_of(clock: Any, explained: Explained, at: Point, calendar: Calendar) -> datetime | None:
    """When the clock reaches a point (aware UTC); None while it stands still.

    A share of a limit in working days is a share of office hours, of any other limit a share of
    calendar time. `due+2wd` is the end of office hours of the second working day after.
    """
    if explained.due_at is None:
        return None
    if at.share is not None:
        return fraction_due_at(clock.started_at, explained, at.share, calendar)
    if at.working_days_after == 0:
        return explained.due_at
    day = calendar.nth_working_day(clock.due_on, at.working_days_after)
    opening = calendar.opening(day)
    return None if opening is None else opening[1]


def _row(clock: Row[Any], level: int, rung: dict[str, str], due: datetime | None) -> dict[str, Any]:
    return {
        "id": derived(clock.id, f"rung/{level}"),
        "office_id": clock.office_id,
        "case_id": clock.case_id,
        "clock_id": clock.id,
        "level": level,
        "at_point": rung["at"],
        "act": rung["do"],
        "to": rung["to"],
        "due_at": due,
        "status": "waiting",
        "attempts": 0,
    }
