"""The clock operations of diagrams (`clock.start` …); `app.py` wires them by name.

All run in the transaction of the step that asks.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from engine import events
from engine.actors import Actor, system
from engine.clock import legal_day
from engine.errors import Rejected
from engine.service_tasks import Request
from sla import clocks, outages
from sla.benches import rule_in_force
from sla.clock_rows import ledger_of, of_case
from sla.limits import DOUBTFUL, PROCESSING, ClockPlan, with_term
from sla.listeners import limits_of
from store.tables import cases


def start_clock(tx: Connection, request: Request, now: datetime) -> dict[str, Any]:
    """`clock.start`: inputs `clock`, optional `from` (date, or date and time), and `length`
    where the office sets the term. Without `from` it begins now; in the step of filing, when the
    case counts as filed."""
    begin = request.inputs.get("from") or _begins(tx, request, now)
    if not isinstance(begin, date):
        raise Rejected(
            "clock.from", f"Expected a date as the input 'from' of {request.element_id}, not a text"
        )
    on = legal_day(begin) if isinstance(begin, datetime) else begin
    plan, term = _plan(tx, request), request.inputs.get("length")
    if term is not None:
        law = rule_in_force(tx, request.case.office_id, plan.rule, on)
        plan = with_term(plan, term, law)
    due = clocks.start(tx, request.case, plan, clocks.Start(begin), _system(request), now)
    return {"due": due, "due_on": clocks.named(tx, request.case.id, plan.name).due_on}


def pause_clock(tx: Connection, request: Request, now: datetime) -> dict[str, Any]:
    """`clock.pause`: inputs `clock`, `ground`, optional `on`."""
    clock = clocks.named(tx, request.case.id, _name(request))
    ground = str(request.inputs.get("ground") or "correction")
    on = _on(request, now)
    if clock.status == "paused" and outages.is_held(ledger_of(tx, clock.id)):
        # The papers are missing longer than the system is down: from now on that is the ground.
        clocks.resume(tx, clock, on, _system(request), now)
        clock = clocks.named(tx, request.case.id, clock.name)
    if clock.status != "paused":
        for each in (clock, *_beside(tx, clock)):
            clocks.pause(tx, each, ground, on, _system(request), now)
        if clocks.named(tx, request.case.id, clock.name).status == "paused":
            events.announce(tx, events.LimitHeld(request.case, ground), now)
    return {}


def resume_clock(tx: Connection, request: Request, now: datetime) -> dict[str, Any]:
    """`clock.resume`: inputs `clock`, optional `on`."""
    clock = clocks.named(tx, request.case.id, _name(request))
    grounds = [entry.ground for entry in ledger_of(tx, clock.id) if entry.kind == "pause"]
    due = clocks.resume(tx, clock, _on(request, now), _system(request), now)
    for each in _beside(tx, clock):
        clocks.resume(tx, each, _on(request, now), _system(request), now)
    if clock.status == "paused" and grounds:
        events.announce(tx, events.LimitGoesOn(request.case, str(grounds[-1])), now)
    return {"due": due}


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


def _beside(tx: Connection, clock: Row[Any]) -> list[Row[Any]]:
    """The limit of a doubtful case stands still and goes on with the processing limit: what the
    applicant owes is owed to both, and no diagram knows of the deed that started it."""
    if clock.name != PROCESSING:
        return []
    return [each for each in of_case(tx, clock.case_id) if each.name == DOUBTFUL]


def _begins(tx: Connection, request: Request, now: datetime) -> datetime:
    """Now; in the step of filing, when the case was handed in."""
    if request.case.version > 1:
        return now
    filed_at: datetime | None = tx.scalar(_FILED_AT, {"case": request.case.id})
    return filed_at or now


_FILED_AT = select(cases.c.filed_at).where(cases.c.id == bindparam("case"))


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
    return str(request.inputs.get("clock") or PROCESSING)


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


def _system(request: Request) -> Actor:
    return system(request.case.office_id)
