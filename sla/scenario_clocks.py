"""The clocks of a rehearsed case: ledgers like those of real cases, on the national calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from engine.bpmn.scenario import (
    ScenarioError,
)
from engine.clock import legal_day
from sla.explanation import national_calendar
from sla.ledger import Entry, is_paused, replay
from sla.limits import ClockPlan, Limits, point, with_term
from sla.periods import DEFAULTS
from sla.progress import fraction_due_at
from sla.rules import rule
from sla.steps import Explained, Moment

Values = Mapping[str, Any]


@dataclass(slots=True)
class _Clock:
    """One clock of the rehearsed case: its plan, its ledger, and when it was met."""

    plan: ClockPlan
    started_at: datetime
    entries: list[Entry]
    met: bool = False

    def explained(self) -> Explained:
        start = self.entries[0]
        version = rule(self.plan.rule, start.on_day).with_length(self.plan.length, self.plan.unit)
        return replay(version, self.entries, national_calendar(start.on_day.year), DEFAULTS)


@dataclass(slots=True)
class ScenarioClocks:
    """The clocks of one run, kept as `engine.bpmn.scenario.Clocks` wants them."""

    limits: Limits
    _clocks: dict[str, _Clock] = field(default_factory=dict)

    def filed(self, now: datetime, data: Values, values: Values) -> None:
        """Start what filing starts, and the clocks whose event the applicant told us of."""
        for plan in self.limits.clocks.values():
            begin: Any = now if plan.start == "filed" else None
            if plan.event is not None:
                begin = plan.event({**values, "data": data})
            if isinstance(begin, date):
                self._start(plan, begin, now)
                if plan.stop == "filed":
                    self._clocks[plan.name].met = True

    def operate(self, operation: str, inputs: Values, now: datetime) -> Values:
        """Do one `clock.*` operation; what it answers is what `sla.listeners` answers."""
        name = str(inputs.get("clock") or "processing")
        if operation == "clock.start":
            return self._begin(name, inputs.get("from") or now, inputs.get("length"), now)
        clock = self._clocks.get(name)
        if operation == "clock.stop":
            return self._stop(clock, _day(inputs.get("on"), now))
        if clock is None:
            raise ScenarioError(f"Expected a running clock {name!r} for {operation}")
        kind = operation.removeprefix("clock.")
        if is_paused(clock.entries) != (kind == "pause"):
            ground = str(inputs.get("ground") or "correction") if kind == "pause" else None
            clock.entries.append(Entry(kind, now, _day(inputs.get("on"), now), ground=ground))
        return {"due": clock.explained().due_at} if kind == "resume" else {}

    def reaches(self, clock: str, at: str) -> datetime | None:
        """Return when the clock reaches a share of itself, its due time, or working days after."""
        known = self._clocks.get(clock)
        if known is None or known.met or is_paused(known.entries):
            return None
        explained, wanted = known.explained(), point(at, clock)
        if wanted.share is None:
            return _after(explained, wanted.working_days_after)
        calendar = national_calendar(known.entries[0].on_day.year)
        return fraction_due_at(known.started_at, explained, wanted.share, calendar)

    def statuses(self, now: datetime) -> Mapping[str, str]:
        """Return what a person would see: overdue is derived from `now`."""
        return {name: _status(clock, now) for name, clock in self._clocks.items()}

    def closed(self, now: datetime) -> None:
        """The case has ended, and so have its clocks."""
        for clock in self._clocks.values():
            clock.met = True

    def _begin(self, name: str, begin: Moment, term: Any, now: datetime) -> Values:
        plan = self.limits.clocks.get(name)
        if plan is None:
            raise ScenarioError(f"Expected the clock {name!r} in limits.yaml; add it there")
        if name not in self._clocks:  # started twice is once
            law = rule(plan.rule, _day(begin, now))
            self._start(with_term(plan, term, law), begin, now)
        explained = self._clocks[name].explained()
        return {"due": explained.due_at, "due_on": explained.due}

    def _start(self, plan: ClockPlan, begin: Moment, now: datetime) -> None:
        is_instant = isinstance(begin, datetime)
        day = legal_day(begin) if isinstance(begin, datetime) else begin
        at = begin if isinstance(begin, datetime) else now
        entry = Entry("start", at, day, detail={"instant": is_instant})
        self._clocks[plan.name] = _Clock(plan, at, [entry])

    @staticmethod
    def _stop(clock: _Clock | None, on: date) -> Values:
        if clock is None:
            return {"due": None, "days_late": 0}
        clock.met = True
        explained = clock.explained()
        last = explained.due
        if isinstance(last, datetime):  # a limit in hours ends at an instant
            last = legal_day(last)
        late = 0 if last is None else (on - last).days
        return {"due": explained.due_at, "days_late": max(0, late)}


def _after(explained: Explained, working_days: int) -> datetime | None:
    """The due time, or the end of office hours of that working day after it."""
    due = explained.due_at
    if due is None or working_days == 0:
        return due
    last = explained.due
    day = legal_day(last) if isinstance(last, datetime) else last
    if day is None:
        return None
    calendar = national_calendar(day.year)
    opening = calendar.opening(calendar.nth_working_day(day, working_days))
    return None if opening is None else opening[1]


def _status(clock: _Clock, now: datetime) -> str:
    if clock.met:
        return "met"
    if is_paused(clock.entries):
        return "paused"
    due = clock.explained().due_at
    return "overdue" if due is not None and due <= now else "running"


def _day(given: Any, now: datetime) -> date:
    if isinstance(given, datetime):
        return legal_day(given)
    return given if isinstance(given, date) else legal_day(now)
