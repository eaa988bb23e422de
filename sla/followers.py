"""What follows a clock in the same transaction: rungs, timers of diagrams, the urgency of tasks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, and_, bindparam, func, or_, select, update

from engine import timers as engine_timers
from sla import ladders
from sla.benches import Bench, along, bench_of, lawful
from sla.clock_rows import ledger_of, of_case, rule_of
from sla.ledger import replay
from sla.limits import point
from sla.parties import Party
from sla.steps import Explained
from store.database import wake
from store.prepared import Prepared
from store.tables import clocks, timers, user_tasks


def follow(
    tx: Connection, clock: Row[Any], explained: Explained, bench: Bench, *, is_new: bool = False
) -> None:
    """Move everything that follows a clock to where it is now."""
    set_ladder(tx, clock, explained, bench, is_new=is_new)
    arm_timers(tx, clock.case_id)
    tell_urgency(tx, clock.case_id)


def follow_all(tx: Connection, moved: Sequence[ladders.Followed], bench: Bench) -> None:
    """As `follow`, for many clocks of one office that have moved, in a handful of statements."""
    set_ladders(tx, moved, bench)
    owners = _owners(moved)
    _arm_all(tx, owners)
    _TELL_URGENCY.run_many(tx, [{"case": case_id} for case_id in owners])


def follow_still(tx: Connection, still: Sequence[ladders.Followed], bench: Bench) -> None:
    """As `follow_all`, for clocks whose end stands although the calendar has changed: a share of
    the time before it, or a day behind it, may lie elsewhere now. No urgency has changed."""
    set_ladders(tx, still, bench)
    _arm_all(tx, _owners(still))


def _owners(followed: Sequence[ladders.Followed]) -> list[UUID]:
    return list(dict.fromkeys(clock.case_id for clock, _ in followed))


def _arm_all(tx: Connection, owners: Sequence[UUID]) -> None:
    """Set the timers of those of the cases in which any waits for a clock."""
    waiting = select(timers.c.case_id).where(
        timers.c.case_id.in_(owners), timers.c.status == "waiting", timers.c.clock.is_not(None)
    )
    for case_id in tx.scalars(waiting.distinct().order_by(timers.c.case_id)).all():
        arm_timers(tx, case_id)


def set_ladders(tx: Connection, clocks_: Sequence[ladders.Followed], bench: Bench) -> None:
    """Move the rungs of these clocks to where they are now."""
    if lawful(lambda: ladders.plan_all(tx, clocks_, bench.calendar)):
        wake(tx, "rungs")


def set_ladder(
    tx: Connection, clock: Row[Any], explained: Explained, bench: Bench, *, is_new: bool = False
) -> None:
    """Move the rungs of a clock to where it is now; a new one has none yet."""
    if lawful(lambda: ladders.plan(tx, clock, explained, bench.calendar, is_new=is_new)):
        wake(tx, "rungs")


def fall_silent(tx: Connection, clock: Row[Any]) -> None:
    """The clock is over: its rungs never fire, and nothing waits for it."""
    ladders.silence(tx, clock.id)
    arm_timers(tx, clock.case_id)
    tell_urgency(tx, clock.case_id)


def silence(tx: Connection, over: Iterable[Row[Any]]) -> None:
    """These clocks are over with their case, in which nothing waits any more but rungs."""
    ladders.silence_all(tx, [clock.id for clock in over])


def tell_urgency(tx: Connection, case_id: UUID) -> None:
    """Every open task of the case learns when the first clock of the office it is under ends. A
    term of the applicant presses on nobody here: what it leads to is asked for by its ladder."""
    _TELL_URGENCY.run(tx, {"case": case_id})


_SOONEST = (
    select(func.min(clocks.c.due_at))
    .where(
        clocks.c.status == "running",
        clocks.c.party == Party.OFFICE.value,
        or_(
            clocks.c.task_id == user_tasks.c.id,
            and_(clocks.c.case_id == user_tasks.c.case_id, clocks.c.task_id.is_(None)),
        ),
    )
    .scalar_subquery()
)
_TELL_URGENCY = Prepared(
    update(user_tasks)
    .where(
        user_tasks.c.case_id == bindparam("case"),
        or_(user_tasks.c.status == "unclaimed", user_tasks.c.status == "claimed"),
    )
    .values(urgent_at=_SOONEST)
)


_WAITING_FOR_CLOCKS = Prepared(
    select(timers.c.id, timers.c.due_at, timers.c.clock, timers.c.point).where(
        timers.c.case_id == bindparam("case"),
        timers.c.status == "waiting",
        timers.c.clock.is_not(None),
    )
)


def arm_timers(tx: Connection, case_id: UUID) -> None:
    """Set the due times of the timers that wait for clocks of the case."""
    waiting = _WAITING_FOR_CLOCKS.all(tx, {"case": case_id})
    if not waiting:
        return
    by_name = {clock.name: clock for clock in of_case(tx, case_id) if clock.task_id is None}
    for timer in waiting:
        clock = by_name.get(timer.clock)
        due = None if clock is None else _moment(tx, clock, timer.point)
        if due != timer.due_at:
            engine_timers.arm(tx, timer.id, due)


def _moment(tx: Connection, clock: Row[Any], at: str) -> datetime | None:
    if clock.status != "running":
        return None
    if at == "due":
        due: datetime = clock.due_at
        return due
    entries = ledger_of(tx, clock.id)
    bench = along(tx, bench_of(tx, clock.office_id, clock.calendar_known), entries)

    def reached() -> datetime | None:
        explained = replay(rule_of(clock, entries), entries, bench.calendar, bench.settings)
        return ladders.instant_of(clock, explained, point(at, clock.name), bench.calendar)

    return lawful(reached)
