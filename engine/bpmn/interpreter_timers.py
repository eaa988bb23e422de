"""When timers are due, and what a cycle does after each turn.

Durations are wall-clock durations in Asia/Taipei. A cycle keeps its first turn and counts from it
(`anchor` + k intervals), so neither lateness nor short months make it drift.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from engine.bpmn.definition import MissedTimer, Timer, TimerKind
from engine.bpmn.durations import Cycle, Duration, NotATime, parse_cycle
from engine.bpmn.interpreter_run import OFFICE_ZONE, Blocked, Run
from engine.bpmn.interpreter_variables import evaluate, evaluate_as
from engine.bpmn.state import Plan
from feel import Expression
from feel.errors import Fault
from feel.temporal import add_months
from feel.values import YearsMonths


def first_due(
    run: Run, timer: Timer, seen: Mapping[str, Any]
) -> tuple[datetime | None, Plan | None]:
    """Return when a timer set now is due (aware UTC), and its plan if it is a cycle.

    (None, None) for a timer that waits for a clock of the case. Raises Blocked.
    """
    if timer.expression is None:
        return None, None
    if timer.span is not None:
        return later(run.now, timer.span), None
    if timer.kind is TimerKind.DATE:
        return _moment(run, timer.expression, seen), None
    if timer.kind is TimerKind.DURATION:
        span = evaluate_as(
            run, timer.expression, seen, (timedelta, YearsMonths), "a duration such as P7D"
        )
        return later(run.now, _duration(span)), None
    return _first_turn(run, timer.expression, seen)


def _moment(run: Run, expression: Expression, seen: Mapping[str, Any]) -> datetime:
    value = evaluate_as(run, expression, seen, (date, datetime), "a date or a date and time")
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), OFFICE_ZONE).astimezone(UTC)
    if value.tzinfo is None:
        raise Blocked(
            "timer.no-zone",
            f"Expected `{expression.text}` to give a date and time with its zone, such as "
            f"{value.isoformat()}+08:00, but it has none",
        )
    return value.astimezone(UTC)


def _first_turn(run: Run, expression: Expression, seen: Mapping[str, Any]) -> tuple[datetime, Plan]:
    text = evaluate(run, expression, seen)
    cycle = _cycle(text, expression)
    if cycle.start is not None:
        due = cycle.start.astimezone(UTC)
        return due, Plan(text, due, 0)
    return later(run.now, cycle.every), Plan(text, run.now, 1)


def _cycle(text: Any, expression: Expression) -> Cycle:
    if type(text) is not str:
        raise Blocked(
            "feel.wrong-type",
            f'Expected `{expression.text}` to give a repeating interval such as "R3/PT1H"',
        )
    try:
        return parse_cycle(text)
    except NotATime as problem:
        raise Blocked("timer.cycle", str(problem)) from problem


def due_of(plan: Plan) -> datetime:
    """Return when the plan's present turn is due, aware UTC."""
    return later(plan.anchor, parse_cycle(plan.text).every, plan.turn)


def after_firing(plan: Plan, missed: MissedTimer, now: datetime) -> Plan | None:
    """Return the plan at the turn to wait for, once its present turn has fired or was skipped.

    `all` waits for the very next turn, due or not; the others for the next one in the future.
    None after the last turn, which is the plan's: turns that were missed count.
    """
    cycle = parse_cycle(plan.text)
    turn = plan.turn + 1
    if missed is not MissedTimer.ALL:
        turn = max(turn, _first_turn_after(now, plan.anchor, cycle.every))
    before_first = -1 if cycle.start is not None else 0
    if cycle.turns is not None and turn - before_first > cycle.turns:
        return None
    try:
        later(plan.anchor, cycle.every, turn)
    except Blocked:
        return None  # beyond the calendar
    return plan._replace(turn=turn)


def _first_turn_after(now: datetime, anchor: datetime, every: Duration) -> int:
    months = (now.year - anchor.year) * 12 + now.month - anchor.month
    # A turn or two too early on purpose; the loop below settles short months and offsets.
    turn = months // every.months - 1 if every.months else (now - anchor) // every.time - 1
    turn = max(turn, 0)
    while later(anchor, every, turn) <= now:
        turn += 1
    return turn


def is_skipped(plan: Plan, missed: MissedTimer, now: datetime) -> bool:
    """Say whether the present turn is one to forget: so late that the next one is due as well."""
    if missed is not MissedTimer.SKIP:
        return False
    try:
        return later(plan.anchor, parse_cycle(plan.text).every, plan.turn + 1) <= now
    except Blocked:
        return False  # there is no next one within the calendar


def _duration(span: timedelta | YearsMonths) -> Duration:
    return Duration(months=span.total) if isinstance(span, YearsMonths) else Duration(time=span)


def later(start: datetime, every: Duration, times: int = 1) -> datetime:
    """Return `start` plus `times` wall-clock durations in Asia/Taipei, in UTC. Raises Blocked."""
    local = start.astimezone(OFFICE_ZONE)
    try:
        day = add_months(local, every.months * times) if every.months else local
        moved = datetime.combine(day, local.timetz())
        return (moved + every.time * times).astimezone(UTC)
    except (Fault, OverflowError) as problem:
        raise Blocked(
            "timer.range", f"Expected a due time before the year 10000: {problem}"
        ) from None
