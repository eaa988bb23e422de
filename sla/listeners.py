"""What legal time does when the engine announces something, and the operations of diagrams.

`app.py` wires these: the listeners by event, the operations by name. All run in the transaction
of the step that caused them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from engine import deployments, events
from engine.actors import Actor, system
from engine.bpmn.facts import Values
from engine.clock import legal_day
from engine.errors import Rejected
from engine.service_tasks import Request
from sla import clocks
from sla.clock_rows import of_case
from sla.followers import arm_timers, tell_urgency
from sla.limits import NO_LIMITS, ClockPlan, Limits, parse
from sla.steps import Moment
from store.tables import clocks as clocks_table

# --- events -------------------------------------------------------------------------------------


def case_filed(tx: Connection, event: events.CaseFiled, now: datetime) -> None:
    """Start the clocks that filing starts, and those whose event the applicant told us of."""
    for plan in limits_of(tx, event.case).clocks.values():
        if plan.start == "operation":
            continue
        begin = event.filed_at if plan.start == "filed" else _event_day(plan, event)
        if begin is None:
            continue
        clocks.start(tx, event.case, plan, clocks.Start(begin), event.actor, now)
        if plan.stop == "filed":
            # The citizen's own window: filing is what keeps it, on time or late.
            clocks.stop(tx, clocks.named(tx, event.case.id, plan.name), event.actor, now)


def user_task_created(tx: Connection, event: events.UserTaskCreated, now: datetime) -> None:
    """A task with a limit of its own gets a clock; every task learns how urgent its case is."""
    plan = limits_of(tx, event.case).tasks.get(event.limit or "")
    if plan is None:
        tell_urgency(tx, event.case.id)
        return
    begin = clocks.Start(now, task_id=event.task_id)
    clocks.start(tx, event.case, plan, begin, system(event.case.office_id), now)


def user_task_ended(tx: Connection, event: events.UserTaskEnded, now: datetime) -> None:
    clock = tx.execute(
        select(clocks_table).where(
            clocks_table.c.task_id == event.task_id, clocks_table.c.status != "met"
        )
    ).first()
    if clock is not None:
        clocks.stop(tx, clock, system(event.case.office_id), now)


def timer_scheduled(tx: Connection, event: events.ClockTimerScheduled, now: datetime) -> None:
    """A timer names a clock: arm it now, and whenever the clock moves."""
    arm_timers(tx, event.case.id)


def case_ended(
    tx: Connection, event: events.CaseClosed | events.CaseWithdrawn, now: datetime
) -> None:
    clocks.stop_all(tx, event.case.id, event.actor, now)


# --- operations ---------------------------------------------------------------------------------


def start_clock(tx: Connection, request: Request, now: datetime) -> dict[str, Any]:
    """`clock.start`: inputs `clock`, optional `from` (date, or date and time)."""
    plan = _plan(tx, request)
    begin = request.inputs.get("from") or now
    if not isinstance(begin, date):
        raise Rejected(
            "clock.from", f"Expected a date as the input 'from' of {request.element_id}, not a text"
        )
    due = clocks.start(tx, request.case, plan, clocks.Start(begin), _system(request), now)
    return {"due": due, "due_on": clocks.named(tx, request.case.id, plan.name).due_on}


def pause_clock(tx: Connection, request: Request, now: datetime) -> dict[str, Any]:
    """`clock.pause`: inputs `clock`, `ground`, optional `on`."""
    clock = clocks.named(tx, request.case.id, _name(request))
    ground = str(request.inputs.get("ground") or "correction")
    clocks.pause(tx, clock, ground, _on(request, now), _system(request), now)
    return {}


def resume_clock(tx: Connection, request: Request, now: datetime) -> dict[str, Any]:
    """`clock.resume`: inputs `clock`, optional `on`."""
    clock = clocks.named(tx, request.case.id, _name(request))
    return {"due": clocks.resume(tx, clock, _on(request, now), _system(request), now)}


def stop_clock(tx: Connection, request: Request, now: datetime) -> dict[str, Any]:
    """`clock.stop`: inputs `clock`, optional `on` (the day that counts, such as a postmark).

    Answers `due` and `days_late`, the calendar days after the last day. A clock that never
    started is left alone: nobody can be late for it.
    """
    on = _on(request, now)
    for clock in of_case(tx, request.case.id):
        if clock.name == _name(request) and clock.task_id is None:
            clocks.stop(tx, clock, _system(request), now, on)
            late = 0 if clock.due_on is None else max(0, (on - clock.due_on).days)
            return {"due": clock.due_at, "days_late": late}
    return {"due": None, "days_late": 0}


OPERATIONS = {
    "clock.start": start_clock,
    "clock.pause": pause_clock,
    "clock.resume": resume_clock,
    "clock.stop": stop_clock,
}


def limits_of(tx: Connection, case: events.CaseRef) -> Limits:
    """The limits the case was filed with."""
    content = deployments.definition(tx, case.definition_id).limits
    return NO_LIMITS if content is None else parse(content, f"limits of {case.package_id}")


def _plan(tx: Connection, request: Request) -> ClockPlan:
    plan = limits_of(tx, request.case).clocks.get(_name(request))
    if plan is None:
        raise Rejected(
            "clock.unplanned",
            f"Expected the clock {_name(request)!r} in limits.yaml of {request.case.package_id}; "
            f"add it, or mend the input of {request.element_id}",
        )
    return plan


def _name(request: Request) -> str:
    return str(request.inputs.get("clock") or "processing")


def _on(request: Request, now: datetime) -> date:
    on = request.inputs.get("on")
    if on is None:
        return legal_day(now)
    if isinstance(on, datetime):
        return legal_day(on)
    if isinstance(on, date):
        return on
    raise Rejected(
        "clock.on", f"Expected a date as the input 'on' of {request.element_id}, not a text"
    )


def _event_day(plan: ClockPlan, event: events.CaseFiled) -> Moment | None:
    if plan.event is None:
        return None
    context: Values = {**event.variables, "data": event.data}
    day = plan.event(context)
    # Not told yet, or not this kind of case: the diagram can start the clock later.
    return day if isinstance(day, date) else None


def _system(request: Request) -> Actor:
    return system(request.case.office_id)
