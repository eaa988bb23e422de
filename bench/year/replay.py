"""The year worked out again from its ledgers: every clock, every rung, every figure.

Nothing is read from the rows the product computed. An act of the ledger, an edit of the calendar
and a change of a setting are events of a clock; after each its day is computed with what was known
then, and between two the rungs that have become due fire, lower ones first.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from bench.year.records import Given, month_of
from sla.clock_rows import begun_with, due_on, rule_of
from sla.ladders import instant_of
from sla.ledger import Entry, replay
from sla.limits import point
from sla.on_time import Share
from sla.parties import Party, party_of
from sla.steps import Explained


@dataclass(frozen=True, slots=True)
class State:
    """A clock from a moment on. `result` is None once it was stopped."""

    since: datetime
    status: str
    due_at: datetime | None
    result: Explained | None


@dataclass(slots=True)
class Rung:
    """One rung: where it stands, and when it fired."""

    level: int
    act: str
    to: str
    at_point: str
    due_at: datetime | None = None
    fired_at: datetime | None = None
    status: str = "waiting"


@dataclass(slots=True)
class Replayed:
    """One clock, from its first act to the end of the year."""

    promise: Any
    party: str
    states: list[State] = field(default_factory=list)
    recalculated: list[tuple[datetime, datetime | None, datetime | None]] = field(
        default_factory=list
    )
    dues: list[tuple[datetime | None, datetime | None]] = field(default_factory=list)
    rungs: list[Rung] = field(default_factory=list)
    started_on: date | None = None

    @property
    def last(self) -> State:
        return self.states[-1]

    @property
    def counted(self) -> State:
        """The last state that was computed: a stop computes nothing."""
        return next(state for state in reversed(self.states) if state.result is not None)

    def at(self, moment: datetime) -> State | None:
        """The state at a moment; None before the first."""
        found = None
        for state in self.states:
            if state.since > moment:
                break
            found = state
        return found


def relive(given: Given, promise: Any, end: datetime) -> Replayed:
    """One clock as it stands at `end` (aware UTC). Raises PeriodError where the sources make an
    act unlawful that was done."""
    return _One(given, promise, end).run()


class _One:
    def __init__(self, given: Given, promise: Any, end: datetime) -> None:
        self._given, self._end = given, end
        self._acts = given.acts[promise.id]
        first = self._acts[0]
        law = begun_with(promise, first.on_day)
        self._made = Replayed(promise, party_of(law.kind), started_on=first.on_day)
        self._made.rungs = [
            Rung(level, each["do"], each["to"], each["at"])
            for level, each in enumerate(promise.ladder["rungs"], 1)
        ]
        self._entries: list[Entry] = []

    def run(self) -> Replayed:
        events = self._events()
        for number, (at, act) in enumerate(events):
            self._fire_until(at)
            if self._made.states and self._made.last.status == "met":
                break
            if act is None:
                self._known_otherwise(at)
            else:
                self._act(act)
            later = events[number + 1][0] if number + 1 < len(events) else None
            if later is None:
                self._fire_until(self._end + timedelta.resolution)
        return self._made

    def _events(self) -> list[tuple[datetime, Entry | None]]:
        """Acts and edits in the order of time: an edit comes after the acts of its moment."""
        # A clock begins when it was entered, which may be long before or after the event of law.
        entered = self._entered()
        edits = [(at, 1, None) for at in self._given.changes if at > entered]
        acts = [(entered if act.kind == "start" else act.at, 0, act) for act in self._acts]
        merged = heapq.merge(acts, edits, key=lambda each: (each[0], each[1]))
        return [(at, act) for at, _, act in merged]

    def _entered(self) -> datetime:
        return self._made.promise.entered_at  # type: ignore[no-any-return]

    # --- acts -----------------------------------------------------------------------------------

    def _act(self, act: Entry) -> None:
        self._entries.append(act)
        before = self._made.last.due_at if self._made.states else None
        if act.kind == "stop":
            self._made.dues.append((before, None))
            state = State(act.at, "met", before, None)
            self._made.states.append(state)
            for rung in self._waiting():
                rung.status, rung.due_at = "cancelled", None
            return
        at = self._entered() if act.kind == "start" else act.at
        result = self._result(at)
        self._made.dues.append((before, result.due_at))
        self._stand(at, result)

    def _known_otherwise(self, at: datetime) -> None:
        """An edit of the calendar or a setting: a limit that moves has a line in its ledger."""
        result, before = self._result(at), self._made.last.due_at
        if result.due_at != before:
            self._made.recalculated.append((at, before, result.due_at))
        self._stand(at, result)

    def _result(self, at: datetime) -> Explained:
        bench = self._given.bench_at(at)
        rule = rule_of(self._made.promise, self._entries)
        return replay(rule, self._entries, bench.calendar, bench.settings)

    def _stand(self, at: datetime, result: Explained) -> None:
        status = "paused" if result.due_at is None else "running"
        self._made.states.append(State(at, status, result.due_at, result))
        bench = self._given.bench_at(at)
        clock: Any = SimpleNamespace(started_at=self._entries[0].at, due_on=due_on(result))
        for rung in self._waiting():
            rung.due_at = instant_of(
                clock,
                result,
                point(rung.at_point, "replay"),
                bench.calendar,
            )

    # --- rungs ----------------------------------------------------------------------------------

    def _waiting(self) -> Sequence[Rung]:
        return [rung for rung in self._made.rungs if rung.status == "waiting"]

    def _fire_until(self, moment: datetime) -> None:
        """The lowest waiting rung fires at its time, or at once if that has passed; then the next.
        An act of the very moment comes first."""
        if not self._made.states:
            return
        now = self._made.last.since
        for rung in self._waiting():
            if rung.due_at is None or max(rung.due_at, now) >= moment:
                return
            now = max(rung.due_at, now)
            rung.status, rung.fired_at = "fired", now


# --- figures --------------------------------------------------------------------------------------


@dataclass(slots=True)
class Figures:
    """What the reports of the year must say; `open_…` without the confidential cases, which the
    desk counts for those who may see them and no report counts for anybody."""

    cases: Counter[tuple[int, bool]] = field(default_factory=Counter)
    tasks: Counter[tuple[int, bool]] = field(default_factory=Counter)
    open_cases: Counter[tuple[int, bool]] = field(default_factory=Counter)
    open_tasks: Counter[tuple[int, bool]] = field(default_factory=Counter)
    fired: Counter[tuple[int, str]] = field(default_factory=Counter)
    late: dict[datetime, set[UUID]] = field(default_factory=dict)
    office_late: dict[datetime, set[UUID]] = field(default_factory=dict)
    whole_late: dict[datetime, set[UUID]] = field(default_factory=dict)
    paused: dict[datetime, set[UUID]] = field(default_factory=dict)

    def add(self, made: Replayed, given: Given, moments: Sequence[datetime]) -> None:
        """Count one clock in."""
        for rung in made.rungs:
            if rung.fired_at is not None:
                self.fired[month_of(rung.fired_at), rung.act] += 1
        self._ended(made, given)
        for moment in moments:
            self._standing(made, moment)

    def _ended(self, made: Replayed, given: Given) -> None:
        last, task = made.last, made.promise.task_id
        if last.status != "met" or made.party != Party.OFFICE:
            return
        in_time = last.due_at is None or last.since <= last.due_at
        if task is not None and task not in given.completed_tasks:
            return
        ended = [self.cases if task is None else self.tasks]
        if not made.promise.confidential:
            ended.append(self.open_cases if task is None else self.open_tasks)
        for counted in ended:
            counted[month_of(last.since), in_time] += 1

    def _standing(self, made: Replayed, moment: datetime) -> None:
        state, case_id = made.at(moment), made.promise.case_id
        if state is None or state.status == "met":
            return
        if state.status == "paused":
            self.paused.setdefault(moment, set()).add(case_id)
        elif state.due_at is not None and state.due_at <= moment:
            self.late.setdefault(moment, set()).add(case_id)
            if made.party == Party.OFFICE:
                self.office_late.setdefault(moment, set()).add(case_id)
                if made.promise.task_id is None:
                    self.whole_late.setdefault(moment, set()).add(case_id)


def share(counted: Counter[tuple[int, bool]], month: int) -> Share:
    """How many limits ended in a month, and how many of them in time."""
    kept, late = counted[month, True], counted[month, False]
    return Share(kept, kept + late)
