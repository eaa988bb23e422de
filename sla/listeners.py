"""What legal time does when the engine announces something; `app.py` wires these by event.

All run in the transaction of the step that caused them.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, bindparam, select

from engine import deployments, events
from engine.actors import system
from engine.bpmn.facts import Values
from engine.clock import legal_day
from engine.errors import Rejected
from engine.incidents import raise_incident
from sla import clocks
from sla.followers import arm_timers
from sla.limits import NO_LIMITS, ClockPlan, Limits, parse
from sla.steps import Moment
from store.prepared import Prepared
from store.tables import clocks as clocks_table


def case_filed(tx: Connection, event: events.CaseFiled, now: datetime) -> None:
    """Start the clocks that filing starts, and those whose event the applicant told us of."""
    for plan in limits_of(tx, event.case).clocks.values():
        if plan.start == "filed":
            _start(tx, plan, event.filed_at, event, now)
        elif plan.event is not None:
            _start_by_event(tx, plan, event, now)


def _start_by_event(
    tx: Connection, plan: ClockPlan, event: events.CaseFiled, now: datetime
) -> None:
    day = _event_day(plan, event)
    if day is None:
        return
    try:
        with tx.begin_nested():
            _start(tx, plan, day, event, now)
    except Rejected as unknown:
        # An event of long ago, under law that is not on file. The office has to take the case all
        # the same; a person finds out what the limit was.
        raise_incident(
            tx,
            now,
            office_id=event.case.office_id,
            case_id=event.case.id,
            source="engine",
            code="clock.not_started",
            message=f"The clock {plan.name!r} was not started: {unknown.message}",
        )


def _start(
    tx: Connection, plan: ClockPlan, begin: Moment, event: events.CaseFiled, now: datetime
) -> None:
    clocks.start_with_case(tx, event.case, plan, clocks.Start(begin), event.actor, now)
    if plan.stop == "filed":
        # The citizen's own window: filing is what keeps it, on time or late.
        window = clocks.named(tx, event.case.id, plan.name)
        clocks.stop(tx, window, event.actor, now, legal_day(event.filed_at))


def user_task_created(tx: Connection, event: events.UserTaskCreated, now: datetime) -> None:
    """A task with a limit of its own gets a clock; its row was written with its case's urgency."""
    plan = None if event.limit is None else limits_of(tx, event.case).tasks.get(event.limit)
    if plan is None:
        return
    begin = clocks.Start(now, task_id=event.task_id)
    clocks.start(tx, event.case, plan, begin, system(event.case.office_id), now)


def user_task_ended(tx: Connection, event: events.UserTaskEnded, now: datetime) -> None:
    if event.limit is None:
        return
    clock = _OPEN_CLOCK_OF_TASK.first(tx, {"task": event.task_id})
    if clock is not None:
        clocks.stop(tx, clock, system(event.case.office_id), now)


_OPEN_CLOCK_OF_TASK = Prepared(
    select(clocks_table).where(
        clocks_table.c.task_id == bindparam("task"), clocks_table.c.status != "met"
    )
)


def timer_scheduled(tx: Connection, event: events.ClockTimerScheduled, now: datetime) -> None:
    """A timer names a clock: arm it now, and whenever the clock moves."""
    arm_timers(tx, event.case.id)


def case_ended(
    tx: Connection, event: events.CaseClosed | events.CaseWithdrawn, now: datetime
) -> None:
    clocks.stop_all(tx, event.case.id, event.actor, now)


def limits_of(tx: Connection, case: events.CaseRef) -> Limits:
    """The limits the case was filed with."""
    content = deployments.definition(tx, case.definition_id).limits
    return NO_LIMITS if content is None else parse(content, f"limits of {case.package_id}")


def _event_day(plan: ClockPlan, event: events.CaseFiled) -> Moment | None:
    if plan.event is None:
        return None
    context: Values = {**event.variables, "data": event.data}
    day = plan.event(context)
    # Not told yet, or not this kind of case: the diagram can start the clock later.
    return day if isinstance(day, date) else None
